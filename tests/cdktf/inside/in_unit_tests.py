"""surface_of with the real library: run by test_inside.py in the library's own environment."""

from __future__ import annotations

import json

import pytest
from shared import WORLD, Aws, AwsStack, Group, app, lib, rule
from stacks import Network, Web

from iacdrift.cdktf import surface_of
from iacdrift.errors import SourceError


def stacks(**changes):
    program = lib.Testing.app()
    network = Network(program, "network")
    return network, Web(program, "web", network, **changes)


def reachable(surface):
    return [str(host.tcp.allowed | host.tcp.open) for host in surface.hosts]


def test_a_stack_admits_from_the_internet_what_its_rules_say():
    network, web = stacks()
    found = surface_of(lib.Testing.synth(network), lib.Testing.synth(web))
    assert reachable(found) == ["443", "443"]
    assert {host.status.value for host in found.hosts} == {"pending"}
    assert {host.owner for host in found.hosts} == {"aws_instance.web-0", "aws_instance.web-1"}
    assert found.to_dict()["declared_from"] == "configuration"


def test_the_vantage_is_an_option():
    network, web = stacks()
    assert reachable(surface_of(lib.Testing.synth(network), lib.Testing.synth(web), vantage="203.0.113.9")) == ["22,443"] * 2


def test_a_wider_rule_is_another_surface():
    network, web = stacks(admins=WORLD)
    assert reachable(surface_of(lib.Testing.synth(network), lib.Testing.synth(web))) == ["22,443"] * 2


def test_one_stack_alone_takes_for_granted_what_the_other_holds_and_says_so():
    _, web = stacks()
    found = surface_of(lib.Testing.synth(web))
    assert reachable(found) == ["443", "443"]
    assert "its subnet isn't in the code" in found.assumptions[0].text
    (host, _) = surface_of(lib.Testing.synth(web), strict=True).hosts
    assert "443" in str(host.tcp.unknown), "the subnet's routes are in the other stack"


def test_full_synths_have_their_names_and_references():
    network, web = stacks()
    for stack in (network, web):
        stack.prepare_stack()
    texts = [json.dumps(stack.to_terraform()) for stack in (network, web)]
    assert "terraform_remote_state" in texts[1]
    found = surface_of(*texts)
    assert reachable(found) == ["443", "443"]
    assert {host.source for host in found.hosts} == {"the program's constructs"}


def test_a_state_gives_addresses(tmp_path):
    stack = AwsStack(lib.Testing.app(), "shop")
    group = Aws(stack, "web", "security_group", name="web")
    rule(stack, "https", group, 443)
    Aws(stack, "ip", "eip", domain="vpc", instance=Aws(stack, "server", "instance", vpc_security_group_ids=[group.id]).id)
    held = {"aws_instance.server": {"id": "i-1", "private_ip": "10.0.0.5"}, "aws_eip.ip": {"id": "eip-1", "public_ip": "198.51.100.7"}}
    held["aws_security_group.web"] = {"id": "sg-1"}
    entries = [
        {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": values}]}
        for kind, name, values in ((*address.split("."), values) for address, values in held.items())
    ]
    path = tmp_path / "shop.tfstate"
    path.write_text(json.dumps({"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": entries}))
    (host,) = surface_of(lib.Testing.synth(stack), states={"shop": path}).hosts
    assert (str(host.address), host.status.value) == ("198.51.100.7", "present")


def test_a_state_that_lies_about_is_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terraform.stack-1.tfstate").write_text("not even JSON")
    (tmp_path / "terraform.tfstate").write_text("not even JSON")
    stack = Group(app(tmp_path / "cdktf.out"), port=443)
    stack.prepare_stack()
    surface_of(json.dumps(stack.to_terraform()))
    surface_of(lib.Testing.synth(stack))


@pytest.mark.parametrize("wrong", ["", "resource {}", "[]", "{}", '{"version": 4}'])
def test_what_is_no_synth_is_refused(wrong):
    with pytest.raises(SourceError, match=r"Testing\.synth"):
        surface_of(wrong)


def test_one_stack_twice_is_refused(tmp_path):
    stack = Group(app(tmp_path), port=443)
    stack.prepare_stack()
    text = json.dumps(stack.to_terraform())
    with pytest.raises(SourceError, match="of one stack"):
        surface_of(text, text)
