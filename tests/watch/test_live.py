"""The real command, the real Nmap: a rogue listener opens, an alert arrives; it closes, and that arrives too."""

from __future__ import annotations

import signal
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
