"""Asks everybody in turn, round by round, and keeps what each took and found."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from benchmarks.scan import ours
from benchmarks.scan.cases import Case, Listener
from benchmarks.scan.commands import Deadline, OutOfTimeError
from benchmarks.scan.lab import Lab
from benchmarks.scan.peers import PEERS, Peer, unfit

OURS = "iacdrift check"
_SLOW, _SLOW_SHARE = 20.0, 5
"""Who takes more than so many seconds, and so many times the limit, isn't asked in further rounds."""
_GRACE = 30.0
"""Seconds beyond a deadline in which a process of ours ends by itself."""


@frozen
class Sample:
    """One run of one scanner. Packets are counted at the router; `seconds` is its deadline where it was `stopped`.

    `failed`: what it complained of, where it ended without a result.
    """

    seconds: float
    load: float
    probes: int = 0
    packets: int = 0
    found: frozenset[Listener] = frozenset()
    stopped: bool = False
    failed: str = ""
    verdict: ours.Verdict | None = None
    promise: ours.Promise | None = None
    start_up: float = 0.0
    """Seconds of the `plan-scan` before it: the interpreter, the reading of the source, no packet."""


@frozen
class Outcome:
    """All samples of a case by scanner, and why the others are left out."""

    case: Case
    truth: frozenset[Listener]
    samples: dict[str, tuple[Sample, ...]] = field(factory=dict)
    left_out: dict[str, str] = field(factory=dict)


def measure(cases: Sequence[Case], count: int, folder: Path, *, everybody: bool = False) -> Iterator[Outcome]:
    """Each case, as soon as it is done. `everybody`: in every round; else all but Nmap with the right flags are asked in the first."""
    with Lab(max(case.hosts for case in cases)) as lab:
        for case in cases:
            lab.prepare(case)
            yield _Case(lab, case, count, folder, everybody).outcome()


class _Case:
    """One case: its file, its deadline, who is left out."""

    def __init__(self, lab: Lab, case: Case, count: int, folder: Path, everybody: bool) -> None:
        self._lab, self._case, self._folder = lab, case, folder
        self._addresses = lab.addresses(case)
        self._rounds, self._full = count, everybody
        # A scanner that takes this much longer than necessary needn't be watched to its end.
        self._seconds = max(60.0, 15 * case.limit) if self._full else max(15.0, 2.5 * case.limit)
        self._source = ours.write_expectation(case, self._addresses, folder)
        promise = self._promised()[0]
        self._promise = promise if isinstance(promise, ours.Promise) else None

    def outcome(self) -> Outcome:
        """Round after round, everybody in turn."""
        samples: dict[str, tuple[Sample, ...]] = {}
        left_out: dict[str, str] = {}
        for number in range(self._rounds):
            _tell(f"{self._case.name}: {OURS}")
            samples[OURS] = (*samples.get(OURS, ()), self._ours())
            for peer in PEERS:
                why = self._unasked(peer, number, samples.get(peer.name, ()))
                if why:
                    left_out.setdefault(peer.name, why)
                    continue
                _tell(f"{self._case.name}: {peer.name}")
                samples[peer.name] = (*samples.get(peer.name, ()), self._peer(peer))
        left_out = {name: why for name, why in left_out.items() if name not in samples}
        return Outcome(self._case, self._case.truth(self._addresses), samples, left_out)

    def _unasked(self, peer: Peer, number: int, before: tuple[Sample, ...]) -> str:
        if self._case.few and not peer.every_round:
            return "not in this case"
        if peer.missing():
            return f"{peer.missing()} isn't here"
        if before and before[-1].seconds > max(_SLOW, _SLOW_SHARE * self._case.limit):
            return "one round will do"
        if not (self._full or peer.every_round) and (number or not self._case.whole or (peer.hands_on and not self._case.hand_offs)):
            return "with --everybody only"
        return unfit(peer, self._case)

    def _peer(self, peer: Peer) -> Sample:
        deadline = Deadline.after(self._seconds)
        return self._sample(lambda: {"found": peer.look(self._case, self._addresses, deadline, self._folder)})

    def _ours(self) -> Sample:
        deadline = Deadline.after(self._seconds + 60)
        _, start_up = self._promised()

        def look() -> dict[str, Any]:
            verdict = ours.check(self._case, self._source, deadline, self._folder)
            return {"verdict": verdict, "found": verdict.found, "promise": self._promise, "start_up": start_up}

        return self._sample(look)

    def _promised(self) -> tuple[Any, float]:
        deadline = Deadline.after(60)
        return self._timed(lambda: ours.plan_scan(self._case, self._source, deadline, self._folder))

    def _sample(self, look: Callable[[], dict[str, Any]]) -> Sample:
        load = os.getloadavg()[0]
        self._lab.counted()
        learnt, seconds = self._timed(look)
        if "failed" in learnt:
            _tell(f"failed: {learnt['failed']}")
        probes, packets = self._lab.counted()
        return Sample(seconds, load, probes, packets, **learnt)

    def _timed(self, work: Callable[[], Any]) -> tuple[Any, float]:
        """What it gives and the seconds that it takes, inside the namespace; why it gave nothing, as a mapping."""

        def timed() -> tuple[Any, float]:
            start = time.perf_counter()
            try:
                found = work()
            except OutOfTimeError:
                found = {"stopped": True}
            except RuntimeError as error:
                found = {"failed": str(error)}
            return found, time.perf_counter() - start

        learnt: tuple[Any, float] = self._lab.scan(timed, self._seconds + 60 + _GRACE)
        return learnt


def _tell(text: str) -> None:
    print(f"# {text}", file=sys.stderr, flush=True)
