"""The way of one packet: every stage from the vantage to the host, with what decides there."""

from __future__ import annotations

import json
from ipaddress import ip_address

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.model.because import Assumption, Because
from iacdrift.model.network import Network
from iacdrift.surface.expect import expect
from iacdrift.surface.expected import Expectation, ExpectedHost, ExpectedSurface
from iacdrift.surface.partition import HostExplains
from iacdrift.surface.step import Step, steps
from iacdrift.surface.vantage import Vantage


@frozen(slots=True)
class Explanation:
    """What is expected of one port of one host, and the way that decides it."""

    vantage: Vantage
    host: str
    owner: str
    protocol: str
    port: int
    expectation: Expectation
    steps: tuple[Step, ...]
    because: tuple[Because, ...]
    assumptions: tuple[Assumption, ...] = ()
    declared_from: str = "configuration"

    def to_dict(self) -> dict[str, object]:
        """The JSON shape `iacdrift/explanation/1`."""
        return {
            "schema": "iacdrift/explanation/1",
            "vantage": self.vantage.to_dict(),
            "host": self.host,
            "owner": self.owner,
            "protocol": self.protocol,
            "port": self.port,
            "expectation": self.expectation.value,
            "steps": [step.to_dict() for step in self.steps],
            "because": [because.to_dict() for because in self.because],
            "assumptions": [item.to_dict() for item in self.assumptions],
            "declared_from": self.declared_from,
        }

    def to_json(self) -> str:
        """`to_dict` as indented JSON text."""
        return json.dumps(self.to_dict(), indent=2)


def explain(network: Network, vantage: Vantage, host: str, protocol: str, port: int) -> Explanation:
    """The way of one packet to a host, named by address, DNS name or resource. UsageError where it isn't in view."""
    surface = expect(network, vantage)
    found = _find(surface, host)
    expectation = found.ports(protocol).of(port)
    because = found.explains.because(protocol, port)
    shown = str(found.address or found.name or found.owner)
    assumptions = found.explains.way.assumptions() if isinstance(found.explains, HostExplains) else ()
    way = whole_way(found, surface.vantage, protocol, port)
    return Explanation(surface.vantage, shown, found.owner, protocol, port, expectation, way, because, assumptions, surface.declared_from)


def whole_way(host: ExpectedHost, vantage: Vantage, protocol: str, port: int) -> tuple[Step, ...]:
    """The steps of one packet from the vantage to what the host itself says; the stages between only where a model knows them."""
    between, expectation = steps(host.explains, protocol, port), host.ports(protocol).of(port)
    because = host.explains.because(protocol, port)
    own = not between or _is_host_reason(host.explains, because)
    first = Step("vantage", "admitted", (Because(_vantage_text(vantage), "where the packet starts"),))
    return (first, *between, Step("host", _host_word(expectation), because if own else _host_says(host, expectation)))


def _is_host_reason(way: object, because: tuple[Because, ...]) -> bool:
    return isinstance(way, HostExplains) and any(override.because == because for override in way.overrides)


def _host_word(expectation: Expectation) -> str:
    return {Expectation.OPEN: "admitted", Expectation.ALLOWED: "admitted", Expectation.BLOCKED: "blocked"}.get(expectation, "unknown")


def _host_says(host: ExpectedHost, expectation: Expectation) -> tuple[Because, ...]:
    texts = {
        Expectation.OPEN: "a listener is declared: it must answer",
        Expectation.ALLOWED: "nothing declares a listener: it may answer or refuse",
        Expectation.BLOCKED: "it must not answer",
        Expectation.UNKNOWN: "it can't be told",
    }
    return (Because(host.owner, texts[expectation], host.at),)


def _vantage_text(vantage: Vantage) -> str:
    named = vantage.resource or vantage.ipv4 or vantage.ipv6
    return str(named) if named else "somewhere on the internet"


def _find(surface: ExpectedSurface, host: str) -> ExpectedHost:
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        found = [item for item in surface.hosts if host in (item.name, item.owner)]
    else:
        found = [item for item in surface.hosts if item.address == address]
    if found:
        return found[0]
    hidden = next((item for item in surface.not_in_view if host in (item.address, item.owner)), None)
    if hidden:
        raise UsageError(f"{host} ({hidden.owner}) isn't in view from here: {hidden.why}")
    known = ", ".join(str(item.address or item.name or item.owner) for item in surface.hosts[:8])
    raise UsageError(f"{host} is no host of the sources; in view from here: {known or 'nothing'}")
