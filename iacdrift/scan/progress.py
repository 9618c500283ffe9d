"""What a long scan tells while it runs. Progress goes to stderr, and only to a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from iacdrift.scan.job import Job

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress


class Progress(Protocol):
    """Told by `scan` what it is doing. Every method returns at once and raises nothing."""

    def planned(self, hosts: int, ports: int, packets: int, seconds: float) -> None:
        """The whole scan, as estimated before the first packet."""

    def started(self, job: Job, packets: int, seconds: float) -> None:
        """One Nmap run begins."""

    def advanced(self, fraction: float) -> None:
        """How far the current run is, 0 to 1, as Nmap itself estimates."""

    def ended(self, job: Job) -> None:
        """The current run is over."""

    def finished(self) -> None:
        """The scan is over, whole or not."""


class SilentProgress:
    """Tells nobody anything."""

    def planned(self, hosts: int, ports: int, packets: int, seconds: float) -> None:
        """Nothing."""

    def started(self, job: Job, packets: int, seconds: float) -> None:
        """Nothing."""

    def advanced(self, fraction: float) -> None:
        """Nothing."""

    def ended(self, job: Job) -> None:
        """Nothing."""

    def finished(self) -> None:
        """Nothing."""


_DOING = {
    "look": "first look",
    "sweep": "sweeping",
    "resweep": "asking the silent ports again",
    "udp": "asking UDP",
    "control": "asking the controls",
    "confirm": "confirming what differs",
    "again": "settling contradictions",
    "senders": "asking who rejects",
    "close": "asking known answers again",
    "discover": "looking for undeclared hosts",
    "portion": "workers are scanning",
}


class TerminalProgress:
    """A bar on stderr: what is done now, to how many hosts and ports, packets so far, and the time left."""

    def __init__(self, bar: RichProgress) -> None:
        self._bar = bar
        self._task = bar.add_task("scan", total=None)
        self._packets = 0
        self._job_packets = 0

    def planned(self, hosts: int, ports: int, packets: int, seconds: float) -> None:
        """Show the bar."""
        self._bar.update(self._task, total=max(packets, 1), description=f"{hosts} hosts, {ports:,} ports")
        self._bar.start()

    def started(self, job: Job, packets: int, seconds: float) -> None:
        """Name the run."""
        self._job_packets = packets
        doing = _DOING.get(job.stage, job.stage)
        described = f"{doing}: {len(job.targets)} hosts, {len(job.ports):,} ports of {job.protocol}"
        total = max(self._bar.tasks[0].total or 0, self._packets + packets)
        self._bar.update(self._task, description=described, total=total)

    def advanced(self, fraction: float) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=self._packets + fraction * self._job_packets)

    def ended(self, job: Job) -> None:
        """Count the run as done."""
        self._packets += self._job_packets
        self._bar.update(self._task, completed=self._packets)

    def finished(self) -> None:
        """Take the bar away."""
        self._bar.stop()


def progress_on_terminal() -> Progress:
    """A bar where stderr is a terminal, silence elsewhere; rich is loaded only for the bar."""
    if not sys.stderr.isatty():
        return SilentProgress()
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("packets"), TimeRemainingColumn())
    return TerminalProgress(Bar(*columns, console=Console(stderr=True), transient=True))
