"""How likely it is that an open port was missed: loss measured with single probes, and what it takes to make a miss rare.

The chance that the next n probes are all lost, after so many controls and so many lost ones, is a product of n shares
(beta-binomial, under Jeffreys' prior, Proc. R. Soc. A 186, 1946). Probes that are chosen by it keep what is claimed at
any true loss whatever, which `tests/scan/test_loss.py` works out. The bound that people are told is that of Clopper and
Pearson (Biometrika 26, 1934). See docs/decisions/0005-silence-has-a-figure.md.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, exp, lgamma, log, log1p, prod

from attrs import frozen

DOUBT = 0.05
"""How often the bound that people are told may lie below the true loss; no silence rests on it."""
_PRIOR = 0.5
"""Jeffreys' prior for a share: so much of a lost and so much of an answered control stand before the first one."""
LEAST_PROBES = 2
"""No silence rests on a single probe, however small the loss."""
MOST_PROBES = 24
"""Where more probes than this were needed the silence stays undetermined."""
MOST_CONTROLS = 600
PROCESSES = 3
"""Go round side by side while controls are asked."""
CONTROL = 0.035 / PROCESSES
"""Seconds of one control: Nmap takes 35 ms for a round, measured."""
PATIENCE = 0.3
"""Seconds that a control has for its answer at the least: a machine that is busy isn't a loss."""
ROUND = 0.14
"""Seconds of one more round of probes that nobody answers."""
RARE = 0.01
"""Chance below which a difference isn't taken for luck."""
_STEPS = 60
_ROUNDING = 1e-12


@frozen(slots=True)
class Controls:
    """Single probes to ports that are known to answer: how many were sent, and how many of them stayed without answer."""

    sent: int = 0
    lost: int = 0

    def __add__(self, other: Controls) -> Controls:
        return Controls(self.sent + other.sent, self.lost + other.lost)

    @property
    def bound(self) -> float:
        """The loss of a probe and its answer together that these controls don't rule out; 1.0 without any control."""
        return loss_bound(self.sent, self.lost)

    @property
    def share(self) -> float:
        """The share that was lost."""
        return self.lost / self.sent if self.sent else 0.0


NO_CONTROLS = Controls()


@lru_cache(maxsize=4096)
def missed(controls: Controls, probes: int) -> float:
    """The chance that so many single probes of one open port all stay without answer, after what the controls showed."""
    if not controls.sent:
        return 1.0
    lost, sent = controls.lost + _PRIOR, controls.sent + 2 * _PRIOR
    return prod((lost + done) / (sent + done) for done in range(probes))


@lru_cache(maxsize=4096)
def probes_for(controls: Controls, confidence: float, worst: float = 0.0) -> int | None:
    """Probes of one port, all silent, after which a miss is rare enough; None where no reasonable number will do.

    `worst`: the share that was lost in the worst stretch of time, 0.0 to 1.0: loss may come in bursts.
    """
    for probes in range(LEAST_PROBES, MOST_PROBES + 1):
        if max(missed(controls, probes), worst**probes) <= 1 - confidence + _ROUNDING:
            return probes
    return None


@lru_cache(maxsize=4096)
def loss_bound(sent: int, lost: int, doubt: float = DOUBT) -> float:
    """The largest loss under which seeing so few lost ones isn't rarer than `doubt` (one-sided)."""
    if sent <= 0 or lost >= sent:
        return 1.0
    low, high = lost / sent, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(lost, sent, middle) > doubt else (low, middle)
    return high


def rarer(lost: int, sent: int, loss: float) -> float:
    """The chance of so many losses or more among `sent` probes."""
    return 1.0 - _at_most(lost - 1, sent, loss) if lost > 0 else 1.0


def same(slow: Controls, fast: Controls) -> float:
    """The chance that the slow ones lost so few, if both lose the same share (Fisher's exact test, one-sided)."""
    sent, lost = slow.sent + fast.sent, slow.lost + fast.lost
    least = max(0, lost - fast.sent)
    return sum(comb(lost, few) * comb(sent - lost, slow.sent - few) for few in range(least, slow.lost + 1)) / comb(sent, slow.sent)


def _at_most(lost: int, sent: int, loss: float) -> float:
    """The chance of at most `lost` losses among `sent` probes."""
    if loss <= 0.0 or loss >= 1.0:
        return 1.0 if loss <= 0.0 else 0.0
    ways = (lgamma(sent + 1) - lgamma(n + 1) - lgamma(sent - n + 1) for n in range(lost + 1))
    return sum(exp(way + n * log(loss) + (sent - n) * log1p(-loss)) for n, way in enumerate(ways))


@lru_cache(maxsize=4096)
def cheapest(silent: int, confidence: float, rate: int, measured: Controls = NO_CONTROLS, done: int = 0) -> tuple[int, int]:
    """Probes for each of so many silent ports, and further controls, that take the least time where the loss stays as it is.

    `rate`: this address's part of all packets a second. `done`: probes that each port was silent to already. Controls are
    paid by the round.
    """
    plans = []
    control = max(CONTROL + measured.share * PATIENCE / PROCESSES, 1 / rate)
    for probes in range(LEAST_PROBES, MOST_PROBES + 1):
        controls = controls_for(probes, confidence, measured)
        if controls is not None:
            further = max(0, probes - done)
            plans.append((max(further * silent / rate + further * ROUND, controls * control), further, probes, controls))
    if not plans:
        return MOST_PROBES, 0
    _, _, probes, controls = min(plans)
    return probes, controls


@lru_cache(maxsize=4096)
def controls_for(probes: int, confidence: float, measured: Controls = NO_CONTROLS) -> int | None:
    """How many more controls, all answered, make so many silent probes enough; None where too many were."""

    def enough(more: int) -> bool:
        return missed(measured + Controls(more), probes) <= 1 - confidence + _ROUNDING

    if not enough(MOST_CONTROLS):
        return None
    low, high = 0, MOST_CONTROLS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low
