"""What the code says of one host, as the report lists it beside what was seen there."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import ExpectedPorts


@frozen(slots=True)
class DeclaredPorts:
    """One protocol of one host: what must answer, what may, and what can't be told; every other port must not."""

    open: PortSet = NO_PORTS
    allowed: PortSet = NO_PORTS
    unknown: PortSet = NO_PORTS

    @classmethod
    def of(cls, ports: ExpectedPorts) -> DeclaredPorts:
        """Without the causes of what can't be told."""
        return cls(ports.open, ports.allowed, ports.unknown.shared())

    def to_dict(self) -> dict[str, str]:
        """Three port sets as text; the rest is blocked."""
        return {name: str(getattr(self, name)) for name in ("open", "allowed", "unknown")}


@frozen(slots=True)
class Declared:
    """Both protocols."""

    tcp: DeclaredPorts
    udp: DeclaredPorts

    def to_dict(self) -> dict[str, dict[str, str]]:
        """tcp, udp."""
        return {"tcp": self.tcp.to_dict(), "udp": self.udp.to_dict()}
