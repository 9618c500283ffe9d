"""`--vantage` repeated, on the command line and in Python: a matrix, without packets and with them."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from iacdrift.errors import UsageError
from iacdrift.vantages import expected_from
from tests.alerts.receivers import http
from tests.command import iacdrift
from tests.needs import needs
from tests.shop import Shop

NOBODY_LISTENS = "schema: iacdrift/expectation/1\nexpectations:\n  - host: 127.44.62.8\n    open: [18062/tcp]\n"
TWO = ("--vantage", "office=203.0.113.9", "--vantage", "internet")


def test_expect_gives_the_matrix_without_packets(shop: Shop) -> None:
    ran = iacdrift("expect", "--from", "plan.json", *TWO, "--format", "json", cwd=shop.directory)
    document = json.loads(ran.out)
    assert (ran.code, document["schema"], document["vantages"]) == (0, "iacdrift/matrix/1", ["office", "internet"])
    one = iacdrift("expect", "--from", "plan.json", "--vantage", "internet", "--format", "json", cwd=shop.directory)
    assert document["surfaces"][1] == {"name": "internet", "surface": json.loads(one.out)}


def test_formats_and_commands_without_a_matrix_say_so_before_anything_is_sent(shop: Shop) -> None:
    for words in (
        ("check", "--format", "sarif"),
        ("check", "-o", "junit:x.xml"),
        ("check", "--finding", "x"),
        ("explain", "127.44.0.10:80"),
        ("check", "--resume", "j", "--executor", "dask://127.0.0.1:1"),
        ("check", "--evidence", "e", "--executor", "dask://127.0.0.1:1"),
    ):
        ran = iacdrift(words[0], "--from", "plan.json", *TWO, *words[1:], cwd=shop.directory)
        assert (ran.code, ran.out) == (2, ""), words
        assert re.search("vantage|several|places|--executor gives them away", ran.err)


def test_python_gives_the_same_and_refuses_what_it_does_not_know(shop: Shop) -> None:
    matrix = expected_from(shop.plan, vantages=("office=203.0.113.9", "internet"))
    assert matrix.names == ("office", "internet")
    with pytest.raises(UsageError, match="no such keyword: failon"):
        expected_from(shop.plan, vantages=("internet",), failon="low")


@pytest.mark.live
@needs("nmap")
def test_check_scans_from_here_only_and_the_other_vantage_is_undetermined(shop: Shop) -> None:
    words = ("check", "--from", "plan.json", *TWO, "--here", "internet", "--ports", "18443", "--no-history", "--format", "json")
    ran = iacdrift(*words, "-o", "markdown:m.md", cwd=shop.directory)
    document = json.loads(ran.out)
    office, internet = (entry["report"] for entry in document["reports"])
    assert (ran.code, office["verdict"], internet["verdict"]) == (3, "incomplete", "in_sync")
    assert all("nobody stands at office" in gap["why"] for gap in office["undetermined"])
    assert "| host | port | `office` | `internet` |" in (shop.directory / "m.md").read_text()


@pytest.mark.live
@needs("nmap")
def test_each_vantage_resumes_its_own_interrupted_run(shop: Shop) -> None:
    proof = f"internet={shop.sample.web}:18080"
    words = ("check", "--from", "plan.json", "--vantage", "near=127.0.0.1", "--vantage", "internet", "--here", "near", "--proof", proof)
    words += ("--ports", "18000-18079,18443", "--resume", "j", "--no-history", "--format", "json")
    broken = iacdrift(*words, cwd=shop.directory, env=third_scan_killed(shop))
    kept = {path.name: sorted(file.name for file in path.iterdir()) for path in (shop.directory / "j").iterdir()}
    assert (broken.code, sorted(kept)) == (3, ["at-internet", "at-near"])
    assert all("SIGKILL" in entry["report"]["undetermined"][0]["why"] for entry in json.loads(broken.out)["reports"])
    assert all(any(name.endswith(".xml") for name in names) for names in kept.values())
    whole = iacdrift(*words, cwd=shop.directory)
    reports = [entry["report"] for entry in json.loads(whole.out)["reports"]]
    assert (whole.code, [report["verdict"] for report in reports]) == (0, ["in_sync", "in_sync"])
    assert all(any("weren't asked again" in note for note in report["notes"]) for report in reports)
    assert not (shop.directory / "j").exists()


def third_scan_killed(shop: Shop) -> dict[str, str]:
    """An `nmap` in front of the real one: each third scan is ended by SIGKILL, questions about versions and ports are answered."""
    calls, program = shop.directory / "calls", shop.directory / "bin" / "nmap"
    program.parent.mkdir()
    counted = f"echo >> {calls}; [ $(($(wc -l < {calls}) % 3)) = 0 ] && kill -9 $$"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--stats-every*) {counted} ;; esac\nexec {shutil.which("nmap")} "$@"\n')
    program.chmod(0o755)
    return {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.live
@needs("nmap")
def test_each_vantage_has_its_history_and_its_alerts(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text('[history]\nurl = "h.db"\n[[alert]]\nwebhook_env = "OPS_HOOK"\n')
    (tmp_path / "code.yaml").write_text(NOBODY_LISTENS)
    words = ("check", "--from", "code.yaml", *TWO, "--here", "internet", "--ports", "18062", "--format", "json", "-o", "html:m.html")
    with http() as hook:
        first, second = (iacdrift(*words, cwd=tmp_path, env={"OPS_HOOK": hook.url}) for _ in range(2))
        told = [(document["event"], "missing" in json.dumps(document)) for document in hook.documents]
    assert (first.code, second.code, told) == (1, 1, [("new", True)])
    before, after = (json.loads(ran.out)["reports"][1]["report"]["findings"][0] for ran in (first, second))
    assert (before["new"], after["new"], after["first_seen"]) == (True, False, before["first_seen"])
    assert "DRIFT seen from 2 vantages" in (tmp_path / "m.html").read_text()
