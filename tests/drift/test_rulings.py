"""Rulings that hosts share: only where everything that they depend on is the same."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from attrs import evolve

from iacdrift.drift.rulings import Run, rule
from iacdrift.drift.silence import Witnesses
from iacdrift.drift.target import Target
from iacdrift.model.ports import PortSet
from iacdrift.surface.observed import Evidence, ObservedHost
from tests.drift.scenes import CLOSED, HOLLOW, ON_THE_WAY, OPEN, SILENT, VANTAGE, answer, host, observed_host, run

MANY = "1000-1015"
PLAIN = observed_host("22,80,443,9000", ("443", OPEN), ("22", ON_THE_WAY), ("80", SILENT))
REFUSING = observed_host("22,443", ("443", OPEN), ("22", CLOSED))
WIDE = observed_host(f"443,{MANY}", *((str(port), OPEN) for port in (443, *range(1000, 1016))))
UNSAID = evolve(
    PLAIN, tcp=evolve(PLAIN.tcp, groups=(*PLAIN.tcp.groups, (PortSet.single(9000), answer(Evidence.NOT_LEARNT, reason="lost"))))
)


def said(seen: ObservedHost, index: int, **more: Any) -> ObservedHost:
    """The same sets of ports, with something else said of one of them."""
    groups = [(ports, evolve(found, **more) if at == index else found) for at, (ports, found) in enumerate(seen.tcp.groups)]
    return evolve(seen, tcp=evolve(seen.tcp, groups=tuple(groups)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PLAIN, said(PLAIN, 1, reason_ip=None)),
        (PLAIN, said(PLAIN, 2, evidence=Evidence.CLOSED)),
        (PLAIN, evolve(PLAIN, tcp_scan="connect")),
        (PLAIN, evolve(PLAIN, failed="timed out")),
        (PLAIN, evolve(PLAIN, answered_after=False)),
        (PLAIN, evolve(PLAIN, doubted=((PortSet.single(80), "lost"),))),
        (UNSAID, said(UNSAID, 3, reason="timed out")),
        (WIDE, said(WIDE, 0, confirmed=False)),
        (REFUSING, evolve(REFUSING, tcp_scan="connect")),
    ],
)
def test_what_differs_in_what_was_seen_is_ruled_apart(one: ObservedHost, other: ObservedHost) -> None:
    expected = host(open="443")
    shared = Run(Witnesses.of(run(one), VANTAGE))
    ruled = [rule(Target(expected, seen.address, seen), "tcp", shared) for seen in (one, other)]
    assert ruled == [rule(Target(expected, seen.address, seen), "tcp", Run(shared.witnesses)) for seen in (one, other)]
    assert ruled[0] != ruled[1]


@pytest.mark.parametrize(
    "change",
    [{"managed": True}, {"services": {("tcp", 443): "ssh"}}, {"address": ip_address("127.0.0.1")}],
)
def test_what_differs_in_what_is_expected_is_ruled_apart(change: dict[str, Any]) -> None:
    expected = host(open="443")
    targets = [Target(one, one.address, REFUSING) for one in (expected, evolve(expected, **change))]
    shared = Run(Witnesses.of(run(REFUSING), VANTAGE))
    ruled = [rule(target, "tcp", shared) for target in targets]
    assert ruled == [rule(target, "tcp", Run(shared.witnesses)) for target in targets]
    assert ruled[0] != ruled[1]


def test_versions_and_distances_are_no_difference() -> None:
    expected = host(open="443")
    other = said(said(PLAIN, 0, version="2.0", ttl=51, product="other"), 2, ttl=40)
    shared = Run(Witnesses.of(run(PLAIN), VANTAGE))
    assert rule(Target(expected, PLAIN.address, PLAIN), "tcp", shared) is rule(Target(expected, PLAIN.address, other), "tcp", shared)


def test_a_hollow_answer_is_no_heard_one() -> None:
    hollow = said(WIDE, 0, **{name: getattr(HOLLOW, name) for name in ("service", "product", "confirmed")})
    expected = host(open="443")
    shared = Run(Witnesses.of(run(WIDE), VANTAGE))
    assert rule(Target(expected, WIDE.address, WIDE), "tcp", shared) != rule(Target(expected, WIDE.address, hollow), "tcp", shared)
