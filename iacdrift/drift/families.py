"""Addresses of one host beside each other: which belong together, and where IPv4 and IPv6 answer differently for no declared reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from iacdrift.drift.coverage import Rulings
from iacdrift.drift.report import ReportedHost
from iacdrift.drift.target import Target
from iacdrift.drift.wording import few
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, ExpectedPorts
from iacdrift.surface.observed import Evidence, ObservedHost

_SILENT = (Evidence.SILENT, Evidence.REJECTED_ON_THE_WAY)
_ANSWERED = (Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED)


def together(hosts: Sequence[ReportedHost]) -> tuple[ReportedHost, ...]:
    """The same hosts, each with the other addresses of its owner."""
    held: dict[str, list[str]] = {}
    for host in hosts:
        if host.address is not None:
            held.setdefault(host.owner, []).append(host.address)
    beside = (tuple(other for other in held.get(host.owner, ()) if other != host.address) for host in hosts)
    return tuple(evolve(host, same_host=others) if others else host for host, others in zip(hosts, beside, strict=True))


def unlike(judged: Sequence[tuple[Target, Rulings]]) -> Iterator[str]:
    """Remarks on ports that answer over one family and not over the other, where the code says the same of both.

    An answer is an open port on one side, silence or a refusal on the other; or a refusal on one side and silence on the
    other: then a filter stands before one family only. UDP's silence proves nothing and isn't compared.
    """
    owners: dict[str, list[Target]] = {}
    for target, _ in judged:
        owners.setdefault(target.host.owner, []).append(target)
    for owner, targets in ((owner, targets) for owner, targets in owners.items() if len(targets) > 1):
        for first in (target for target in targets if target.address is not None and target.address.version == 4):
            for second in (target for target in targets if target.address is not None and target.address.version == 6):
                yield from _compared(owner, first, second)


def _compared(owner: str, first: Target, second: Target) -> Iterator[str]:
    if first.observed is None or second.observed is None:
        return
    for protocol in PROTOCOLS:
        alike = _alike(first.host.ports(protocol), second.host.ports(protocol))
        for here, there in ((first, second), (second, first)):
            seen, other = here.observed, there.observed
            if seen is None or other is None:
                continue
            ports = _differing(seen, other, protocol) & alike
            if ports:
                what = f"{protocol}/{few(ports)} of {owner}"
                yield f"{what} answers on {here.address} and not on {there.address}, though the code says the same of both"


def _alike(first: ExpectedPorts, second: ExpectedPorts) -> PortSet:
    """The ports of which the code says the same."""
    kinds = ("open", "allowed", "blocked")
    bits = 0
    for kind in kinds:
        bits |= getattr(first, kind).bits & getattr(second, kind).bits
    return PortSet.of_bits(bits)


def _differing(seen: ObservedHost, other: ObservedHost, protocol: str) -> PortSet:
    mine, theirs = seen.ports(protocol), other.ports(protocol)
    refused = theirs.of(Evidence.CLOSED, Evidence.REJECTED)
    doubted = NO_PORTS
    for ports, _ in other.doubted:
        doubted |= ports
    silent = theirs.of(*_SILENT) - doubted if protocol == "tcp" else NO_PORTS
    return (mine.of(Evidence.OPEN) & (refused | silent)) | (mine.of(*_ANSWERED) & silent)
