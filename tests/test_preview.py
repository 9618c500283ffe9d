"""`iacdrift preview`: what a change opens and closes, from every source that says so, and what can't be told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from iacdrift.errors import SourceError, UsageError
from iacdrift.outputs.registry import render
from iacdrift.preview import preview, preview_between
from iacdrift.surface.change import ChangeKind, HostChange
from tests.command import ROOT, iacdrift, refused
from tests.needs import needs

DATA = ROOT / "tests/data"
TERRAFORM = DATA / "terraform/edge-and-bastion"
PULUMI = DATA / "pulumi/edge-and-bastion"

WORLD, OFFICE = ["0.0.0.0/0"], ["203.0.113.0/24"]
WEB = {
    "id": "i-0a1b2c3d4e5f60718",
    "public_ip": "198.51.100.7",
    "private_ip": "10.0.0.7",
    "subnet_id": "subnet-0a1b2c3d",
    "vpc_security_group_ids": ["sg-0a1b2c3d4e"],
    "instance_state": "running",
}
GROUP = {"id": "sg-0a1b2c3d4e", "name": "web", "vpc_id": "vpc-0a1b2c3d"}
SUBNET = {"id": "subnet-0a1b2c3d", "vpc_id": "vpc-0a1b2c3d", "cidr_block": "10.0.0.0/24"}
TABLE = {"id": "rtb-0a1b2c3d", "vpc_id": "vpc-0a1b2c3d", "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-0a1b2c3d"}]}
JOINED = {"id": "rtbassoc-0a1b2c3d", "subnet_id": "subnet-0a1b2c3d", "route_table_id": "rtb-0a1b2c3d"}
VPC = {"id": "vpc-0a1b2c3d", "cidr_block": "10.0.0.0/16"}
NETWORK = {
    "aws_vpc.main": VPC,
    "aws_subnet.main": SUBNET,
    "aws_route_table.main": TABLE,
    "aws_route_table_association.main": JOINED,
    "aws_security_group.web": GROUP,
    "aws_instance.web": WEB,
}


def inline(port: int, sources: list[str]) -> dict[str, Any]:
    """One inline rule of a group."""
    return {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": sources}


def rule(port: int, source: str = "0.0.0.0/0", ident: str = "sgr-0a1b2c3d4e") -> dict[str, Any]:
    """A rule resource of the group."""
    return {
        "id": ident,
        "security_group_id": GROUP["id"],
        "ip_protocol": "tcp",
        "from_port": port,
        "to_port": port,
        "cidr_ipv4": source,
    }


Side = Mapping[str, Mapping[str, Any]]


def plan(before: Side, after: Side, *, unset: Mapping[str, tuple[str, ...]] | None = None, **more: Any) -> dict[str, Any]:
    """A plan as Terraform writes it, from the resources of either side; `unset`: attributes that the code doesn't set."""
    hidden = unset or {}

    def entry(address: str, values: Mapping[str, Any]) -> dict[str, Any]:
        kind, name = address.split(".")
        return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}

    changes, configured = [], []
    for address in {**before, **after}:
        old, new = before.get(address), after.get(address)
        actions = ["create"] if old is None else ["delete"] if new is None else ["no-op"] if old == new else ["update"]
        shown = {"actions": actions, "before": old, "after": new, "after_unknown": {}}
        changes.append({"address": address, "type": address.split(".")[0], "change": shown})
        if new is not None:
            expressions = {key: {} for key in new if key not in ("id", *hidden.get(address, ()))}
            kind, name = address.split(".")
            configured.append({"address": address, "mode": "managed", "type": kind, "name": name, "expressions": expressions})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [entry(*item) for item in after.items()]}},
        "prior_state": {"values": {"root_module": {"resources": [entry(*item) for item in before.items()]}}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
        **more,
    }


def told(found: Any) -> set[tuple[str, str, str, str]]:
    """Kind, ports and owner of every change, and whether its host stays."""
    return {(one.kind.value, f"{one.protocol}/{one.ports}", one.owner, one.host.value) for one in found.changes}


def with_rules(*ports: int, source: str = "0.0.0.0/0") -> dict[str, Any]:
    return {**NETWORK, **{f"aws_vpc_security_group_ingress_rule.p{port}": rule(port, source, f"sgr-{port:010x}") for port in ports}}


class TestWhatOpens:
    def test_a_rule_that_comes(self) -> None:
        found = preview(plan(with_rules(443), with_rules(443, 22)))
        assert told(found) == {("opened", "tcp/22", "aws_instance.web", "stays")}
        (change,) = found.changes
        assert (change.was, change.becomes, change.address) == ("blocked", "allowed", "198.51.100.7")
        assert [because.resource for because in change.after] == ["aws_vpc_security_group_ingress_rule.p22"]
        assert found.exit_code(allow_incomplete=False) == 1

    def test_a_rule_that_goes(self) -> None:
        found = preview(plan(with_rules(443, 22), with_rules(443)))
        assert told(found) == {("closed", "tcp/22", "aws_instance.web", "stays")}
        assert found.exit_code(allow_incomplete=False) == 0

    def test_a_rule_for_one_office_that_is_opened_to_the_world(self) -> None:
        found = preview(plan(with_rules(22, source="203.0.113.0/24"), with_rules(22)))
        assert told(found) == {("opened", "tcp/22", "aws_instance.web", "stays")}

    def test_a_rule_for_the_world_that_is_narrowed(self) -> None:
        found = preview(plan(with_rules(22), with_rules(22, source="203.0.113.0/24")))
        assert told(found) == {("narrowed", "tcp/22", "aws_instance.web", "stays")}

    def test_a_rule_for_some_may_open_and_is_never_dropped(self) -> None:
        change = plan(with_rules(), with_rules(22, source="203.0.113.0/24"))
        found = preview(change)
        assert told(found) == {("may_open", "tcp/22", "aws_instance.web", "stays")}
        assert (found.exit_code(allow_incomplete=False), found.exit_code(allow_incomplete=True)) == (3, 0)
        inside = preview(change, vantage="203.0.113.9")
        assert told(inside) == {("opened", "tcp/22", "aws_instance.web", "stays")}
        assert not preview(change, vantage="192.0.2.1").changes

    def test_an_inline_rule_that_is_changed(self) -> None:
        old, new = ({**NETWORK, "aws_security_group.web": {**GROUP, "ingress": [inline(port, WORLD)]}} for port in (80, 8080))
        assert told(preview(plan(old, new))) == {
            ("opened", "tcp/8080", "aws_instance.web", "stays"),
            ("closed", "tcp/80", "aws_instance.web", "stays"),
        }

    def test_drift_that_the_plan_takes_back_is_closed(self) -> None:
        drifted = {**NETWORK, "aws_security_group.web": {**GROUP, "ingress": [inline(443, WORLD), inline(22, WORLD)]}}
        code = {**NETWORK, "aws_security_group.web": {**GROUP, "ingress": [inline(443, WORLD)]}}
        assert told(preview(plan(drifted, code))) == {("closed", "tcp/22", "aws_instance.web", "stays")}

    def test_drift_that_the_plan_does_not_see_is_no_change(self) -> None:
        """A list that the code leaves to rule resources mirrors the cloud: applying doesn't touch what was added by hand."""
        mirrored = {**GROUP, "ingress": [inline(443, WORLD), inline(8080, WORLD)]}
        both = {**with_rules(443), "aws_security_group.web": mirrored}
        found = preview(plan(both, both, unset={"aws_security_group.web": ("ingress",)}))
        assert not found.changes
        assert not found.incomplete

    @pytest.mark.parametrize("code", [True, False], ids=["code", "plan"])
    def test_inline_rules_that_move_to_rule_resources_open_nothing_and_close_nothing_surely(self, code: bool, tmp_path: Path) -> None:
        """Terraform leaves the inline list as it is once the code doesn't set it: 443 was open and stays, and so does 8080."""
        inside = {**GROUP, "ingress": [inline(443, WORLD), inline(8080, WORLD)]}
        before = {**NETWORK, "aws_security_group.web": inside}
        after = {**with_rules(443, 22), "aws_security_group.web": inside}
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan(before, after, unset={"aws_security_group.web": ("ingress",)})))
        if code:
            (tmp_path / "main.tf").write_text('resource "aws_security_group" "web" {\n  name = "web"\n  vpc_id = "vpc-0a1b2c3d"\n}\n')
        assert told(preview(path)) == {
            ("opened", "tcp/22", "aws_instance.web", "stays"),
            ("may_close", "tcp/8080", "aws_instance.web", "stays"),
        }

    def test_a_route_to_the_internet_opens_what_the_groups_admit(self) -> None:
        private = {**with_rules(443), "aws_route_table.main": {**TABLE, "route": []}}
        assert told(preview(plan(private, with_rules(443)))) == {("opened", "tcp/443", "aws_instance.web", "stays")}


class TestHosts:
    def test_a_new_host_is_newly_reachable_though_its_address_is_not_known(self) -> None:
        group = {**GROUP, "ingress": [inline(443, WORLD)]}
        before = {**NETWORK, "aws_security_group.web": group}
        del before["aws_instance.web"]
        fresh = {key: value for key, value in WEB.items() if key not in ("id", "public_ip", "private_ip", "instance_state")}
        after = {**before, "aws_instance.web": {**fresh, "associate_public_ip_address": True}}
        found = preview(plan(before, after))
        assert told(found) == {("opened", "tcp/443", "aws_instance.web", "new")}
        assert found.new == ("aws_instance.web",)
        assert found.changes[0].address is None

    def test_a_host_that_leaves_takes_its_ports_along(self) -> None:
        after = with_rules(443)
        del after["aws_instance.web"]
        found = preview(plan(with_rules(443), after))
        assert told(found) == {("closed", "tcp/443", "aws_instance.web", "leaves")}
        assert found.leaving == ("aws_instance.web",)

    @pytest.mark.parametrize("public", [{}, {"associate_public_ip_address": True}], ids=["by-subnet", "declared"])
    def test_a_host_that_is_replaced_is_compared_with_itself(self, public: dict[str, Any]) -> None:
        fresh = {key: value for key, value in WEB.items() if key not in ("id", "public_ip", "private_ip", "instance_state")}
        change = plan(with_rules(443), {**with_rules(443, 22), "aws_instance.web": {**fresh, **public}})
        for entry in change["resource_changes"]:
            if entry["address"] == "aws_instance.web":
                entry["change"]["actions"] = ["delete", "create"]
                entry["change"]["after_unknown"] = {"id": True, "public_ip": True, "private_ip": True}
        found = preview(change)
        assert told(found) == {("opened", "tcp/22", "aws_instance.web", "stays")}
        assert (found.new, found.leaving) == ((), ())

    def test_a_resource_that_no_translator_knows_is_named(self) -> None:
        found = preview(plan(with_rules(443), {**with_rules(443), "aws_lightsail_instance.blog": {"name": "blog"}}))
        assert [item.resources for item in found.unmodelled] == [("aws_lightsail_instance.blog",)]
        assert not preview(
            plan({**with_rules(443), "aws_lightsail_instance.blog": {}}, {**with_rules(443), "aws_lightsail_instance.blog": {}})
        ).unmodelled

    def test_patterns_choose_hosts_on_both_sides(self) -> None:
        change = plan(with_rules(443), with_rules(443, 22))
        assert preview(change, only=["aws_instance.*"]).changes
        with pytest.raises(UsageError, match="leave no host"):
            preview(change, only=["aws_lb.*"])


class TestNotKnown:
    def test_a_plan_that_stopped_with_an_error_is_never_fine(self) -> None:
        found = preview(plan(with_rules(443), with_rules(443), errored=True))
        assert (found.changes, found.incomplete) == ((), True)
        assert found.exit_code(allow_incomplete=False) == 3
        assert "nothing changes" not in render(found, "text")

    def test_what_is_unknown_on_both_sides_for_the_same_reason_is_counted_and_fails_nothing(self) -> None:
        both = with_rules(22, source="203.0.113.0/24")
        found = preview(plan(both, both))
        assert [(one.owner, str(one.ports)) for one in found.unknown] == [("aws_instance.web", "22")]
        assert found.counts()["unknown"] == 1
        assert found.exit_code(allow_incomplete=False) == 0

    def test_what_is_unknown_on_both_sides_for_another_reason_may_open(self) -> None:
        found = preview(plan(with_rules(22, source="203.0.113.0/24"), with_rules(22, source="203.0.113.0/25")))
        assert told(found) == {("may_open", "tcp/22", "aws_instance.web", "stays")}

    def test_a_source_that_says_nothing_of_a_change_is_refused(self) -> None:
        with pytest.raises(SourceError, match="doesn't say what changes"):
            preview(TERRAFORM / "terraform.tfstate")


class TestSources:
    def test_the_plan_of_everything(self) -> None:
        found = preview(TERRAFORM / "create-plan.json")
        assert {change.host for change in found.changes} == {HostChange.NEW}
        assert {f"{change.protocol}/{change.ports}" for change in found.of(ChangeKind.OPENED)} == {"tcp/80", "tcp/443", "udp/443"}
        assert found.leaving == ()

    @pytest.mark.parametrize("source", [TERRAFORM / "noop-plan.json", PULUMI / "preview-clean.json"], ids=["terraform", "pulumi"])
    def test_nothing_changes(self, source: Path) -> None:
        found = preview(source)
        assert (found.changes, found.new, found.leaving, found.incomplete) == ((), (), (), False)
        assert found.unknown

    @pytest.mark.parametrize(
        "source", [TERRAFORM / "plan-after-drift.json", PULUMI / "preview-after-refresh.json"], ids=["terraform", "pulumi"]
    )
    def test_ssh_that_was_opened_by_hand_is_taken_back(self, source: Path) -> None:
        (change,) = preview(source, vantage="internet").changes
        assert (change.kind, str(change.ports), change.address) == (ChangeKind.NARROWED, "22", "127.28.65.107")
        stranger = preview(source, vantage="192.0.2.77")
        assert {(one.kind, str(one.ports)) for one in stranger.changes} == {(ChangeKind.CLOSED, "22")}

    def test_a_refresh_only_plan_applies_nothing(self) -> None:
        assert not preview(TERRAFORM / "refresh-only-plan-after-drift.json").changes

    def test_two_plans_two_states_a_state_and_a_plan(self) -> None:
        old, new = plan(with_rules(443), with_rules(443)), plan(with_rules(443), with_rules(443, 22))
        assert told(preview_between([old], [new])) == {("opened", "tcp/22", "aws_instance.web", "stays")}
        assert told(preview_between([new], [old])) == {("closed", "tcp/22", "aws_instance.web", "stays")}

    @needs("terraform")
    def test_an_initialised_root_is_planned_once_and_its_expectations_are_compared(self, tmp_path: Path) -> None:
        said = 'output "edge" {\n  value = { schema = "iacdrift/expectation/1", host = "198.51.100.7", open = ["443/tcp"%s] }\n}\n'
        code = tmp_path / "main.tf"
        code.write_text('resource "terraform_data" "a" {}\n' + said % "")
        for words in (["init"], ["apply", "-auto-approve"]):
            subprocess.run(["terraform", *words, "-input=false"], cwd=tmp_path, check=True, capture_output=True)
        assert not preview(f"tf:{tmp_path}").changes
        code.write_text('resource "terraform_data" "a" {}\nresource "terraform_data" "b" {}\n' + said % ', "22/tcp"')
        found = preview(f"tf:{tmp_path}")
        assert [(one.kind, str(one.ports), one.address) for one in found.changes] == [(ChangeKind.OPENED, "22", "198.51.100.7")]
        assert [item.resources for item in found.unmodelled] == [("terraform_data.b",)]
        assert found.before[0].sha256 == found.after[0].sha256

    def test_two_templates(self, tmp_path: Path) -> None:
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
        placed = {"DeviceIndex": "0", "AssociatePublicIpAddress": True, "SubnetId": {"Ref": "Subnet"}, "GroupSet": [{"Ref": "Group"}]}
        routed = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "Gateway"}, "RouteTableId": {"Ref": "Table"}}
        for name, source in (("old", "203.0.113.0/24"), ("new", "0.0.0.0/0")):
            group = {"GroupDescription": "web", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [{**rule, "CidrIp": source}]}
            resources = {
                "Vpc": ("VPC", {"CidrBlock": "10.0.0.0/16"}),
                "Gateway": ("InternetGateway", {}),
                "Attached": ("VPCGatewayAttachment", {"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Gateway"}}),
                "Subnet": ("Subnet", {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}),
                "Table": ("RouteTable", {"VpcId": {"Ref": "Vpc"}}),
                "Out": ("Route", routed),
                "Joined": ("SubnetRouteTableAssociation", {"SubnetId": {"Ref": "Subnet"}, "RouteTableId": {"Ref": "Table"}}),
                "Group": ("SecurityGroup", group),
                "Web": ("Instance", {"ImageId": "ami-1", "NetworkInterfaces": [placed]}),
            }
            described = {key: {"Type": f"AWS::EC2::{kind}", "Properties": values} for key, (kind, values) in resources.items()}
            (tmp_path / f"{name}.json").write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": described}))
        found = preview_between([tmp_path / "old.json"], [tmp_path / "new.json"])
        assert told(found) == {("opened", "tcp/22", "aws_instance.Web", "stays")}
        # one of them as YAML, as it is typed
        (tmp_path / "new.yaml").write_text(yaml.safe_dump(json.loads((tmp_path / "new.json").read_text())))
        sides = ("--before", tmp_path / "old.json", "--after", tmp_path / "new.yaml")
        ran = iacdrift("preview", *sides, "--fail-on-new-exposure", "--format", "json")
        [change] = json.loads(ran.out)["changes"]
        assert (ran.code, change["kind"], change["ports"], change["owner"]) == (1, "opened", "22", "aws_instance.Web")

    def test_two_synths(self, tmp_path: Path) -> None:
        folders = []
        for name, world in (("old", "198.51.100.0/24"), ("new", "0.0.0.0/0")):
            stack = {
                "resource": {
                    "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
                    "aws_internet_gateway": {"g": {"vpc_id": "${aws_vpc.v.id}"}},
                    "aws_subnet": {"s": {"vpc_id": "${aws_vpc.v.id}", "cidr_block": "10.0.0.0/24"}},
                    "aws_route_table": {
                        "t": {
                            "vpc_id": "${aws_vpc.v.id}",
                            "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "${aws_internet_gateway.g.id}"}],
                        }
                    },
                    "aws_route_table_association": {"a": {"subnet_id": "${aws_subnet.s.id}", "route_table_id": "${aws_route_table.t.id}"}},
                    "aws_security_group": {"web": {"vpc_id": "${aws_vpc.v.id}", "ingress": [inline(22, [world])]}},
                    "aws_instance": {
                        "web": {
                            "subnet_id": "${aws_subnet.s.id}",
                            "associate_public_ip_address": True,
                            "vpc_security_group_ids": ["${aws_security_group.web.id}"],
                        }
                    },
                }
            }
            folder = tmp_path / name
            (folder / "stacks/app").mkdir(parents=True)
            (folder / "stacks/app/cdk.tf.json").write_text(json.dumps(stack))
            described = {
                "name": "app",
                "synthesizedStackPath": "stacks/app/cdk.tf.json",
                "workingDirectory": "stacks/app",
                "dependencies": [],
            }
            (folder / "manifest.json").write_text(json.dumps({"version": "0.21.0", "stacks": {"app": described}}))
            folders.append(folder)
        assert told(preview_between([folders[0]], [folders[1]])) == {("opened", "tcp/22", "aws_instance.web", "stays")}
        assert not preview_between([folders[0]], [folders[0]]).changes


@pytest.mark.parametrize(("form", "suffix"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_every_format(form: str, suffix: str, golden: Callable[[str, str], None]) -> None:
    before, after = with_rules(443, 8080), {**with_rules(443, 22), "aws_lightsail_instance.blog": {"name": "blog"}}
    after["aws_vpc_security_group_ingress_rule.office"] = rule(5432, "203.0.113.0/24", "sgr-0ff1ce")
    golden(f"preview.{suffix}", render(preview(plan(before, after)), form))


def test_hostile_names_stay_text_in_markdown() -> None:
    name = "x`</summary><img src=x onerror=alert(1)>`` @everyone [a](http://b)\n# head"
    group = {**GROUP, "name": name, "ingress": [{**inline(22, WORLD), "description": name}]}
    before = {**NETWORK, "aws_security_group.web": {**group, "ingress": []}}
    resources = {**NETWORK, "aws_security_group.web": group}
    shown = plan(before, resources)
    for part in (shown["planned_values"], shown["prior_state"]["values"]):
        for entry in part["root_module"]["resources"]:
            if entry["type"] == "aws_instance":
                entry["address"] = f'aws_instance.web["{name}"]'
    text = render(preview(shown), "markdown")
    assert "\n# head" not in text
    assert "<img" not in outside_code(text)
    assert "@everyone" not in outside_code(text)


def outside_code(text: str) -> str:
    """Markdown without its code spans, by the rule of CommonMark: a run of backticks closes at the next run of equal length."""
    import re

    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", text)


class TestCommand:
    @pytest.fixture
    def opening(self, tmp_path: Path) -> Path:
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan(with_rules(443), with_rules(443, 22))))
        (tmp_path / "main.tf").write_text(
            'resource "aws_vpc_security_group_ingress_rule" "p22" {\n  security_group_id = aws_security_group.web.id\n}\n'
        )
        return path

    def test_the_line_that_is_promised_and_the_exit_codes(self, opening: Path) -> None:
        ran = iacdrift("preview", opening, "--fail-on-new-exposure")
        line = "newly reachable from the internet: tcp/22 on aws_instance.web by aws_vpc_security_group_ingress_rule.p22 (main.tf:1)"
        assert line in " ".join(ran.out.split())
        assert (ran.code, ran.err) == (1, "")
        assert iacdrift("preview", "--from", opening).code == 0
        assert iacdrift("preview", TERRAFORM / "noop-plan.json", "--fail-on-new-exposure").code == 0

    def test_what_may_open_is_incomplete_unless_that_is_allowed(self, tmp_path: Path) -> None:
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan(with_rules(), with_rules(22, source="203.0.113.0/24"))))
        assert iacdrift("preview", path, "--fail-on-new-exposure").code == 3
        assert iacdrift("preview", path, "--fail-on-new-exposure", "--allow-incomplete").code == 0

    def test_two_sources_and_a_comment_in_a_file(self, opening: Path, tmp_path: Path) -> None:
        state, comment = TERRAFORM / "terraform.tfstate", tmp_path / "comment.md"
        pairs = iacdrift("preview", state, TERRAFORM / "noop-plan.json", "--format", "json", "-o", f"markdown:{comment}")
        named = iacdrift("preview", "--before", state, "--after", TERRAFORM / "noop-plan.json", "--format", "json")
        assert json.loads(pairs.out) == json.loads(named.out)
        assert json.loads(pairs.out)["schema"] == "iacdrift/preview/1"
        assert "### Network preview" in comment.read_text()

    def test_what_is_not_clear_is_refused(self, opening: Path) -> None:
        assert "belong together" in refused(iacdrift("preview", "--before", opening))
        assert "one plan" in refused(iacdrift("preview", opening, opening, opening))
        assert "no source" in refused(iacdrift("preview"))
        assert "doesn't say what changes" in refused(iacdrift("preview", TERRAFORM / "state.json"))

    def test_a_source_of_the_configuration_file_does_not_join_what_is_typed(self, opening: Path, tmp_path: Path) -> None:
        (tmp_path / "iacdrift.toml").write_text('from = "gone.json"\n')
        assert iacdrift("preview", opening, cwd=tmp_path).code == 0
        assert "gone.json doesn't exist" in refused(iacdrift("preview", cwd=tmp_path))
