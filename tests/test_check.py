"""The commands on a real network: reports to stdout, remarks to stderr, one finding asked again, a deploy that settles."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from iacdrift.demo.listeners import Service, listening
from tests.command import Ran, iacdrift
from tests.needs import needs
from tests.shop import Shop

pytestmark = [pytest.mark.live, needs("nmap")]

BOTH = ("--from", "plan.json", "--from", "expectation.yaml", "--vantage", "internet")


def run(shop: Shop, *words: str | Path, **more: object) -> Ran:
    return iacdrift(*words, cwd=shop.directory, **more)  # type: ignore[arg-type]


def test_the_report_is_on_stdout_and_nothing_else_is(shop: Shop) -> None:
    ran = run(shop, "check", *BOTH, "--ports", "18443", "--format", "json", "-o", "text:report.txt", "-o", "json:report.json")
    report = json.loads(ran.out)
    assert (ran.code, ran.err) == (1, "")
    assert (report["schema"], report["exit_code"], report["iacdrift"]) == ("iacdrift/report/1", 1, "0.1.0")
    assert json.loads((shop.directory / "report.json").read_text()) == report
    assert (shop.directory / "report.txt").read_text().startswith("DRIFT")


def test_verbose_tells_what_was_read_and_run_on_stderr(shop: Shop) -> None:
    ran = run(shop, "check", "--from", "plan.json", "--vantage", "internet", "--ports", "18443", "-v")
    assert ran.code == 0
    assert "read plan plan.json" in ran.err
    assert "nmap" in ran.err
    quiet = run(shop, "check", "--from", "plan.json", "--vantage", "internet", "--ports", "18443", "-v", "--quiet")
    assert quiet.err == ""


def test_colour_is_for_terminals_unless_it_is_asked_for(shop: Shop) -> None:
    expect = ("expect", "--from", "plan.json", "--vantage", "internet")
    assert "\x1b[" not in run(shop, *expect).out
    assert "\x1b[" in run(shop, *expect, "--color", "always").out
    assert "\x1b[" not in run(shop, *expect, env={"NO_COLOR": "1"}).out


def test_a_source_on_standard_input(shop: Shop) -> None:
    ran = run(shop, "expect", "--from", "-", "--vantage", "internet", "--format", "json", stdin=shop.plan.read_text())
    assert [host["owner"] for host in json.loads(ran.out)["hosts"]] == ["aws_instance.web", "aws_instance.api"]


def test_a_dry_run_is_the_plan_of_the_scan_and_sends_nothing(shop: Shop) -> None:
    words = (*BOTH, "--ports", "declared", "--format", "json")
    planned = run(shop, "plan-scan", *words)
    evidence = shop.directory / "evidence"
    dry = run(shop, "check", *words, "--dry-run", "--evidence", evidence)
    assert planned.code == dry.code == 0
    assert json.loads(planned.out) == json.loads(dry.out)
    assert not evidence.exists()


def test_explain_names_the_line_that_decides(shop: Shop) -> None:
    for target in (f"{shop.sample.web}:6379", "aws_instance.web:6379"):
        ran = run(shop, "explain", "--from", "plan.json", "--vantage", "internet", target)
        assert ran.code == 0
        assert "blocked" in ran.out
        assert "main.tf:31" in ran.out


def test_one_finding_is_asked_again(shop: Shop) -> None:
    words = (*BOTH, "--ports", "18443,18080-18085", "--format", "json")
    (found,) = [f for f in json.loads(run(shop, "check", *words).out)["findings"] if f["kind"] == "missing"]
    again = run(shop, "check", *words, "--finding", found["id"])
    report = json.loads(again.out)
    assert again.code == 1
    assert [f["id"] for f in report["findings"]] == [found["id"]]
    # Of the reason that the finding names, and of nothing else.
    assert [host["tcp"]["asked"] for host in report["hosts"]] == ["18080,18443"]
    with listening((Service(shop.sample.web, 18443, "http"),)):
        repaired = run(shop, "check", *words, "--finding", found["id"])
    assert repaired.code == 0, repaired.out


def test_a_deploy_settles(shop: Shop) -> None:
    """The listener comes up two seconds after the scan began: drift without --settle, in sync with it."""
    words = (*BOTH, "--only", "aws_instance.web", "--ports", "18443", "--format", "json")
    assert run(shop, "check", *words).code == 1
    over = threading.Event()

    def deploy() -> None:
        time.sleep(2)
        with listening((Service(shop.sample.web, 18443, "http"),)):
            over.wait(120)

    thread = threading.Thread(target=deploy)
    thread.start()
    try:
        ran = run(shop, "check", *words, "--settle", "60")
    finally:
        over.set()
        thread.join()
    assert ran.code == 0, ran.out
    assert len(json.loads(ran.out)["scanner"]["commands"]) > 1


def test_the_configuration_file_holds_a_whole_run(shop: Shop) -> None:
    (shop.directory / "iacdrift.toml").write_text(
        'from = ["plan.json", "expectation.yaml"]\nvantage = "internet"\nports = "18443"\n'
        'output = ["json:report.json"]\nfail-on = "critical"\n'
    )
    assert run(shop, "check").code == 0
    assert json.loads((shop.directory / "report.json").read_text())["findings"]
    assert run(shop, "check", "--fail-on", "low").code == 1
    assert run(shop, "check", env={"IACDRIFT_FAIL_ON": "high"}).code == 1
