"""The cloud's API beside findings: Terraform's and Pulumi's real refreshes of the reference stack after drift by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iacdrift.assertion import Pipeline, expected_part
from iacdrift.errors import SourceError, UsageError
from iacdrift.refresh.read import ask, read_refreshes
from iacdrift.refresh.rules import added
from tests.command import iacdrift

DATA = Path(__file__).parents[1] / "data"
TERRAFORM = DATA / "terraform" / "edge-and-bastion"
PULUMI = DATA / "pulumi" / "edge-and-bastion"
PLAN, PREVIEW = TERRAFORM / "noop-plan.json", PULUMI / "preview-clean.json"
REFRESH_ONLY, EVENTS, SUMMARY = (
    TERRAFORM / "refresh-only-plan-after-drift.json",
    PULUMI / "refresh-events.jsonl",
    PULUMI / "refresh-preview.json",
)

SCAN = """<?xml version="1.0"?>
<nmaprun scanner="nmap" args="nmap" start="1790000000" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="{count}" services="{services}"/>
{hosts}
<runstats><finished time="1790000009" exit="success" elapsed="9"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>
"""
HOST = """<host starttime="1790000000" endtime="1790000009"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="{address}" addrtype="ipv4"/><ports>{ports}</ports></host>"""
PORT = '<port protocol="tcp" portid="{port}"><state state="{state}" reason="{reason}" reason_ttl="64"/></port>'
REASONS = {"open": "syn-ack", "closed": "reset", "filtered": "no-response"}


def scan(tmp_path: Path, answers: dict[str, dict[int, str]]) -> Path:
    """Nmap's XML of these answers: address -> port -> state."""
    services = sorted({port for ports in answers.values() for port in ports})
    hosts = "".join(
        HOST.format(
            address=address, ports="".join(PORT.format(port=port, state=state, reason=REASONS[state]) for port, state in ports.items())
        )
        for address, ports in answers.items()
    )
    path = tmp_path / "scan.xml"
    path.write_text(SCAN.format(count=len(services), services=",".join(map(str, services)), hosts=hosts))
    return path


def findings(source: Path, xml: Path, *refreshes: Path, vantage: str = "198.51.100.99") -> dict[str, dict[str, Any]]:
    """The report's findings by protocol and port."""
    pipeline = Pipeline.of({"refresh_json": refreshes, "fail_on": "low"})
    part = expected_part([source], vantage)
    report = pipeline.judge(part, pipeline.read(part, [xml], None)).to_dict()
    json.dumps(report)
    return {str(found["ports"]): found for found in report["findings"]}  # type: ignore[attr-defined, union-attr]


EDGE = {"10.20.1.50": {22: "filtered", 443: "open", 8080: "open", 9999: "open"}}


@pytest.mark.parametrize(
    ("source", "refresh", "group"),
    [
        (PLAN, REFRESH_ONLY, "aws_security_group.edge"),
        (PREVIEW, EVENTS, "aws:ec2/securityGroup:SecurityGroup::edge"),
    ],
)
def test_a_rule_that_was_opened_by_hand_is_known_to_the_api(source: Path, refresh: Path, group: str, tmp_path: Path) -> None:
    found = findings(source, scan(tmp_path, EDGE), refresh, vantage="10.20.0.4")
    assert found["8080"]["kind"] == "exposed"
    assert found["8080"]["cloud_api"]["agrees"] is True
    said = found["8080"]["cloud_api"]["detail"]
    assert said == f"the cloud API agrees, the rule was added out of band: {group} now admits tcp/8080 from 0.0.0.0/0"
    assert "The cloud API agrees, the rule was added out of band" in found["8080"]["explanation"]
    # the same host, a port of which the API knows nothing
    assert found["9999"]["cloud_api"]["agrees"] is False
    assert "look at the host" in found["9999"]["explanation"]


def test_without_a_refresh_nothing_is_said(tmp_path: Path) -> None:
    found = findings(PLAN, scan(tmp_path, EDGE), vantage="10.20.0.4")
    assert "cloud_api" not in found["8080"]
    assert "API" not in found["8080"]["explanation"]


def test_the_summary_of_a_refresh_does_not_show_what_is_no_input(tmp_path: Path) -> None:
    found = findings(PREVIEW, scan(tmp_path, EDGE), SUMMARY, vantage="10.20.0.4")
    assert found["8080"]["cloud_api"]["agrees"] is None
    assert "doesn't show" in found["8080"]["cloud_api"]["detail"]


@pytest.mark.parametrize(("source", "refresh"), [(PLAN, REFRESH_ONLY), (PREVIEW, EVENTS), (PREVIEW, SUMMARY)])
def test_a_source_that_was_widened_is_known_in_every_form(source: Path, refresh: Path, tmp_path: Path) -> None:
    bastion = {"10.20.0.4": {22: "open", 80: "filtered", 81: "filtered"}}
    found = findings(source, scan(tmp_path, bastion), refresh, vantage="10.20.10.5")
    assert found["22"]["cloud_api"]["agrees"] is True
    assert "tcp/22 from 0.0.0.0/0" in found["22"]["cloud_api"]["detail"]


@pytest.mark.parametrize(("refresh", "group"), [(REFRESH_ONLY, "aws_security_group.app"), (EVENTS, "SecurityGroup::app")])
def test_the_mirror_of_declared_rules_is_no_rule_by_hand(refresh: Path, group: str) -> None:
    """Rules of the app group stand in the refreshed group because rule resources declare them."""
    (read,) = read_refreshes([refresh])
    (change,) = [change for change in read.changes.values() if change.address.endswith(group)]
    assert len(change.after["ingress"]) == 3
    assert added(change, read.known) == []
    assert len(added(change, {})) == 3


def test_a_rule_that_vanished_is_known(tmp_path: Path) -> None:
    refresh = json.loads(REFRESH_ONLY.read_text())
    (read,) = read_refreshes([REFRESH_ONLY])
    gone = read.changes['aws_security_group_rule.edge_http["80"]']
    assert gone.after is None
    assert len(refresh["resource_drift"]) > len(read.changes)


def test_noise_is_left_out_and_counted() -> None:
    (read,) = read_refreshes([REFRESH_ONLY])
    assert "aws_vpc.main" not in read.changes  # tags: null against {}
    assert read.noise > 15
    assert f"{read.noise} differences that say nothing" in read.notes()[0]


def test_an_api_that_was_not_asked_is_no_answer(tmp_path: Path) -> None:
    found = findings(PREVIEW, scan(tmp_path, EDGE), REFRESH_ONLY, vantage="10.20.0.4")
    assert found["8080"]["cloud_api"]["agrees"] is None
    assert "not asked" in found["8080"]["cloud_api"]["detail"]


def test_the_command_joins_it(tmp_path: Path) -> None:
    xml = scan(tmp_path, EDGE)
    ran = iacdrift(
        *("diff", "--from", PLAN, "--vantage", "10.20.0.4", "--nmap-xml", xml, "--refresh-json", REFRESH_ONLY, "--format", "json"),
        cwd=tmp_path,
    )
    assert ran.code == 1
    report = json.loads(ran.out)
    assert any((found.get("cloud_api") or {}).get("agrees") for found in report["findings"])
    assert any("differences that say nothing" in note for note in report["notes"])


def test_what_is_no_refresh_is_one_sentence(tmp_path: Path) -> None:
    for name, content, words in (
        ("state.json", (TERRAFORM / "terraform.tfstate").read_text(), "is no refresh"),
        ("preview.json", PREVIEW.read_text(), "is no refresh"),
        ("cut.jsonl", "\n".join(EVENTS.read_text().splitlines()[:-3]), "incomplete"),
        ("torn.jsonl", EVENTS.read_text()[:-40], "not JSON|incomplete"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(SourceError, match=words) as raised:
            read_refreshes([tmp_path / name])
        assert name in str(raised.value)


def test_a_plan_that_may_not_have_asked_is_refused(tmp_path: Path) -> None:
    plan = json.loads((TERRAFORM / "noop-plan.json").read_text())
    plan.pop("resource_drift", None)
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(SourceError, match="-refresh-only"):
        read_refreshes([tmp_path / "plan.json"])


def test_refresh_needs_a_directory() -> None:
    with pytest.raises(UsageError, match="--refresh-json"):
        ask([PLAN])
