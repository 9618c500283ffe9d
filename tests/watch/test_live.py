"""The real command, the real Nmap: a rogue listener opens, an alert arrives; it closes, and that arrives too."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from iacdrift.demo.listeners import Service, listening
from tests.alerts.receivers import http
from tests.command import iacdrift
from tests.needs import needs
from tests.watch.process import watching

pytestmark = [pytest.mark.live, needs("nmap")]

ADDRESS = "127.44.61.7"
CODE = f"schema: iacdrift/expectation/1\nexpectations:\n  - name: shop\n    host: {ADDRESS}\n    open: [18061/tcp]\n"
FILE = """
[history]
url = "history.db"

[[target]]
name = "shop"
from = "code.yaml"
vantage = "internet"
ports = "16379,18061"
every = "1s"
full-every = "never"

[[alert]]
name = "ops"
webhook_env = "OPS_HOOK"
"""


def test_a_rogue_listener_is_alerted_and_its_end_too(tmp_path: Path) -> None:
    (tmp_path / "code.yaml").write_text(CODE)
    (tmp_path / "iacdrift.toml").write_text(FILE)
    declared, rogue = Service(ADDRESS, 18061, "http"), Service(ADDRESS, 16379, "redis")
    with http() as hook, listening((declared,)), watching(tmp_path, env={"OPS_HOOK": hook.url}) as watch:
        watch.until(watch.looked)
        with listening((rogue,)):
            watch.until(lambda: len(hook.posts) == 1)
        watch.until(lambda: len(hook.posts) == 2)
        assert [(told["event"], told["kind"], told["ports"], told["target"]) for told in hook.documents] == [
            ("new", "exposed", "16379", "shop"),
            ("resolved", "exposed", "16379", "shop"),
        ]
        assert watch.end(signal.SIGTERM) == 0
        assert "hook" not in "".join(watch.said)
    listed = iacdrift("history", "list", "--findings", "--all", cwd=tmp_path)
    assert "resolved 20" in listed.out
    assert "ops" in iacdrift("alert", "list", cwd=tmp_path).out


def test_check_sends_the_alert_and_a_failed_one_is_a_failed_run_behind_the_report(tmp_path: Path) -> None:
    (tmp_path / "code.yaml").write_text(CODE)
    (tmp_path / "iacdrift.toml").write_text(FILE)
    declared, rogue = Service(ADDRESS, 18061, "http"), Service(ADDRESS, 16379, "redis")
    with http() as hook, listening((declared, rogue)):
        env = {"OPS_HOOK": hook.url}
        hook.answer = lambda: 500
        failed = iacdrift("check", "--target", "shop", cwd=tmp_path, env=env)
        assert failed.code == 2
        assert failed.out.startswith("DRIFT")
        assert "answered with 500" in failed.err
        assert hook.url not in failed.err + failed.out
        hook.answer = lambda: 200
        again = iacdrift("check", "--target", "shop", cwd=tmp_path, env=env)
        assert (again.code, len(hook.posts)) == (1, 1)
        [finding] = [word for word in again.out.split() if word.startswith("exposed-")]
    with http() as hook, listening((declared,)):
        confirmed = iacdrift("check", "--target", "shop", "--finding", finding, cwd=tmp_path, env={"OPS_HOOK": hook.url})
        assert "Traceback" not in confirmed.err
        assert [told["event"] for told in hook.documents] == ["resolved"]


def test_with_settle_what_starts_late_is_no_alarm_and_the_report_is_written_as_a_file(tmp_path: Path) -> None:
    """The declared service comes up seconds after the first look began: without `settle` that look says DRIFT."""
    (tmp_path / "code.yaml").write_text(CODE)
    (tmp_path / "iacdrift.toml").write_text(FILE.replace('every = "1s"', 'every = "1h"\nsettle = 60\noutput = "json:r-{target}.json"'))
    with http() as hook, watching(tmp_path, env={"OPS_HOOK": hook.url}) as watch:
        time.sleep(6)
        with listening((Service(ADDRESS, 18061, "http"),)):
            watch.until(lambda: (tmp_path / "r-shop.json").exists() and watch.looked())
        assert not any(": DRIFT" in line for line in watch.said)
        assert hook.posts == []
        assert watch.end(signal.SIGTERM) == 0
    assert json.loads((tmp_path / "r-shop.json").read_text())["verdict"] == "in_sync"


def test_a_baseline_is_saved_by_a_scan_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "code.yaml").write_text(CODE.replace("open: [18061/tcp]", "open: [18061/tcp]\n    allowed: [16379/tcp]"))
    (tmp_path / "iacdrift.toml").write_text(FILE.partition("[[alert]]")[0])
    declared, later = Service(ADDRESS, 18061, "http"), Service(ADDRESS, 16379, "redis")
    with listening((declared,)):
        saved = iacdrift("baseline", "save", cwd=tmp_path)
        assert (saved.code, "saved as default: 1 listeners on 1 hosts" in saved.err) == (0, True), saved.err
        assert "18061" in iacdrift("baseline", "show", cwd=tmp_path).out
        assert iacdrift("check", "--baseline", "default", cwd=tmp_path).code == 0
        with listening((later,)):
            found = iacdrift("check", "--baseline", "default", "--format", "json", cwd=tmp_path)
    assert found.code == 1, found.err
    assert "new_listener" in [item["kind"] for item in json.loads(found.out)["findings"]]
    assert iacdrift("baseline", "accept", "--all", cwd=tmp_path).code == 0
