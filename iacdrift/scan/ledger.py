"""All answers of one run, pass by pass, and what became of each host."""

from __future__ import annotations

from iacdrift.model.ports import PortSet
from iacdrift.scan.belief import believed, contested
from iacdrift.scan.facts import Groups
from iacdrift.scan.suspicion import answering
from iacdrift.surface.expected import Address


class Ledger:
    """Filled while a scan runs; the only thing in this room that changes."""

    def __init__(self) -> None:
        self._passes: dict[tuple[Address, str], list[Groups]] = {}
        self._believed: dict[tuple[Address, str], Groups] = {}
        self.before: set[Address] = set()
        self.after: set[Address] = set()
        self.failed: dict[Address, str] = {}

    def absorb(self, address: Address, protocol: str, groups: Groups) -> None:
        """One more pass over some ports of an address."""
        if groups:
            self._passes.setdefault((address, protocol), []).append(groups)
            self._believed.pop((address, protocol), None)

    def belief(self, address: Address, protocol: str) -> Groups:
        """What all passes amount to so far."""
        key = (address, protocol)
        if key not in self._believed:
            self._believed[key] = believed(self._passes.get(key, ()))
        return self._believed[key]

    def contested(self, address: Address, protocol: str) -> PortSet:
        """Ports whose answers contradict each other so far."""
        passes = self._passes.get((address, protocol), ())
        return contested(passes) if len(passes) > 1 else PortSet()

    def answered(self, address: Address) -> bool:
        """Whether the target itself answered anything at all, on either protocol."""
        return any(bool(answering(self.belief(address, protocol))) for protocol in ("tcp", "udp"))
