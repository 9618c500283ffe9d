"""The formats that other programs read: held against their own schemas and parsers, and against hostile text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from defusedxml.ElementTree import fromstring
from jsonschema import Draft7Validator
from prometheus_client.parser import text_string_to_metric_families

from iacdrift.drift.report import DriftReport, Finding, FindingKind, Severity, Undetermined
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from iacdrift.outputs.place_in_code import place_of
from iacdrift.outputs.registry import render
from iacdrift.sources.resource import SourceInfo
from tests.drift.scenes import OTHER, host, surface
from tests.outputs import reports

MADE = {"drift": reports.drift, "in_sync": reports.in_sync, "incomplete": reports.incomplete, "hostile": reports.hostile}
FORMS = {
    "junit": "xml",
    "sarif": "sarif",
    "markdown": "md",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "events": "jsonl",
    "prometheus": "prom",
}
SARIF = Draft7Validator(json.loads((Path(__file__).parents[1] / "data" / "sarif" / "sarif-schema-2.1.0.json").read_text()))


def sarif(report: DriftReport) -> dict[str, Any]:
    document = json.loads(render(report, "sarif"))
    SARIF.validate(document)
    return document["runs"][0]


def junit(report: DriftReport) -> Any:
    return fromstring(render(report, "junit"))


@pytest.mark.parametrize("name", ["drift", "in_sync", "incomplete"])
@pytest.mark.parametrize("form", FORMS)
def test_golden(name: str, form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report-{name}.{FORMS[form]}", render(MADE[name](), form))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_hostile_gets_through(form: str) -> None:
    text = render(reports.hostile(), form)
    assert not {character for character in text if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}
    assert "\nIN SYNC" not in text


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"markdown"}))
def test_only_reports_have_these(form: str) -> None:
    with pytest.raises(UsageError, match=f"{form} is for the reports"):
        render(surface(host(open="443")), form)


@pytest.mark.parametrize("name", MADE)
def test_sarif_keeps_the_standard(name: str) -> None:
    run = sarif(MADE[name]())
    assert all(result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for result in run["results"])


def test_the_standard_can_be_broken() -> None:
    broken = json.loads(render(reports.drift(), "sarif"))
    del broken["runs"][0]["tool"]
    assert list(SARIF.iter_errors(broken))


def test_every_kind_has_a_rule() -> None:
    rules = sarif(reports.in_sync())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [kind.value for kind in FindingKind]


def test_an_incomplete_run_is_no_successful_one() -> None:
    assert sarif(reports.in_sync())["invocations"][0]["executionSuccessful"] is True
    told = sarif(reports.incomplete())["invocations"][0]
    assert told["executionSuccessful"] is False
    assert any("NXDOMAIN" in note["message"]["text"] for note in told["toolExecutionNotifications"])


def test_the_fingerprint_is_the_finding_and_the_baseline_what_a_history_knows() -> None:
    report = reports.drift()
    first, *rest = report.findings
    known = evolve(report, findings=(evolve(first, new=True), *(evolve(item, new=False) for item in rest)))
    results = sarif(known)["results"]
    assert [result["partialFingerprints"]["iacdrift/finding/v1"] for result in results] == [item.id for item in report.findings]
    assert [result["baselineState"] for result in results] == ["new"] + ["unchanged"] * len(rest)
    assert all("baselineState" not in result for result in sarif(report)["results"])


def test_what_was_not_looked_at_is_carried_forward() -> None:
    finding = reports.drift().findings[0]
    run = sarif(evolve(reports.incomplete(), carried=(finding,)))
    [carried] = [result for result in run["results"] if result["partialFingerprints"]["iacdrift/finding/v1"] == finding.id]
    assert carried["baselineState"] == "unchanged"
    assert "not looked at in this one" in carried["message"]["text"]


def test_what_a_run_ends_is_absent() -> None:
    finding = evolve(reports.drift().findings[0], new=False, ended="no longer in the code")
    run = sarif(evolve(reports.in_sync(), resolved=(finding,)))
    [absent] = run["results"]
    assert (absent["baselineState"], absent["partialFingerprints"]) == ("absent", {"iacdrift/finding/v1": finding.id})
    assert absent["message"]["text"].startswith("Resolved (no longer in the code): ")
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_people_read_what_a_run_ends(form: str) -> None:
    finding = evolve(reports.drift().findings[0], new=False, ended="no longer in the code")
    assert "esolved since the run before" in render(evolve(reports.in_sync(), resolved=(finding,)), form)
    assert "esolved since the run before" not in render(reports.in_sync(), form)


def test_one_test_a_host() -> None:
    root = junit(reports.drift())
    hosts = [(test.get("classname"), test.get("name")) for test in root.iter("testcase") if "not judged" not in test.get("name")]
    assert len(hosts) == len(set(hosts))
    assert {(host.owner, host.address) for host in reports.drift().hosts} <= set(hosts)
    assert int(root.get("failures")) == len(root.findall(".//failure")) > 0


def test_incomplete_is_an_error_and_never_a_pass() -> None:
    root = junit(reports.incomplete())
    assert int(root.get("errors")) == len(root.findall(".//error")) > 0
    assert not root.findall(".//failure")


def test_in_sync_has_neither() -> None:
    root = junit(reports.in_sync())
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    assert int(root.get("tests")) >= 1


def test_what_nobody_had_to_know_is_skipped() -> None:
    beside = Undetermined(OTHER, "udp", PortSet.single(53), "nothing came back", required=False)
    report = evolve(reports.in_sync(), undetermined=(beside,))
    root = junit(report)
    assert (root.get("skipped"), root.get("errors")) == ("1", "0")
    assert "nothing came back" in root.find(".//skipped").get("message")
    assert len(root.findall(".//testcase")) == 2


def test_a_severity_that_was_not_to_fail_fails_no_test() -> None:
    report = evolve(reports.drift(), fail_on=Severity.CRITICAL)
    worst = {item.owner for item in report.findings if item.severity is Severity.CRITICAL}
    assert {test.get("classname") for test in junit(report).iter("testcase") if test.find("failure") is not None} == worst


def test_github_escapes_what_would_end_a_command() -> None:
    report = reports.drift()
    first = evolve(report.findings[0], explanation="100%\r\n::error::forged", owner="a,b:c")
    lines = render(evolve(report, findings=(first,)), "github").splitlines()
    assert lines[0].startswith("::error file=")
    assert "100%25" in lines[0]
    assert "a%2Cb%3Ac" in lines[0]
    assert not any(line.startswith("::error::") for line in lines)


def test_gitlab_never_reads_an_incomplete_run_as_clean() -> None:
    assert json.loads(render(reports.in_sync(), "gitlab")) == []
    assert [item["check_name"] for item in json.loads(render(reports.incomplete(), "gitlab"))] == ["iacdrift/incomplete"]
    issues = json.loads(render(reports.drift(), "gitlab"))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


@pytest.mark.parametrize("name", MADE)
def test_prometheus_reads_it(name: str) -> None:
    report = MADE[name]()
    families = {family.name: family.samples for family in text_string_to_metric_families(render(report, "prometheus"))}
    verdicts = {sample.labels["verdict"]: sample.value for sample in families["iacdrift_verdict"]}
    assert verdicts[report.verdict.value] == 1
    assert sum(verdicts.values()) == 1
    assert sum(sample.value for sample in families["iacdrift_findings"]) == len(report.findings)


@pytest.mark.parametrize("name", MADE)
def test_events_are_one_object_a_line(name: str) -> None:
    report = MADE[name]()
    scan, *findings = [json.loads(line) for line in render(report, "events").splitlines()]
    assert scan["class_name"] == "Scan Activity"
    assert [event["finding_info"]["uid"] for event in findings] == [item.id for item in report.findings]
    assert all(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"] for event in [scan, *findings])


def test_markdown_carries_its_marker_first() -> None:
    assert render(reports.drift(), "markdown").splitlines()[0] == "<!-- iacdrift:report -->"


def placed(finding: Finding, **source: Any) -> tuple[str, int]:
    report = evolve(reports.drift(), sources=(SourceInfo("plan", **source),))
    place = place_of(finding, report)
    return place.path, place.line


def test_a_line_is_told_from_where_the_command_was_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text("")
    monkeypatch.chdir(tmp_path)
    finding = next(item for item in reports.drift().findings if any(because.at for because in item.because))
    at = next(because.at for because in finding.because if because.at)
    assert at == "main.tf:12"
    assert placed(finding, path="infra/plan.json") == ("infra/main.tf", 12)
    assert placed(finding, path="plan.json", code="infra") == ("infra/main.tf", 12)
    assert placed(finding, path=str(tmp_path / "infra" / "plan.json")) == ("infra/main.tf", 12)
    assert placed(finding, path="elsewhere/plan.json") == ("main.tf", 12)
    bare = evolve(finding, because=())
    assert placed(bare, path="infra/plan.json") == ("infra/plan.json", 1)
