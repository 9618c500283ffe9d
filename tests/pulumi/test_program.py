"""The assertion inside a program, run by a real engine against real listeners."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pytest

import iacdrift.pulumi as network
from tests.needs import needs
from tests.pulumi.engine import Engine, Listener
from tests.pulumi.shop import QUICK, WEB, Office, infrastructure, program

pytestmark = [pytest.mark.live, needs("nmap"), needs("pulumi-engine")]


def test_an_update_whose_network_matches_succeeds_and_every_update_scans(engine: Engine, web: Listener) -> None:
    shop = program([web.port], ports=f"22,{web.port}")
    done = engine.up(shop)
    assert done.ok, done.text
    assert done.outputs["verdict"] == "in_sync"
    asked = web.connections
    assert asked
    again = engine.up(shop)
    assert again.ok, again.text
    assert "7 unchanged" in again.text or "8 unchanged" in again.text
    assert web.connections > asked, "an update that changes nothing must scan as well"


def test_a_secret_source_is_not_shown(engine: Engine, web: Listener) -> None:
    """The rule that doesn't admit the port is named; the network that it names isn't."""

    def guarded() -> None:
        watch = network.observe()
        infrastructure([22, web.port], source=pulumi.Output.secret("198.51.100.0/24"))
        network.assert_no_network_drift(watch, **(QUICK | {"ports": str(web.port)}))

    done = engine.up(guarded)
    assert not done.ok
    assert f"tcp/{web.port}" in done.text
    assert "aws:ec2/securityGroup:SecurityGroup::web" in done.text
    assert "198.51.100" not in done.text


def test_a_port_that_the_program_does_not_open_fails_the_update_and_nothing_is_sent_in_previews_refreshes_and_destructions(
    engine: Engine, web: Listener
) -> None:
    shop = program([80], ports=f"80,{web.port}")
    assert engine.preview(shop).ok
    assert web.connections == 0
    done = engine.up(shop)
    assert not done.ok, done.text
    assert f"exposed: {WEB} tcp/{web.port}" in done.text
    assert "urn:pulumi:dev::shop::aws:ec2/instance:Instance::web (tests/pulumi/shop.py:" in done.text
    assert "Traceback" not in done.text
    asked = web.connections
    assert asked, "or else this test proves nothing"
    assert engine.preview(shop).ok
    assert engine.refresh(shop).ok
    assert engine.destroy(shop).ok
    assert web.connections == asked


def test_warn_lets_the_update_pass_and_says_it(engine: Engine, web: Listener) -> None:
    done = engine.up(program([80], ports=f"80,{web.port}", mode="warn"))
    assert done.ok, done.text
    assert f"exposed: {WEB} tcp/{web.port}" in done.text
    assert done.outputs["verdict"] == "drift"


def test_without_a_verdict_the_update_fails_even_where_findings_only_warn(engine: Engine, web: Listener) -> None:
    done = engine.up(program([80], scope=["192.0.2.0/24"], mode="warn"))
    assert not done.ok, done.text
    assert "there is no verdict on the network" in done.text
    assert web.connections == 0


def test_what_is_declared_after_the_assertion_is_not_taken_for_judged(engine: Engine, web: Listener) -> None:
    def late() -> None:
        program([web.port], ports=str(web.port))()
        aws.ec2.Eip("late")

    done = engine.up(late)
    assert not done.ok, done.text
    assert "1 resource declared after assert_no_network_drift" in done.text
    assert "aws:ec2/eip:Eip::late" in done.text


VPC = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main"


def test_an_update_limited_to_targets_is_judged_and_says_so_where_it_fails(engine: Engine, web: Listener) -> None:
    shop = program([web.port], ports=f"80,{web.port}")
    assert engine.up(shop).ok
    asked = web.connections
    same = engine.up(shop, target=[VPC])
    assert same.ok, same.text
    assert same.outputs["verdict"] == "in_sync"
    assert web.connections > asked

    closed = engine.up(program([80], ports=f"80,{web.port}"), target=[VPC])
    assert not closed.ok
    assert f"exposed: {WEB} tcp/{web.port}" in closed.text
    assert "this update was limited by --target" in closed.text

    def more() -> None:
        watch = network.observe()
        infrastructure([web.port])
        aws.ec2.Instance("new", ami="ami-1", instance_type="t3.micro")
        network.assert_no_network_drift(watch, **(QUICK | {"ports": str(web.port)}))

    skipped = engine.up(more, target=[VPC])
    assert not skipped.ok
    assert "the engine has no id of 1 resource, which may not exist: aws:ec2/instance:Instance::new" in skipped.text
    assert "this update was limited by --target" in skipped.text


def test_children_of_a_remote_component_are_judged_by_what_the_engine_tells_of_them(engine: Engine, web: Listener) -> None:
    def remote() -> None:
        watch = network.observe()
        Office("branch")
        network.assert_no_network_drift(watch, **(QUICK | {"ports": f"{web.port}"}))

    engine.addresses = {"branch-desk": WEB}

    done = engine.up(remote)
    assert not done.ok, done.text
    assert f"exposed: {WEB} tcp/{web.port}" in done.text, done.text
    assert "aws:tests:Office$aws:ec2/instance:Instance::branch-desk" in done.text


def test_a_hook_scans_right_after_the_step_and_fails_the_update(engine: Engine, web: Listener) -> None:
    def hooked() -> None:
        watch = network.observe()
        ready = pulumi.ResourceOptions(hooks=network.after(watch, **(QUICK | {"ports": f"80,{web.port}"})))
        infrastructure([80], host_options=ready)

    done = engine.up(hooked)
    assert not done.ok, done.text
    assert f"exposed: {WEB} tcp/{web.port}" in done.text
