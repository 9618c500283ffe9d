"""Two declarations of one address (a balancer's name that resolves to an address of the model): both hold."""

from __future__ import annotations

from attrs import evolve, frozen

from iacdrift.model.because import Because
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, Explains, Reason
from iacdrift.surface.ruling import Ruling
from iacdrift.surface.step import Staged


def merge_hosts(first: ExpectedHost, second: ExpectedHost) -> ExpectedHost:
    """One host of which each port is the strongest that either says: open, unknown, allowed, blocked."""
    return evolve(
        first,
        name=first.name or second.name,
        tcp=_merge_ports(first.tcp, second.tcp),
        udp=_merge_ports(first.udp, second.udp),
        explains=_Both(first, second),
        services={**second.services, **first.services},
        managed=first.managed and second.managed,
        ruled=first.ruled | second.ruled,
    )


def _merge_ports(first: ExpectedPorts, second: ExpectedPorts) -> ExpectedPorts:
    opened = first.open | second.open
    by_code = (first.unknown_by_code | second.unknown_by_code) - opened
    by_vantage = (first.unknown_by_vantage | second.unknown_by_vantage) - opened - by_code
    allowed = (first.allowed | second.allowed) - opened - by_code - by_vantage
    return ExpectedPorts(open=opened, allowed=allowed, unknown_by_vantage=by_vantage, unknown_by_code=by_code)


@frozen(slots=True)
class _Both(Explains):
    """The explanation of the declaration that is the stronger one on the port."""

    first: ExpectedHost
    second: ExpectedHost

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What the stronger declaration says; the other's word where it says nothing."""
        return next(filter(None, (host.explains.because(protocol, port) for host in self._stronger(protocol, port))), ())

    def stages(self, protocol: str, port: int) -> tuple[Ruling, ...]:
        """The way that the stronger declaration knows, else the other's."""
        staged = (host.explains for host in self._stronger(protocol, port) if isinstance(host.explains, Staged))
        return next(filter(None, (explains.stages(protocol, port) for explains in staged)), ())

    def _stronger(self, protocol: str, port: int) -> list[ExpectedHost]:
        """Both, the one that decides on the port first."""
        merged = _merge_ports(self.first.ports(protocol), self.second.ports(protocol)).of(port)
        return sorted((self.first, self.second), key=lambda host: host.ports(protocol).of(port) is not merged)

    def reasons(self) -> tuple[Reason, ...]:
        """All that both give."""
        return self.first.explains.reasons() + self.second.explains.reasons()
