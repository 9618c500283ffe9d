"""`--verify-owner` and `--resolve aws`: what moto's AWS says of addresses before anything is sent to them."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import boto3
import pytest

from iacdrift import check_network_drift, expected_surface
from iacdrift.assertion import Pipeline, expected_part
from iacdrift.cloud.account import Account
from iacdrift.drift.report import FindingKind, Verdict
from iacdrift.errors import IacDriftError, SourceError, UsageError
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.targets import find_targets
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface, HostStatus
from iacdrift.surface.vantage import Vantage
from tests.cloud.account import Web, admit, forget, resource
from tests.command import iacdrift, refused
from tests.needs import needs
from tests.refresh.test_join import scan

pytestmark = [needs("moto"), needs("boto3")]


def test_an_address_that_was_given_back_is_left_out_and_listed(aws: str, tmp_path: Path) -> None:
    web = Web.deploy()
    state = web.write(tmp_path)
    assert [str(host.address) for host in expected_surface(state, vantage="internet", verify_owner=True).hosts] == [web.address]
    forget(web)
    assert len(expected_surface(state, vantage="internet").hosts) == 1, "the state still names it"
    surface = expected_surface(state, vantage="internet", verify_owner=True)
    assert not surface.hosts
    [gone] = [item for item in surface.not_in_view if item.address == web.address]
    assert "no interface or elastic IP of the account has this address in us-east-1" in gone.why
    assert ip_address(web.address) in surface.known_addresses, "a sweep must not ask it either"


def test_nothing_is_sent_to_it_and_the_verdict_is_incomplete(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = Web.deploy()
    state = web.write(tmp_path)
    forget(web)
    scanned: list[object] = []
    monkeypatch.setattr("iacdrift.scan.run.scan", lambda *args, **_: scanned.append(args))
    report = check_network_drift(state, vantage="internet", ports="443", verify_owner=True)
    assert not scanned
    assert report.verdict is Verdict.INCOMPLETE
    assert any(f"aren't the account's any more: {web.address} (aws_instance.web)" in item.why for item in report.undetermined)


def test_private_addresses_and_elastic_ones_that_nothing_uses_are_the_accounts(aws: str, tmp_path: Path) -> None:
    web = Web.deploy()
    inside = expected_surface(web.write(tmp_path), vantage="10.0.1.200", verify_owner=True)
    assert [str(host.address) for host in inside.hosts] == [web.private]
    boto3.client("ec2").disassociate_address(AssociationId=boto3.client("ec2").describe_addresses()["Addresses"][0]["AssociationId"])
    assert expected_surface(web.write(tmp_path), vantage="internet", verify_owner=True).hosts


def test_a_name_may_resolve_to_addresses_of_the_account_only() -> None:
    host = ExpectedHost("aws_lb.web", "state", name="web.example", status=HostStatus.BY_NAME)
    surface = ExpectedSurface(Vantage.parse("internet"), (host,), owned=frozenset({ip_address("127.9.9.9")}))
    settings = ScanSettings(scope=("127.0.0.0/8",))
    mine = find_targets(surface, settings, lambda _: [ip_address("127.9.9.9")])
    assert list(mine.hosts) == [ip_address("127.9.9.9")]
    strange = find_targets(surface, settings, lambda _: [ip_address("127.9.9.8")])
    assert not strange.hosts
    assert "no address of the account" in strange.unresolved["web.example"]


def test_every_region_that_is_named_is_asked(aws: str, tmp_path: Path, asked: list[tuple[str, dict[str, Any]]]) -> None:
    state = Web.deploy().write(tmp_path)
    elsewhere = expected_surface(state, vantage="internet", verify_owner=True, regions="eu-west-1")
    assert not elsewhere.hosts
    assert "in eu-west-1" in str(elsewhere.not_in_view)
    assert expected_surface(state, vantage="internet", verify_owner=True, regions=["eu-west-1", "us-east-1"]).hosts


@pytest.mark.parametrize("door", ["resolve", "file"])
def test_an_autoscaling_group_gets_its_machines(aws: str, tmp_path: Path, door: str) -> None:
    web = Web.deploy()
    ec2 = boto3.client("ec2")
    group = ec2.create_security_group(GroupName="fleet", Description="fleet", VpcId=web.vpc)["GroupId"]
    template = ec2.create_launch_template(
        LaunchTemplateName="fleet", LaunchTemplateData={"ImageId": "ami-12c6146b", "SecurityGroupIds": [group], "InstanceType": "t3.micro"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    for name in ("one", "two"):
        boto3.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=2,
            MaxSize=2,
            VPCZoneIdentifier=web.subnet,
            LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        )
    rule = {"from_port": 8443, "to_port": 8443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
    fleet = [resource("aws_security_group", "fleet", id=group, vpc_id=web.vpc, ingress=[rule], egress=[])]
    fleet.append(resource("aws_launch_template", "fleet", id=template, vpc_security_group_ids=[group]))
    for name in ("one", "two"):
        further = {"vpc_zone_identifier": [web.subnet], "launch_template": [{"id": template}]}
        fleet.append(resource("aws_autoscaling_group", name, id=name, name=name, **further))
    state = web.write(tmp_path, *fleet)
    alone = expected_surface(state, vantage="10.0.1.200")
    assert {host.owner for host in alone.hosts if host.status is HostStatus.UNADDRESSED} == {
        "aws_autoscaling_group.one",
        "aws_autoscaling_group.two",
    }
    if door == "resolve":
        found = expected_surface(state, vantage="10.0.1.200", resolve="aws", verify_owner=True)
    else:
        found = expected_surface(state, ec2.describe_network_interfaces(), vantage="10.0.1.200")
    machines = [host for host in found.hosts if host.owner.startswith("aws_autoscaling_group")]
    if door == "file":
        assert {host.status for host in machines} == {HostStatus.UNADDRESSED}, "the interfaces alone don't tell which group it is"
        assert any("may belong to" in note for note in found.notes)
        return
    assert sorted(host.owner for host in machines) == ["aws_autoscaling_group.one"] * 2 + ["aws_autoscaling_group.two"] * 2
    assert {(host.status, str(host.tcp.allowed)) for host in machines} == {(HostStatus.PRESENT, "8443")}


@pytest.mark.parametrize("door", ["resolve", "file"])
def test_what_answers_undeclared_is_named_and_what_aws_runs_itself_isnt_a_stranger(aws: str, tmp_path: Path, door: str) -> None:
    from moto.ec2.models import ec2_backends

    web = Web.deploy()
    ec2 = boto3.client("ec2")
    # moto draws addresses at random, also those that AWS keeps in each subnet for itself
    made = ec2.create_network_interface(SubnetId=web.subnet, PrivateIpAddress="10.0.1.40", Description="by hand")["NetworkInterface"]
    other = ec2.create_network_interface(SubnetId=web.subnet, PrivateIpAddress="10.0.1.41")["NetworkInterface"]
    # moto's own gateways have interfaces of no kind
    ec2_backends["123456789012"]["us-east-1"].enis[other["NetworkInterfaceId"]].interface_type = "nat_gateway"
    hand, gateway = made["PrivateIpAddress"], other["PrivateIpAddress"]
    xml = scan(tmp_path, {web.private: {443: "open"}, hand: {8080: "open"}, gateway: {1024: "open"}})
    told = {"resolve": "aws"} if door == "resolve" else {}
    more = [] if door == "resolve" else [ec2.describe_network_interfaces()]
    part = expected_part([web.write(tmp_path), *more], "10.0.1.200", **told)  # type: ignore[arg-type]
    pipeline = Pipeline.of({"fail_on": "low", "cloud_api": True})
    found = {one.address: one for one in pipeline.judge(part, pipeline.read(part, [xml], None)).findings if one.owner is None}
    words = f"{made['NetworkInterfaceId']} (interface, described as 'by hand')"
    assert found.keys() == {hand}, "the gateway is AWS's own"
    assert found[hand].kind is FindingKind.UNDECLARED_HOST
    assert f"The cloud's API says whose it is: {words}" in found[hand].explanation
    api = found[hand].cloud_api
    assert api is not None
    assert api.detail == f"AWS says whose the address is: {words}"


def _denied(code: str) -> Any:
    from botocore.exceptions import ClientError

    def refuse(_: object, operation: str, __: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "Encoded authorization failure message: " + "x" * 2000}}, operation)

    return refuse


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("UnauthorizedOperation", "these credentials have no right to ec2:DescribeNetworkInterfaces; docs/aws-api.md has the policy"),
        ("RequestLimitExceeded", "it throttles ec2:DescribeNetworkInterfaces"),
        ("RequestExpired", "the credentials have expired: log in again"),
        ("AuthFailure", "it doesn't accept these credentials"),
        ("InternalError", "ec2:DescribeNetworkInterfaces failed with InternalError"),
    ],
)
def test_a_refusal_is_one_sentence(code: str, said: str, aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = Web.deploy().write(tmp_path)
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", _denied(code))
    with pytest.raises(SourceError) as caught:
        expected_surface(state, vantage="internet", verify_owner=True)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 350


def test_the_command_ends_with_2_and_sends_nothing_where_nobody_can_be_asked(tmp_path: Path) -> None:
    state = tmp_path / "terraform.tfstate"
    state.write_text('{"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": []}')
    nobody = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}
    nothing = nobody | {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_DEFAULT_REGION": "", "AWS_REGION": ""}
    words = ("check", "--from", state, "--verify-owner")
    assert "no region is set" in refused(iacdrift(*words, env=nothing))
    assert "there are no credentials" in refused(iacdrift(*words, "--region", "eu-west-1", env=nothing))
    assert "the config profile (nowhere) could not be found" in refused(iacdrift(*words, env=nothing | {"AWS_PROFILE": "nowhere"})).lower()
    nowhere = nothing | {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert "Could not connect" in refused(iacdrift(*words, "--region", "eu-west-1", env=nowhere | {"AWS_MAX_ATTEMPTS": "1"}))


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(UsageError, match=r"pip install 'iacdrift\[aws\]'"):
        Account.of((), "--verify-owner")


def test_another_cloud_is_none(tmp_path: Path) -> None:
    with pytest.raises(IacDriftError, match="aws is the only cloud"):
        expected_surface(tmp_path, resolve="azure")


def test_nothing_is_asked_unasked(aws: str, tmp_path: Path, asked: list[tuple[str, dict[str, Any]]]) -> None:
    web = Web.deploy()
    admit(web.group, 8080)
    del asked[:]
    expected_surface(web.write(tmp_path), vantage="internet")
    assert not asked
    expected_surface(web.write(tmp_path), vantage="internet", verify_owner=True)
    assert [call for call, _ in asked] == ["DescribeNetworkInterfaces", "DescribeAddresses"]
