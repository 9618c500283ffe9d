"""How sure the silence is on which a verdict rests, in one figure for the whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from iacdrift.surface.observed import ObservedHost


@frozen(slots=True)
class SilenceCoverage:
    """The worst figures of a run.

    `loss`: the largest bound on lost probes; `probes`: the fewest that a believed port was silent to; `miss`: the chance, at
    the most, that such a port is open. `controls`, `lost`: what the loss was measured with. `elsewhere`: addresses that
    never answered, whose loss is that of `measured_on`; every other one's was measured on itself.
    """

    loss: float
    controls: int
    lost: int
    probes: int
    miss: float
    elsewhere: int = 0
    measured_on: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of `coverage.silence`; shares to three digits."""
        loss, miss = (float(f"{share:.3g}") for share in (self.loss, self.miss))
        shown: dict[str, object] = {"loss": loss, "controls": self.controls, "lost": self.lost, "probes": self.probes, "miss": miss}
        return shown | {"elsewhere": self.elsewhere, "measured_on": list(self.measured_on)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> SilenceCoverage:
        """What `to_dict` wrote, here or in an older version."""
        return cls(**{**document, "measured_on": tuple(document.get("measured_on", ()))})


def silence_of(hosts: Sequence[ObservedHost]) -> SilenceCoverage | None:
    """The worst figure of any address for each: a user who reads one line must not read the best. None without a figure."""
    found = [host.silence for host in hosts if host.silence is not None and host.silence.probes]
    if not found:
        return None
    borrowed = [figure for figure in found if figure.measured_on]
    lenders = sorted({address for figure in borrowed for address in figure.measured_on}, key=lambda a: (a.version, int(a)))
    own = [figure for figure in found if not figure.measured_on] or found[:1]
    return SilenceCoverage(
        max(figure.loss for figure in found),
        sum(figure.controls for figure in own),
        sum(figure.lost for figure in own),
        min(figure.probes for figure in found),
        max(figure.miss for figure in found),
        len(borrowed),
        tuple(map(str, lenders)),
    )
