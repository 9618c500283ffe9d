"""Hosts that answered though nothing in the code owns their address."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_address

from iacdrift.drift import wording
from iacdrift.drift.findings import NO_WAY_BACK, reproduce
from iacdrift.drift.identity import finding_id
from iacdrift.drift.report import Finding, FindingKind, Severity
from iacdrift.drift.target import Target
from iacdrift.model.ports import PortSet
from iacdrift.surface.expected import PROTOCOLS, Address, Expectation, ExpectedHost, ExpectedSurface
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedSurface


def undeclared_hosts(expected: ExpectedSurface, observed: ObservedSurface) -> Iterator[Finding]:
    """One finding for each address that answered, is nobody's, and isn't the provider's own."""
    owned = expected.known_addresses | {host.address for host in expected.hosts}
    owned_texts = {item.address for item in expected.not_in_view}
    for seen in sorted(observed.extra, key=lambda host: (host.address.version, int(host.address))):
        if seen.address not in owned and str(seen.address) not in owned_texts and not _reserved(seen.address, expected):
            finding = _finding(seen, expected)
            if finding is not None:
                yield finding


def _reserved(address: Address, expected: ExpectedSurface) -> bool:
    """Whether the provider keeps the address for itself: AWS takes the first four and the last of an IPv4 subnet."""
    subnets = (net for net in expected.subnets if isinstance(net, IPv4Network) and address in net)
    return any(int(address) - int(net.network_address) < 4 or address == net.broadcast_address for net in subnets)


def _finding(seen: ObservedHost, expected: ExpectedSurface) -> Finding | None:
    said = _said(seen)
    if said is None:
        return None
    protocol, ports, answer = said
    address = str(seen.address)
    return Finding(
        id=finding_id(FindingKind.UNDECLARED_HOST, protocol, None, address, ()),
        kind=FindingKind.UNDECLARED_HOST,
        severity=Severity.MEDIUM,
        address=address,
        name=seen.name,
        protocol=protocol,
        ports=ports,
        owner=None,
        expected=Expectation.BLOCKED,
        observed=answer,
        because=(),
        explanation=_explanation(address, protocol, ports, answer, expected),
        way_back=NO_WAY_BACK,
        reproduce=reproduce(Target(ExpectedHost("", ""), seen.address, seen), protocol, ports, answer),
    )


def _explanation(address: str, protocol: str, ports: PortSet, answer: Answer, expected: ExpectedSurface) -> str:
    version = 6 if ":" in address else 4
    what = f"{wording.subject(protocol, ports, address, None)} is {wording.evidence(answer, protocol)}"
    owner = expected.described.get(ip_address(address))
    named = f" The cloud's API says whose it is: {owner}." if owner else ""
    return f"{what}, asked {wording.where(expected.vantage, version)}. No resource in the code owns this address.{named}"


def _said(seen: ObservedHost) -> tuple[str, PortSet, Answer] | None:
    """What best shows that the address is alive: open ports before refusals, TCP before UDP."""
    for evidence in (Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED):
        for protocol in PROTOCOLS:
            ports = seen.ports(protocol).of(evidence)
            answer = seen.ports(protocol).answer(next(iter(ports))) if ports else None
            if answer is not None:
                return protocol, ports, answer
    return None
