"""From samples to figures: medians, recall over all rounds, what a report claims, and what its estimate was worth."""

from __future__ import annotations

from math import exp
from statistics import median

from attrs import frozen

from benchmarks.compare import Row
from benchmarks.scan.rounds import OURS, Outcome, Sample

_RARE = 0.05
"""More misses than claimed are told apart from bad luck at this chance."""
_ESTIMATE = 0.15


@frozen
class Figures:
    """One scanner in one case. Medians of seconds and packets; `found` of `there` and `false` over all rounds; `load` at its highest.

    `missed`: listening, and neither found nor called undetermined.
    """

    seconds: float
    probes: float
    packets: float
    found: int
    there: int
    missed: int
    false: int
    load: float
    rounds: int
    stopped: bool
    failed: bool

    @property
    def recall(self) -> float:
        """The share of what listens that it found."""
        return self.found / self.there


def figures(outcome: Outcome, name: str) -> Figures:
    """What one scanner comes to in this case."""
    samples, truth = outcome.samples[name], outcome.truth
    unsure = [sample.verdict.unsure if sample.verdict else frozenset() for sample in samples]
    return Figures(
        median(sample.seconds for sample in samples),
        median(sample.probes for sample in samples),
        median(sample.packets for sample in samples),
        sum(len(sample.found & truth) for sample in samples),
        len(truth) * len(samples),
        sum(len(truth - sample.found - held) for sample, held in zip(samples, unsure, strict=True)),
        sum(len(sample.found - truth) for sample in samples),
        max(sample.load for sample in samples),
        len(samples),
        any(sample.stopped for sample in samples),
        any(sample.failed for sample in samples),
    )


def better(outcome: Outcome) -> tuple[str, ...]:
    """The scanners that are faster than our verdict and find as much as it does."""
    ours = figures(outcome, OURS)
    others = {name: figures(outcome, name) for name in outcome.samples if name != OURS}
    return tuple(
        name
        for name, one in others.items()
        if not (one.stopped or one.failed) and one.seconds < ours.seconds and one.recall >= ours.recall and one.false <= ours.false
    )


def rows(outcome: Outcome) -> tuple[Row, ...]:
    """What this case must show."""
    case, ours, samples = outcome.case, figures(outcome, OURS), outcome.samples[OURS]
    verdicts = ", ".join(sorted({sample.verdict.verdict if sample.verdict else "no verdict" for sample in samples}))
    limit = f"{case.packets:,} packets at {case.rate:,} a second are {case.limit:.2f} s"
    aside = f"{limit}; median of {ours.rounds}; {verdicts}; load {ours.load:.1f}"
    return (
        _time(outcome, ours, aside),
        *_complete(outcome, ours, samples),
        _peers(outcome),
        *_estimates(samples, ours),
    )


def _time(outcome: Outcome, ours: Figures, aside: str) -> Row:
    case = outcome.case
    if case.limit > 2:
        return Row(f"{case.title}: verdict / limit", ours.seconds / case.limit, "x", 1.1, aside)
    return Row(f"{case.title}: verdict beyond the limit", ours.seconds - case.limit, "s", 1.0, aside)


def _complete(outcome: Outcome, ours: Figures, samples: tuple[Sample, ...]) -> tuple[Row, ...]:
    false = Row("… false opens", ours.false, "", 0)
    found = f"{ours.found:,} of {ours.there:,} found"
    if not outcome.case.loss:
        return Row("… listeners not found", ours.there - ours.found, "", 0, found), false
    claims = [sample.verdict.miss for sample in samples if sample.verdict and sample.verdict.miss is not None]
    claimed = max(claims, default=0.0) * ours.there
    aside = f"{found}, {ours.there - ours.found - ours.missed:,} undetermined; {claimed:.3f} expected by the report's own figure"
    return Row("… listeners missed", ours.missed, "", credible(claimed), aside), false


def credible(expected: float) -> int:
    """The most misses that aren't rarer than _RARE where so many are to be expected (Poisson)."""
    most, chance = 0, exp(-expected)
    seen = chance
    while 1 - seen > _RARE:
        most += 1
        chance *= expected / most
        seen += chance
    return most


def _peers(outcome: Outcome) -> Row:
    found = better(outcome)
    return Row("… scanners both faster and as complete", len(found), "", 0, ", ".join(found))


def _estimates(samples: tuple[Sample, ...], ours: Figures) -> tuple[Row, ...]:
    promise = samples[0].promise
    if promise is None:
        return ()
    alone = ours.seconds - min(sample.start_up for sample in samples)
    packets, seconds = promise.packets / max(1.0, ours.probes), promise.seconds / max(0.01, alone)
    return (
        Row(
            "… `plan-scan`'s packets off by", abs(packets - 1), "", _ESTIMATE, f"{promise.packets:,} said, {ours.probes:,.0f} SYNs counted"
        ),
        Row("… its seconds off by", abs(seconds - 1), "", _ESTIMATE, f"{promise.seconds:.1f} s said; {alone:.1f} s without the start-up"),
    )
