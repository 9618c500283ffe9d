"""Who asks: this machine, or workers that stand at the vantage; nobody, where nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.surface.expected import HostStatus

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.scan.execution import Workforce
    from iacdrift.scan.progress import Progress
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.scan.standing import Standing
    from iacdrift.scan.task import Only
    from iacdrift.surface.expected import ExpectedSurface
    from iacdrift.surface.observed import ObservedSurface

Ask = Callable[["Only | None"], "ObservedSurface"]


@frozen(slots=True)
class Asking:
    """`executor`: what runs the scan, None for this machine. `place`: what the user calls the vantage.

    `one_of_many`: the place must be proven even for this machine. `here`: the vantage at which this machine is said to stand.
    """

    executor: Executor | str | None = None
    place: str = ""
    one_of_many: bool = False
    here: str | None = None
    proofs: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Asking:
        """From the options. UsageError where a proof or an executor has no meaning."""
        from iacdrift.options import texts
        from iacdrift.scan.standing import proof

        place, many = options.get("at") or _called(options.get("vantage")), bool(options.get("many"))
        found = cls(options.get("executor"), place, many, options.get("here"), texts(options.get("proofs")))
        for text in found.proofs:
            proof(text)
        if isinstance(found.executor, str) and not found.executor.startswith("dask://"):
            raise UsageError(f"--executor {found.executor}: give dask://HOST:PORT, the address of a Dask scheduler")
        kept = next((name for name in ("resume", "evidence") if options.get(name)), None)
        if found.executor is not None and kept is not None:
            raise UsageError(f"--{kept} keeps files where the scan runs: it is for scans by this machine, and --executor gives them away")
        return found

    def asks(self, part: ExpectedPart, settings: ScanSettings, progress: Progress | None) -> Ask:
        """What scans this surface, as often as it is called."""
        from iacdrift.scan.run import scan

        if self.executor is not None:
            return lambda only: self._elsewhere(part, settings, progress, only)
        doubt = self._doubt(part)
        if doubt is None:
            return lambda only: scan(part.surface, settings, progress, only=only)
        return lambda _: _nobody(part, settings, doubt)

    def _doubt(self, part: ExpectedPart) -> str | None:
        """Why this machine can't scan for the vantage."""
        from iacdrift.surface.vantage import VantageKind

        if not self.one_of_many or self.place in (self.here, VantageKind.AUTO.value):
            return None
        why = self._standing(part).doubt(host.address for host in part.surface.hosts if host.address is not None)
        if why is None:
            return None
        ways = "--executor gives the scan to workers, --here says where this machine is"
        return f"nobody stands at {self.place} to ask: as for this machine, {why}; {ways}"

    def _standing(self, part: ExpectedPart) -> Standing:
        from iacdrift.scan.standing import Standing, proof

        control = dict(map(proof, self.proofs)).get(self.place)
        return Standing(self.place, part.surface.vantage, control, part.surface.subnets)

    def _elsewhere(self, part: ExpectedPart, settings: ScanSettings, progress: Progress | None, only: Only | None) -> ObservedSurface:
        from iacdrift.scan.execution import scan_elsewhere

        with self._workforce() as workforce:
            if not workforce.present():
                return _nobody(part, settings, f"no worker carries the tag vantage:{self.place}")
            return scan_elsewhere(part.surface, settings, workforce, self._standing(part), progress=progress, only=only)

    @contextmanager
    def _workforce(self) -> Iterator[Workforce]:
        from iacdrift.scan.execution import Workforce

        if isinstance(self.executor, str):
            from iacdrift.scan.dask_workers import dask_client, workers_at

            with dask_client(self.executor) as client:
                yield workers_at(client, self.place)
        elif self.executor is not None:
            yield Workforce.of(self.executor)


def anything_to_ask(expected: ExpectedSurface, settings: ScanSettings) -> bool:
    """Whether there is a host that can be asked, or a network to sweep."""
    return bool(settings.sweep) or any(host.status in (HostStatus.PRESENT, HostStatus.BY_NAME) for host in expected.hosts)


def nothing_observed() -> ObservedSurface:
    """What answers where there is nobody to ask."""
    from iacdrift.surface.observed import ObservedSurface

    now = datetime.now(UTC).isoformat(timespec="seconds")
    return ObservedSurface(started_at=now, finished_at=now)


def _called(vantage: Any) -> str:
    """The name of the only vantage."""
    from iacdrift.surface.vantage import Vantage
    from iacdrift.vantages import one_vantage

    if isinstance(vantage, Vantage):
        return str(vantage.resource or vantage.ipv4 or vantage.ipv6 or vantage.kind.value)
    return one_vantage(vantage).name


def _nobody(part: ExpectedPart, settings: ScanSettings, why: str) -> ObservedSurface:
    from iacdrift.scan.portion import unseen
    from iacdrift.scan.targets import present_hosts

    return unseen(present_hosts(part.surface), why, settings.ports)
