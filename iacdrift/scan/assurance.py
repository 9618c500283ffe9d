"""Silence that can be believed: which controls measure the loss, which ports are asked again for it, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from attrs import evolve, frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import ports_with
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.jobs import SAFE_MIN_RATE, Sort, Wants, in_parts, jobs_for, sort_of
from iacdrift.scan.ledger import SOME, Controlled, HostRecord, Ledger
from iacdrift.scan.loss import LEAST_PROBES, NO_CONTROLS, PATIENCE, PROCESSES, Controls, cheapest, missed, probes_for
from iacdrift.scan.manner import Manner, kind, neighbourhood
from iacdrift.scan.suspicion import spread
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Evidence, SilenceFigure

_MOST_KNOWN = 300
_ENOUGH_KNOWN = 16
"""With fewer known ports they are asked in several rounds."""
_MOST_CONTROLLED = 3
"""Batches of controls on one address after which further probes are what makes silence surer."""
_MOST_LISTS = 4
_NEXT_TO_NOTHING = 1.01
"""Times the packets that one list of ports for all may take."""
_FEW = 1000
"""So many ports at the most are asked again before the loss is known."""
MOST_ROUNDS = 600
_TOGETHER = 0.8
"""Part of the rate that processes side by side are given: each of them is a little over its own at times."""
ROUNDS_A_SECOND = 30
"""Nmap begins each round at once, whatever its rate: a process needs this much of the rate for itself."""

_LOST_WAY = "the address stopped answering in mid-scan (a ban, or it went down): its silence can't be believed since its last answer"
_TOO_FAST = "they were asked faster than the way to them bears, and there was no time to ask them again at its pace"
_LATE = "the address answered only after these ports were asked: their silence can't be believed"
_NO_CONTROL = "nothing answered over TCP on this address or any other, so nobody knows how many packets are lost"


@frozen(slots=True)
class Measured:
    """The loss that is taken for one address; `where` is empty if it was measured there."""

    controls: Controls = NO_CONTROLS
    worst: float = 0.0
    where: tuple[Address, ...] = ()

    @property
    def loss(self) -> float:
        """For people: the bound over all controls, or what the worst batch lost, whichever is more."""
        return max(self.controls.bound, self.worst)

    def probes_for(self, confidence: float) -> int | None:
        """Probes after which the silence of a port is believed; None where no reasonable number will do."""
        return probes_for(self.controls, confidence, self.worst)

    def after(self, more: int) -> Measured:
        """As it will be after so many further controls, if they lose the same share."""
        return evolve(self, controls=self.controls + Controls(more, round(more * self.controls.share))) if more else self

    def missed(self, probes: int) -> float:
        """The chance that an open port was silent to so many probes."""
        return max(missed(self.controls, probes), self.worst**probes)


def known_ports(ledger: Ledger, address: Address) -> PortSet:
    """Ports on which the address itself answers over TCP: ICMP errors are rationed nearly everywhere."""
    return ports_with(ledger.belief(address, "tcp"), Evidence.OPEN, Evidence.CLOSED)


def silent_ports(ledger: Ledger, address: Address) -> PortSet:
    """TCP ports of which silence is what is believed."""
    return ports_with(ledger.belief(address, "tcp"), Evidence.SILENT)


def measured(ledger: Ledger, address: Address, others: Sequence[Address]) -> Measured:
    """Its own loss, else that of the answering addresses around it, else that of all of its family."""
    record = ledger.record(address)
    if record.controls.sent:
        return Measured(record.controls, record.worst)
    network = neighbourhood(address)
    # What was asked in a long job rests on controls of long jobs alone.
    long = any(quiet.batch in ledger.long and quiet.batch >= record.since for quiet in record.quiet)
    where = ("elsewhere", network, address.is_loopback, record.since, long)
    kept: tuple[Sequence[Address], Measured] | None = ledger.reckoned.get(where)
    if kept is None or kept[0] is not others:
        alike = [a for a in others if kind(a) == kind(address)]
        family = [a for a in alike if _vouching(ledger, a, record.since, long)]
        kept = others, _of_all(ledger, [a for a in family if neighbourhood(a) == network] or family, record.since, long)
        ledger.reckoned[where] = kept
    return kept[1]


def _vouching(ledger: Ledger, address: Address, since: int, long: bool) -> list[Controlled]:
    return [held for held in ledger.record(address).vouching(since) if not long or held.batch in ledger.long]


def _of_all(ledger: Ledger, addresses: Sequence[Address], since: int, long: bool) -> Measured:
    batches: dict[int, Controls] = {}
    for address in addresses:
        for held in _vouching(ledger, address, since, long):
            batches[held.batch] = batches.get(held.batch, NO_CONTROLS) + held.controls
    worst = max((found.share for found in batches.values() if found.sent >= SOME), default=0.0)
    return Measured(sum(batches.values(), NO_CONTROLS), worst, tuple(addresses))


def control_wants(known: Wants, needed: Mapping[Address, int]) -> dict[tuple[PortSet, int], list[Address]]:
    """(ports, rounds) -> addresses, so that each gets as many single probes to its `known` ports as it needs."""
    known = {address: known[address] for address, count in needed.items() if count > 0}
    common = Counter(port for ports in known.values() if len(ports) <= _ENOUGH_KNOWN for port in ports)
    lists: dict[PortSet, dict[Address, int]] = {}
    for address, ports in known.items():
        if ports:
            lists.setdefault(_chosen(ports, common, needed[address]), {})[address] = needed[address]
    if len(lists) > _MOST_LISTS:
        lists = _single(known, common, needed)
    found: dict[tuple[PortSet, int], list[Address]] = {}
    for ports, addresses in lists.items():
        rounds = min(MOST_ROUNDS, ceil(max(addresses.values()) / len(ports)))
        found.setdefault((ports, rounds), []).extend(addresses)
    return found


def _chosen(ports: PortSet, common: Counter[int], count: int) -> PortSet:
    if len(ports) > _ENOUGH_KNOWN:
        return spread(ports, min(count, _MOST_KNOWN))
    return PortSet.of(sorted(ports, key=lambda port: (-common[port], port))[:8])


def _single(known: Wants, common: Counter[int], needed: Mapping[Address, int]) -> dict[PortSet, dict[Address, int]]:
    lists: dict[PortSet, dict[Address, int]] = {}
    for address, ports in known.items():
        if ports:
            first = min(ports, key=lambda port: (-common[port], port))
            lists.setdefault(PortSet.single(first), {})[address] = needed[address]
    return lists


def known_jobs(ledger: Ledger, needed: Mapping[Address, int], manner: Manner) -> tuple[Job, ...]:
    """Single probes to known ports, in a few processes side by side: each round is mostly waiting."""
    jobs: list[Job] = []
    known = {address: known_ports(ledger, address) for address in needed}
    for (ports, rounds), addresses in control_wants(known, needed).items():
        jobs += _side_by_side("known", dict.fromkeys(addresses, ports), rounds, manner, _borne(ledger, addresses, manner))
    return tuple(jobs)


def _side_by_side(stage: str, wants: Wants, rounds: int, manner: Manner, rate: int) -> list[Job]:
    """The rounds in a few processes, which together stay within the rate and within every cap; slower rounds have one each."""
    jobs: list[Job] = []
    for job in jobs_for(stage, manner.tcp, wants, Pace(rate, None, retries=0, patience=PATIENCE), manner):
        if job.pace.max_rate < ROUNDS_A_SECOND:
            jobs += [job] * rounds
            continue
        parts = min(PROCESSES, max(1, rounds // 2), job.pace.max_rate // ROUNDS_A_SECOND)
        pace = evolve(job.pace, max_rate=int(job.pace.max_rate * _TOGETHER) // parts)
        jobs += [evolve(job, pace=pace, rounds=-(-rounds // parts), beside=part > 0) for part in range(parts)]
    return jobs


def spread_over(addresses: Sequence[Address], most: int) -> tuple[Address, ...]:
    """At most `most` of them, evenly spread."""
    count = min(most, len(addresses))
    return tuple(addresses[index * len(addresses) // count] for index in range(count))


def _borne(ledger: Ledger, addresses: Iterable[Address], manner: Manner) -> int:
    return min((ledger.record(a).borne or manner.rate for a in addresses), default=manner.rate)


def controls_needed(ledger: Ledger, wants: Wants, manner: Manner) -> dict[Address, int]:
    """How many more controls each answering address with silent ports should get."""
    needed = {}
    rate = _part_of_the_rate(wants, manner)
    for address, ports in wants.items():
        record = ledger.record(address)
        if ports and record.last and known_ports(ledger, address) and len(record.counted) < _MOST_CONTROLLED:
            done = min(record.probes(ports, so_far=True))
            needed[address] = cheapest(len(ports), manner.confidence, rate, record.controls, done)[1]
    return needed


def _part_of_the_rate(wants: Wants, manner: Manner) -> int:
    return max(1, manner.rate // max(1, sum(1 for ports in wants.values() if ports)))


def first_shortage(ledger: Ledger, wants: Wants, manner: Manner) -> dict[int, dict[Address, PortSet]]:
    """As `short_of_probes` before anything was measured: what will be short where the controls find no loss at all."""
    short: dict[int, dict[Address, PortSet]] = {}
    rate = _part_of_the_rate(wants, manner)
    for address, ports in wants.items():
        record = ledger.record(address)
        if ports and record.last and not record.controls.sent and known_ports(ledger, address):
            levels = record.probes(ports, so_far=True)
            needed = cheapest(len(ports), manner.confidence, rate, done=min(levels))[0]
            for probes, held in levels.items():
                if probes < needed and len(held) <= _FEW:
                    short.setdefault(needed - probes, {})[address] = held
    return short


def short_of_probes(
    ledger: Ledger, wants: Wants, others: Sequence[Address], manner: Manner, coming: Mapping[Address, int]
) -> dict[int, dict[Address, PortSet]]:
    """Further single probes -> the ports that need so many before their silence is believed, by address.

    `coming`: controls that are asked at the same time.
    """
    short: dict[int, dict[Address, PortSet]] = {}
    for address, ports in wants.items():
        taken = measured(ledger, address, others)
        # Where no number of probes will do two are asked all the same: what is open is found by them, silence isn't believed.
        needed = taken.after(coming.get(address, 0)).probes_for(manner.confidence) or LEAST_PROBES
        for probes, held in ledger.record(address).probes(ports, so_far=True).items() if ports else ():
            if probes < needed:
                more = short.setdefault(needed - probes, {})
                more[address] = more.get(address, NO_PORTS) | held
    return short


def assure_jobs(ledger: Ledger, short: Mapping[int, Wants], manner: Manner) -> tuple[Job, ...]:
    """The further probes, round by round, with a few known ports among them: they show whether the address still answers."""
    jobs: list[Job] = []
    for rounds, wants in short.items():
        sorts = {a: sort_of(ledger.belief(a, "tcp")) for a in wants}
        for sort in Sort:
            chosen = {a: ports for a, ports in wants.items() if sorts[a] is sort}
            rate = _borne(ledger, chosen, manner)
            forced = None if sort is Sort.REFUSING else min(rate, manner.rate if sort is Sort.SILENT else SAFE_MIN_RATE)
            pace = Pace(rate, forced, retries=0, host_timeout=manner.host_timeout)
            for job in jobs_for("assure", manner.tcp, _alike(chosen), pace, manner):
                jobs += (with_known(ledger, part) for part in in_parts(evolve(job, rounds=rounds)))
    return tuple(jobs)


def _alike(wants: Wants) -> Wants:
    """One list of ports for all addresses where that costs next to nothing: each list more is a process more that waits for its end."""
    both = PortSet.union(wants.values())
    return dict.fromkeys(wants, both) if len(both) * len(wants) <= _NEXT_TO_NOTHING * sum(map(len, wants.values())) else wants


def with_known(ledger: Ledger, job: Job, most: int = 8) -> Job:
    """The job with at most so many ports more, on which most of its targets are known to answer."""
    known = Counter(port for address in job.targets for port in spread(known_ports(ledger, address), most))
    return evolve(job, ports=job.ports | PortSet.of(port for port, _ in known.most_common(most)))


def figure(
    ledger: Ledger, address: Address, asked: PortSet, others: Sequence[Address], confidence: float
) -> tuple[SilenceFigure | None, PortSet]:
    """What the silence of these ports comes to, and the ports of which it is believed."""
    silent = silent_ports(ledger, address) & asked
    taken = measured(ledger, address, others)
    if not silent or not taken.controls.sent:
        return None, NO_PORTS
    needed = taken.probes_for(confidence)
    # Whoever never answered is silent for sure as long as those do on whom its figure rests.
    until = max((ledger.record(other).last for other in taken.where), default=None)
    least, believed = enough(ledger.record(address).probes(silent, until=until), needed)
    controls = taken.controls
    return SilenceFigure(taken.loss, controls.sent, controls.lost, least, taken.missed(least), taken.where), believed


def enough(levels: Mapping[int, PortSet], needed: int | None) -> tuple[int, PortSet]:
    """The fewest probes and the ports, of those that were asked as often as needed; `needed` None: no number will do."""
    found = {probes: ports for probes, ports in levels.items() if needed is not None and probes >= needed}
    return min(found, default=0), PortSet.union(found.values())


def doubts(record: HostRecord, doubted: PortSet, found: SilenceFigure | None, confidence: float) -> tuple[tuple[PortSet, str], ...]:
    """Why the silence of these ports isn't believed, where it isn't."""
    void = fast = NO_PORTS
    for quiet in record.quiet:
        void |= quiet.ports & doubted if found and record.last and not record.counts(quiet.batch) else NO_PORTS
        fast |= quiet.ports & doubted if not record.last and quiet.batch < record.since else NO_PORTS
    why = _LOST_WAY if any(q.batch >= record.last for q in record.quiet if q.ports & void) else _LATE
    rest = _NO_CONTROL if found is None else _too_lossy(found, confidence)
    told = ((void, why), (fast, _TOO_FAST), (doubted - void - fast, rest))
    return tuple((ports, text) for ports, text in told if ports)


def _too_lossy(found: SilenceFigure, confidence: float) -> str:
    allowed = 1 - confidence
    share = f"{found.lost} of {found.controls} controls stayed without answer"
    return (
        f"too few probes for this loss: {share}, so up to {found.loss:.1%} of all probes may be lost, and an open port could be "
        f"missed more often than {allowed:.2g} (--confidence); at least {LEAST_PROBES} probes a port are needed in any case"
    )
