"""The policy pack beside a real engine: it fails updates, holds a preview up, and is silent where it may not judge yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.needs import needs
from tests.pulumi.engine import Engine, Listener
from tests.pulumi.pack import write
from tests.pulumi.shop import WEB, Office, infrastructure, rule

pytestmark = [needs("pulumi-engine"), needs("pulumi_aws")]

CONFIGURED = """
from iacdrift.policy import pack

pack(config={{"network-matches-code": {config!r}}})
"""


@pytest.fixture
def engine(engine: Engine, tmp_path: Path, web: Listener) -> Engine:
    """An engine with the pack, which asks one port that nothing declares."""
    config: dict[str, Any] = {"vantage": "internet", "ports": f"80,{web.port}", "settle": 0, "scanType": "connect"}
    engine.policy_packs = [str(write(tmp_path / "pack", CONFIGURED.format(config=config)))]
    return engine


@pytest.mark.live
@needs("nmap")
def test_an_update_whose_network_matches_passes(engine: Engine, web: Listener) -> None:
    done = engine.up(lambda: infrastructure([web.port]) and None)
    assert done.ok, done.text
    assert web.connections


@pytest.mark.live
@needs("nmap")
def test_a_port_that_the_program_does_not_open_fails_the_update_and_not_the_preview(engine: Engine, web: Listener) -> None:
    planned = engine.preview(lambda: infrastructure([80]) and None)
    assert planned.ok, planned.text
    assert web.connections == 0
    done = engine.up(lambda: infrastructure([80]) and None)
    assert not done.ok, done.text
    assert "[mandatory]" in done.text
    assert f"exposed: {WEB} tcp/{web.port}" in done.text
    assert "urn:pulumi:dev::shop::aws:ec2/instance:Instance::web" in done.text


def test_an_administrative_port_open_to_the_world_stops_the_preview(engine: Engine, web: Listener) -> None:
    planned = engine.preview(lambda: infrastructure([80, 22]) and None)
    assert not planned.ok
    assert "[mandatory]" in planned.text
    assert "tcp/22 from the whole internet" in planned.text
    assert web.connections == 0


def test_a_secret_source_counts_and_is_not_shown(engine: Engine) -> None:
    def program() -> None:
        halves = [pulumi.Output.secret("0.0.0.0/1"), "128.0.0.0/1"]
        aws.ec2.SecurityGroup("office", ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": halves}])

    planned = engine.preview(program)
    assert not planned.ok
    assert "tcp/22 from the whole internet" in planned.text
    assert "(sensitive)" in planned.text
    assert "128.0.0.0" not in planned.text


def test_what_is_not_known_in_a_preview_is_told(engine: Engine, web: Listener) -> None:
    def program() -> None:
        host = infrastructure([80])
        source = host.arn.apply(lambda arn: f"203.0.113.{len(arn) % 200}/32")
        aws.ec2.SecurityGroup("office", ingress=[rule(22, source)])  # type: ignore[arg-type]

    planned = engine.preview(program)
    assert "couldn't be judged" in planned.text


@pytest.mark.live
@needs("nmap")
def test_the_pack_sees_into_remote_components(engine: Engine, web: Listener) -> None:
    engine.addresses = {"branch-desk": WEB}
    done = engine.up(lambda: Office("branch") and None)
    assert not done.ok, done.text
    assert f"exposed: {WEB} tcp/{web.port}" in done.text
