"""`--cloud-api`: what moto's AWS has in front of the hosts with findings, and who made it so; nothing more is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from attrs import evolve

from iacdrift import check_network_drift
from iacdrift.assertion import Pipeline, expected_part
from iacdrift.drift.cloud_api import CloudApi
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import DriftReport, Finding, Verdict
from iacdrift.errors import UsageError
from iacdrift.outputs.registry import render
from iacdrift.refresh.join import both
from tests.cloud.account import Web, admit, resource
from tests.cloud.trail import Trail, permissions
from tests.needs import needs
from tests.refresh.test_join import scan

pytestmark = [needs("moto"), needs("boto3")]

Calls = list[tuple[str, dict[str, Any]]]
STRANGER = "198.51.100.99"


def judged(state: Path, tmp_path: Path, answers: dict[str, dict[int, str]], vantage: str = "internet", **options: Any) -> DriftReport:
    pipeline = Pipeline.of({"fail_on": "low", "cloud_api": True, **options})
    part = expected_part([state], vantage)
    report = pipeline.judge(part, pipeline.read(part, [scan(tmp_path, answers)], None))
    assert report_from_dict(json.loads(report.to_json())) == report, "what AWS said survives the history"
    return report


def on_port(report: DriftReport, port: str) -> Finding:
    [found] = [finding for finding in report.findings if str(finding.ports) == port]
    return found


def said(report: DriftReport, port: str) -> dict[str, Any]:
    found = on_port(report, port).cloud_api
    assert found is not None
    return found.to_dict()


def test_who_opened_it_and_the_ids_for_the_way_back(aws: str, cloudtrail: Trail, tmp_path: Path, asked: Calls) -> None:
    web = Web.deploy()
    rule = admit(web.group, 8080)
    other = boto3.client("ec2").create_security_group(GroupName="other", Description="other", VpcId=web.vpc)["GroupId"]
    boto3.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=web.subnet, SecurityGroupIds=[other])
    answer = {"_return": True, "securityGroupRuleSet": {"items": [{"securityGroupRuleId": rule, "groupId": web.group}]}}
    request = {"groupId": web.group, "ipPermissions": permissions(8080)}
    cloudtrail.happened(web.group, "CreateSecurityGroup", "2026-11-01T08:00:00Z", {"groupName": "web"})
    cloudtrail.happened(web.group, "AuthorizeSecurityGroupIngress", "2026-11-20T14:02:00Z", request, responseElements=answer)
    cloudtrail.happened(
        web.group, "AuthorizeSecurityGroupIngress", "2026-11-21T09:00:00Z", request, errorCode="InvalidPermission.Duplicate"
    )
    state = web.write(tmp_path)
    del asked[:]
    report = judged(state, tmp_path, {web.address: {443: "open", 8080: "open", 9999: "open"}})

    api = said(report, "8080")
    assert api["agrees"] is True
    assert api["rules"] == [rule]
    assert api["opened_by"] == {
        "who": "user/ci-hotfix",
        "at": "2026-11-20T14:02:00Z",
        "through": "AuthorizeSecurityGroupIngress",
        "resource": web.group,
        "event": "AuthorizeSecurityGroupIngress-2026-11-20T14:02:00Z",
        "source": "203.0.113.50",
    }
    sentence = "opened by user/ci-hotfix on 2026-11-20 14:02 UTC through AuthorizeSecurityGroupIngress"
    assert sentence in api["detail"]
    assert sentence in on_port(report, "8080").explanation
    assert "Why:" not in render(report, "text"), "what the code says has a line of its own"
    revert = on_port(report, "8080").way_back.revert
    assert f"--group-id {web.group}" in revert
    assert f"--security-group-rule-ids {rule}" in revert
    assert f"association.subnet-id,Values={web.subnet}" in revert
    assert "id>" not in revert, "no id is left open"

    nothing = said(report, "9999")
    assert nothing["agrees"] is False
    assert "opened_by" not in nothing
    assert "look at the host" in on_port(report, "9999").explanation
    assert "<rule id>" in on_port(report, "9999").way_back.revert

    # exactly what the one host with findings needs: the rest of the account isn't asked about
    assert [(name, _values(parameters)) for name, parameters in asked] == [
        ("DescribeAddresses", [web.address]),
        ("DescribeNetworkInterfaces", [web.interface]),
        ("DescribeSecurityGroupRules", [web.group]),
        ("DescribeNetworkAcls", [web.subnet]),
        ("LookupEvents", [web.group]),
        ("LookupEvents", [web.group]),  # its second page
    ]
    assert other not in json.dumps(asked)


def _values(parameters: dict[str, Any]) -> list[str]:
    filters = [value for one in parameters.get("Filters", ()) for value in one["Values"]]
    return filters + [one["AttributeValue"] for one in parameters.get("LookupAttributes", ())]


def test_where_nothing_is_wrong_nothing_is_asked(aws: str, tmp_path: Path, asked: Calls) -> None:
    web = Web.deploy()
    state = web.write(tmp_path)
    del asked[:]
    report = judged(state, tmp_path, {web.address: {443: "open", 8080: "filtered"}})
    assert report.verdict is Verdict.IN_SYNC or not [f for f in report.findings if f.severity.value != "note"]
    assert not asked


def test_without_the_right_to_cloudtrail_the_verdict_stays(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    cloudtrail.refuse = "AccessDeniedException"
    report = judged(web.write(tmp_path), tmp_path, {web.address: {8080: "open"}})
    assert report.verdict is Verdict.DRIFT
    api = said(report, "8080")
    assert api["agrees"] is True
    assert api["unlearnt"] == (
        "who made it so wasn't learnt: AWS can't be asked: these credentials have no right to cloudtrail:LookupEvents; "
        "docs/aws-api.md has the policy"
    )
    assert "no right to cloudtrail:LookupEvents" in on_port(report, "8080").explanation


def test_without_any_right_the_verdict_stays(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = Web.deploy()
    state = web.write(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    report = judged(state, tmp_path, {web.address: {8080: "open"}})
    assert report.verdict is Verdict.DRIFT
    assert said(report, "8080")["agrees"] is None
    assert any("nothing was learnt" in note and "Could not connect" in note for note in report.notes)


def test_a_trail_that_has_forgotten_says_so(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    request = {"groupId": web.group, "ipPermissions": permissions(8081)}
    cloudtrail.happened(web.group, "AuthorizeSecurityGroupIngress", "2026-11-20T14:02:00Z", request)
    api = said(judged(web.write(tmp_path), tmp_path, {web.address: {8080: "open"}}), "8080")
    assert api["unlearnt"] == "CloudTrail's last 90 days hold no call that made it so"


def test_an_older_record_is_told_by_ports_and_networks(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    identity = {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/jo@example.com"}
    cloudtrail.happened(
        web.group,
        "AuthorizeSecurityGroupIngress",
        "2026-11-19T07:30:00Z",
        {"groupId": web.group, "ipPermissions": permissions(8080)},
        userIdentity=identity,
    )
    cloudtrail.happened(
        web.group,
        "AuthorizeSecurityGroupIngress",
        "2026-11-20T07:30:00Z",
        {"groupId": web.group, "ipPermissions": permissions(8080, "10.0.0.0/8")},
    )
    api = said(judged(web.write(tmp_path), tmp_path, {web.address: {8080: "open"}}), "8080")
    assert api["opened_by"]["who"] == "assumed-role/Admin/jo@example.com"


def test_a_rule_that_was_taken_away(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    boto3.client("ec2").revoke_security_group_ingress(GroupId=web.group, IpPermissions=[permission])
    cloudtrail.happened(
        web.group, "RevokeSecurityGroupIngress", "2026-11-20T14:02:00Z", {"groupId": web.group, "ipPermissions": permissions(443)}
    )
    expectation = tmp_path / "expectation.yaml"
    expectation.write_text(f"schema: iacdrift/expectation/1\nexpectations:\n- host: {web.address}\n  open: [443/tcp]\n")
    pipeline = Pipeline.of({"fail_on": "low", "cloud_api": True})
    part = expected_part([web.write(tmp_path), expectation], "internet")
    report = pipeline.judge(part, pipeline.read(part, [scan(tmp_path, {web.address: {443: "filtered", 444: "closed"}})], None))
    shut = on_port(report, "443")
    assert shut.kind.value == "unreachable"
    api = said(report, "443")
    assert api["agrees"] is True
    assert api["closed_by"]["through"] == "RevokeSecurityGroupIngress"
    assert f"no rule of {web.group} admits tcp/443, closed by user/ci-hotfix on 2026-11-20 14:02 UTC" in api["detail"]


def test_a_group_that_was_attached_by_hand(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    ec2 = boto3.client("ec2")
    debug = ec2.create_security_group(GroupName="debug", Description="debug", VpcId=web.vpc)["GroupId"]
    admit(debug, 8080)
    ec2.modify_network_interface_attribute(NetworkInterfaceId=web.interface, Groups=[web.group, debug])
    groups = {"items": [{"groupId": web.group}, {"groupId": debug}]}
    cloudtrail.happened(web.interface, "ModifyNetworkInterfaceAttribute", "2026-11-20T14:02:00Z", {"groupSet": groups})
    report = judged(web.write(tmp_path), tmp_path, {web.address: {8080: "open"}})
    api = said(report, "8080")
    assert f"the code attaches no {debug} to {web.interface}" in api["detail"]
    assert api["opened_by"]["through"] == "ModifyNetworkInterfaceAttribute"
    assert cloudtrail.asked == [web.interface, web.machine, debug]
    assert f"--network-interface-id {web.interface} --groups {web.group}" in on_port(report, "8080").way_back.revert


@pytest.mark.parametrize(
    ("ranges", "vantage", "agrees"),
    [
        ({"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}, STRANGER, False),
        ({"IpRanges": [{"CidrIp": "198.51.100.0/24"}]}, STRANGER, True),
        ({"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}, "internet", None),  # may be where the scan stands
    ],
)
def test_a_rule_counts_for_those_whom_it_admits(
    ranges: dict[str, Any], vantage: str, agrees: bool | None, aws: str, cloudtrail: Trail, tmp_path: Path
) -> None:
    web = Web.deploy()
    admit(web.group, 8080, **ranges)
    assert said(judged(web.write(tmp_path), tmp_path, {web.address: {8080: "open"}}, vantage), "8080")["agrees"] is agrees


def test_an_acl_that_denies_what_a_group_admits_doesnt_explain_it(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    ec2 = boto3.client("ec2")
    [acl] = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [web.subnet]}])["NetworkAcls"]
    entry = {"RuleNumber": 50, "Protocol": "6", "RuleAction": "deny", "Egress": False, "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(NetworkAclId=acl["NetworkAclId"], PortRange={"From": 8080, "To": 8080}, **entry)
    api = said(judged(web.write(tmp_path), tmp_path, {web.address: {8080: "open"}}), "8080")
    assert api["agrees"] is False
    assert f"entry 50 of {acl['NetworkAclId']} denies it" in api["detail"]


def test_an_entry_of_the_acl_that_was_added_by_hand(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    ec2 = boto3.client("ec2")
    [live] = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [web.subnet]}])["NetworkAcls"]
    acl = live["NetworkAclId"]
    entry = {"NetworkAclId": acl, "RuleNumber": 40, "Protocol": "6", "RuleAction": "allow", "Egress": False, "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(PortRange={"From": 8080, "To": 8080}, **entry)
    cloudtrail.happened(acl, "CreateNetworkAclEntry", "2026-11-20T14:02:00Z", {"networkAclId": acl, "ruleNumber": 40, "egress": False})
    cloudtrail.happened(acl, "CreateNetworkAclEntry", "2026-11-21T14:02:00Z", {"networkAclId": acl, "ruleNumber": 41, "egress": False})
    everything = {"cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0, "protocol": "-1"}
    shut = {"cidr_block": "0.0.0.0/0", "from_port": 8080, "to_port": 8080, "protocol": "tcp", "rule_no": 50, "action": "deny"}
    rows = [shut, everything | {"rule_no": 100, "action": "allow"}]
    outward = [everything | {"rule_no": 100, "action": "allow"}]
    more = {"vpc_id": web.vpc, "subnet_ids": [web.subnet], "ingress": rows, "egress": outward}
    rule = {"security_group_id": web.group, "type": "ingress", "protocol": "tcp", "from_port": 8080, "to_port": 8080}
    state = web.write(
        tmp_path,
        resource("aws_network_acl", "a", id=acl, **more),
        resource("aws_security_group_rule", "a", id="sgrule-1", cidr_blocks=["0.0.0.0/0"], **rule),
    )
    report = judged(state, tmp_path, {web.address: {8080: "open"}})
    api = said(report, "8080")
    assert {step.stage for step in on_port(report, "8080").way if step.answer == "blocked"} == {"network ACL, inbound", "host"}
    assert api["agrees"] is True
    assert f"entry 40 of {acl} admits tcp/8080 from 0.0.0.0/0, opened by user/ci-hotfix on 2026-11-20 14:02 UTC" in api["detail"]
    assert f"delete-network-acl-entry --ingress --network-acl-id {acl} --rule-number 40" in on_port(report, "8080").way_back.revert


@pytest.mark.parametrize(
    ("recorded", "live", "agrees", "detail"),
    [(True, True, True, "then; now"), (True, None, True, "then; now"), (False, True, True, "now"), (True, False, False, "now")],
)
def test_the_record_and_what_aws_says_now(recorded: bool, live: bool | None, agrees: bool, detail: str) -> None:
    found = both(CloudApi(recorded, "then"), CloudApi(live, "now"))
    assert (found.agrees, found.detail) == (agrees, detail)
    assert both(None, CloudApi(live, "now")).agrees is live


def test_an_address_of_nobody(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    state = web.write(tmp_path)
    report = judged(state, tmp_path, {web.private: {8080: "open"}}, "10.0.1.200")
    assert "no rule" in said(report, "8080")["detail"]
    state = evolve(web, private="10.0.1.77").write(tmp_path)
    gone = said(judged(state, tmp_path, {"10.0.1.77": {8080: "open"}}, "10.0.1.200"), "8080")
    assert gone["agrees"] is None
    assert "no interface of the account has 10.0.1.77 in us-east-1" in gone["detail"]


def test_without_boto3_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(UsageError, match="--cloud-api asks AWS through boto3"):
        check_network_drift(tmp_path / "none.json", cloud_api=True)


def test_the_policy_of_the_documentation_is_what_is_asked(aws: str, cloudtrail: Trail, tmp_path: Path, asked: Calls) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    state = web.write(tmp_path)
    del asked[:]
    expected_part([state], "internet", verify_owner=True, resolve="aws")
    judged(state, tmp_path, {web.address: {8080: "open"}})
    used = {f"{'cloudtrail' if name == 'LookupEvents' else 'ec2'}:{name}" for name, _ in asked}
    page = (Path(__file__).parents[2] / "docs" / "aws-api.md").read_text()
    policy = json.loads(page.split("```json")[-1].split("```")[0])
    assert set(policy["Statement"][0]["Action"]) == used
