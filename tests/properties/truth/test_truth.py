"""The expected surface agrees with what the kernel lets through, packet by packet at the edges of every rule.

`IACDRIFT_TRUTH=500` asks 500 topologies (default 60). A topology that doesn't agree is shrunk by Hypothesis before it is shown.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import pytest

from tests.needs import needs
from tests.properties.truth.bed import Bed
from tests.properties.truth.compare import Compared, Disagreement, compare, describe
from tests.properties.truth.conftest import Corpus
from tests.properties.truth.sampling import shrunk
from tests.properties.truth.topology import Topology
from tests.properties.truth.truth import Answers, answers, ask_again

pytestmark = [pytest.mark.live, needs("namespaces"), needs("nft")]

MOST_EXCUSED = 0.05
"""How much of what is asked may be excused as unknown; a product that says "unknown" to everything must not pass."""


ATTEMPTS = 250
"""How many smaller topologies are tried before a failure is shown."""


def judged(bed: Bed, topology: Topology, said: Answers, folder: Path) -> Compared:
    """The comparison; where it disagrees, the kernel is asked again before it is believed."""
    first = compare(topology, said, folder)
    doubtful = {d.question for d in first.disagreements if d.question}
    if not doubtful:
        return first
    return compare(topology, said | ask_again(bed, topology, doubtful), folder)


def test_the_expected_surface_is_what_the_kernel_lets_through(corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed: dict[int, tuple[Disagreement, ...]] = {}
    agreed = excused = 0
    kernel: Counter[str] = Counter()
    for number in range(corpus.size):
        topology, said = corpus[number]
        kernel.update(outcome.value for outcome in said.values())
        found = judged(corpus.bed, topology, said, tmp_path)
        agreed, excused = agreed + found.agreed, excused + found.excused
        if found.disagreements:
            failed[number] = found.disagreements
    with capsys.disabled():
        share = ", ".join(f"{kernel[key]:,} {key}" for key in ("yes", "no", "depends"))
        print(f"\ntruth: {corpus.size - len(failed)} of {corpus.size} topologies agree;")
        print(f"       {sum(kernel.values()):,} questions to the kernel ({share});")
        print(f"       {agreed:,} comparisons agree, {excused:,} are unknown where they may be")
    if failed:
        number = min(failed, key=lambda n: len(repr(corpus[n][0])))
        example = _smallest(corpus.bed, number, failed[number], tmp_path)
        pytest.fail(f"{len(failed)} of {corpus.size} topologies disagree: {sorted(failed)}\n{example}")
    assert excused <= MOST_EXCUSED * (agreed + excused)
    assert kernel["yes"] >= 0.05 * sum(kernel.values()), "too little passes: the sample proves too little"
    assert kernel["depends"] > 0


class Enough(BaseException):
    """No more attempts; no Exception, so that Hypothesis lets it through."""


def _smallest(bed: Bed, number: int, found: tuple[Disagreement, ...], folder: Path) -> str:
    """The smallest topology of this kind that Hypothesis finds within its attempts, with what differs in it."""
    failing: list[tuple[Topology, Compared]] = []
    attempts = iter(range(ATTEMPTS))

    def check(topology: Topology) -> None:
        if next(attempts, None) is None:
            raise Enough
        compared = judged(bed, topology, answers(bed, topology), folder)
        if compared.disagreements:
            failing.append((topology, compared))
        assert not compared.disagreements

    with contextlib.suppress(AssertionError, Enough):
        shrunk(number, check)
    if not failing:
        return f"topology {number}:\n{describe(found)}"
    topology, compared = min(failing, key=lambda one: len(repr(one[0])))
    return f"topology {number}, shrunk:\n{describe(compared.disagreements)}\n{topology}"
