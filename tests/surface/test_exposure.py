"""What the exposure judgement asks beyond the groups of the sources."""

from __future__ import annotations

from typing import Any

import pytest

from iacdrift.assertion import expected_part
from iacdrift.surface.exposure import Justification, exposures

WORLD = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
RULE = "aws_vpc_security_group_ingress_rule"


def judged(resources: dict[str, Any], justified: tuple[Justification, ...] = ()) -> tuple[list[str], list[str]]:
    synth = {"//": {"metadata": {"stackName": "shop"}}, "resource": resources}
    found, unsure = exposures(expected_part([synth], "internet").network, justified=justified)
    return [str(one) for one in found], [str(one) for one in unsure]


def test_a_rule_for_a_group_that_no_source_holds_is_exposure_all_the_same() -> None:
    found, unsure = judged({RULE: {"ssh": {"security_group_id": "sg-0123456789abcdef0", **WORLD}}})
    assert len(found) == 1
    assert found[0].startswith(f"sg-0123456789abcdef0 admits tcp/22 from the whole internet: {RULE}.ssh: tcp/22 from 0.0.0.0/0")
    assert unsure == []


def test_it_can_be_justified_by_the_rule_s_address() -> None:
    excuse = Justification(f"{RULE}.ssh", "a honeypot")
    assert judged({RULE: {"ssh": {"security_group_id": "sg-0123456789abcdef0", **WORLD}}}, (excuse,)) == ([], [])


@pytest.mark.parametrize(("port", "source"), [(443, "0.0.0.0/0"), (22, "203.0.113.0/24")])
def test_such_a_rule_is_fine_for_other_ports_and_for_known_sources(port: int, source: str) -> None:
    rule = {"security_group_id": "sg-0123456789abcdef0", **WORLD, "cidr_ipv4": source, "from_port": port, "to_port": port}
    assert judged({RULE: {"rule": rule}}) == ([], [])


def test_egress_of_such_a_group_is_no_exposure() -> None:
    kind = "aws_vpc_security_group_egress_rule"
    assert judged({kind: {"out": {"security_group_id": "sg-0123456789abcdef0", **WORLD}}}) == ([], [])


def test_a_rule_whose_group_is_not_known_is_not_judged_and_said() -> None:
    found, unsure = judged({RULE: {"ssh": {"security_group_id": "${data.terraform_remote_state.other.outputs.group}", **WORLD}}})
    assert found == []
    assert unsure == [f"a group that isn't known: {RULE}.ssh belongs to a group that isn't known"]
