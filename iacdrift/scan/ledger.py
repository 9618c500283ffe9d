"""All answers of one run, pass by pass, what became of each host, and how often each silent port was really asked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from attrs import define, field, frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import believed, contested, ports_with
from iacdrift.scan.facts import Groups
from iacdrift.scan.loss import NO_CONTROLS, RARE, Controls, rarer
from iacdrift.scan.suspicion import answering
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence

_SPOKEN = (Evidence.OPEN, Evidence.CLOSED)
SOME = 12


@frozen(slots=True)
class Quiet:
    """TCP ports that stayed silent to so many single probes, in one batch."""

    batch: int
    ports: PortSet
    probes: int


@frozen(slots=True)
class Controlled:
    """What came of the controls of one batch. `rate`: packets a second of the whole batch at the most."""

    batch: int
    controls: Controls
    rate: int


@define
class HostRecord:
    """What the batches of a run say of one address. Batches count from 1 in the order in which they ended.

    `first`, `last`: the batches in which it answered first and last, 0 for never. `since`: batches before this one
    don't count, because the address was asked faster than it bears. `borne`: packets a second that it does bear.
    `lossy`: its loss was found to be no matter of speed. `tried`: controls that were lost at the full rate
    and are tried again slowly. `remark`: what the report says of its speed.
    """

    quiet: list[Quiet] = field(factory=list)
    controlled: list[Controlled] = field(factory=list)
    first: int = 0
    last: int = 0
    since: int = 0
    borne: int | None = None
    lossy: bool = False
    tried: Controlled | None = None
    calm: Controls | None = None
    remark: str | None = None

    def counts(self, batch: int, *, so_far: bool = False) -> bool:
        """Whether silence of this batch lies between two answers of the address, or the address never answered.

        `so_far`: while the run goes on, as if the address answered at its end.
        """
        return batch >= self.since and (self.last == 0 or (self.first <= batch and (so_far or batch < self.last)))

    @property
    def counted(self) -> list[Controlled]:
        """The controls that count: none sent after the address fell silent for good."""
        return [held for held in self.controlled if self.since <= held.batch <= self.last]

    @property
    def controls(self) -> Controls:
        """The sum of all that count."""
        return sum((held.controls for held in self.counted), NO_CONTROLS)

    @property
    def worst(self) -> float:
        """The share that was lost in the worst batch that lost more than chance explains: loss that comes in bursts."""
        usual = self.controls.bound
        shares = (held.controls for held in self.counted if held.controls.sent >= SOME)
        return max((c.share for c in shares if c.share > usual and rarer(c.lost, c.sent, usual) < RARE), default=0.0)

    def vouching(self, since: int) -> list[Controlled]:
        """Its controls from a batch on, for addresses that have none: those too that went too fast for it, for so did the others'."""
        return [held for held in self.controlled if since <= held.batch <= self.last]

    def probes(self, ports: PortSet, *, so_far: bool = False, until: int | None = None) -> dict[int, PortSet]:
        """How many counted probes each of these ports was silent to. `until`: the last batch that counts."""
        levels = {0: ports.bits}
        for quiet in self.quiet:
            if self.counts(quiet.batch, so_far=so_far) and (until is None or quiet.batch <= until):
                levels = _raised(levels, quiet.ports.bits, quiet.probes)
        return {probes: PortSet(bits) for probes, bits in sorted(levels.items()) if bits}


def _raised(levels: dict[int, int], bits: int, probes: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for level, held in levels.items():
        found[level + probes] = found.get(level + probes, 0) | (held & bits)
        found[level] = found.get(level, 0) | (held & ~bits)
    return found


class Ledger:
    """Filled while a scan runs; the only thing in this room that changes."""

    def __init__(self) -> None:
        self._passes: dict[tuple[Address, str], list[Groups]] = {}
        self._believed: dict[tuple[Address, str], Groups] = {}
        self._records: dict[Address, HostRecord] = {}
        self.batch = 0
        self.after: set[Address] = set()
        self.failed: dict[Address, str] = {}
        self.done: dict[str, int] = {}
        self.long: set[int] = set()
        self._reckoned: dict[Hashable, Any] = {}
        self._reckoned_at = 0
        self._looked_at: dict[Address, PortSet] = {}

    @property
    def reckoned(self) -> dict[Hashable, Any]:
        """What was worked out of the records and holds until the next batch: for thousands of addresses it is the same."""
        if self._reckoned_at != self.batch:
            self._reckoned, self._reckoned_at = {}, self.batch
        return self._reckoned

    def record(self, address: Address) -> HostRecord:
        """What is known of this address's answers in time."""
        found = self._records.get(address)
        if found is None:
            found = self._records[address] = HostRecord()
        return found

    @property
    def records(self) -> Mapping[Address, HostRecord]:
        """All of them."""
        return self._records

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of single addresses."""
        return tuple(record.remark for record in self._records.values() if record.remark)

    def absorb(self, address: Address, protocol: str, groups: Groups, probes: int = 1) -> None:
        """One more pass over some ports of an address, each silent one asked `probes` times."""
        if not groups:
            return
        self._passes.setdefault((address, protocol), []).append(groups)
        self._believed.pop((address, protocol), None)
        if answering(groups):
            self.heard(address)
        silent = ports_with(groups, Evidence.SILENT) if protocol == "tcp" else NO_PORTS
        if silent:
            self.record(address).quiet.append(Quiet(self.batch, silent, probes))

    def heard(self, address: Address) -> None:
        """The address answered in this batch."""
        record = self.record(address)
        record.first = record.first or self.batch
        record.last = self.batch

    def look(self, address: Address, ports: PortSet) -> None:
        """The slower second opinion on these TCP ports is there."""
        self._looked_at[address] = self.looked_at(address) | ports

    def looked_at(self, address: Address) -> PortSet:
        """TCP ports of which there is a second opinion."""
        return self._looked_at.get(address, NO_PORTS)

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
