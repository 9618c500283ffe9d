"""Operators pass on an operand that is the result already, and equal sets can be one object."""

from __future__ import annotations

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet

WEB = PortSet.parse("80,443")


def test_an_operand_that_is_the_result_is_passed_on() -> None:
    assert WEB | NO_PORTS is WEB
    assert NO_PORTS | WEB is WEB
    assert WEB & ALL_PORTS is WEB
    assert ALL_PORTS & WEB is WEB
    assert not WEB & NO_PORTS
    assert not NO_PORTS & WEB
    assert WEB - PortSet.single(22) is WEB


def test_equal_sets_are_one_where_they_are_shared() -> None:
    made = [PortSet.of([*range(1, 1024), 8443]) for _ in range(2)]
    assert made[0] is not made[1]
    assert made[0].shared() is made[1].shared()
    assert made[0].shared() == made[0]
