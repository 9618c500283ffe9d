"""A real Dask scheduler on the bed's router, and real workers in namespaces of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Self

from iacdrift.drift.matrix import DriftMatrix
from tests.live.bed import Bed, inside
from tests.live.bed.namespace import Namespace
from tests.live.bed.topology import ROUTER_V4

PORT = 8786


class Fleet:
    """The scheduler's and the workers' processes; a context manager. They end with this process, however it ends."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._made = ExitStack()
        self.pids: dict[str, int] = {}
        self._start(bed.router, "scheduler", "--port", str(PORT), "--no-dashboard", "--no-jupyter")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def worker(self, space: Namespace, name: str, vantage: str) -> None:
        """One more worker, which says that it stands at `vantage`."""
        limits = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--resources", f"vantage:{vantage}=1", "--memory-limit", "0")
        self._start(space, "worker", f"tcp://{ROUTER_V4}:{PORT}", "--name", name, *limits, called=name)

    def call(self, work: Callable[[str], Any], seconds: float = 120.0) -> Any:
        """What `work(URL of the executor)` returns where it reaches the scheduler, once all workers are there."""
        count = len(self.pids) - 1

        def when_all_are_there() -> Any:
            from distributed import Client

            with Client(f"tcp://{ROUTER_V4}:{PORT}", timeout=60, set_as_default=False) as client:
                client.wait_for_workers(count, timeout=60)
            return work(f"dask://{ROUTER_V4}:{PORT}")

        return self._bed.router.call(when_all_are_there, seconds=seconds)

    def _start(self, space: Namespace, role: str, *words: str, called: str | None = None) -> None:
        net, environment = space.net, {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s"}

        def run(_: int) -> None:
            inside.enter(net)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            os.execve(sys.executable, [sys.executable, "-m", f"distributed.cli.dask_{role}", *words], environment)

        pid, pipe = inside.start(run, net)
        self._made.callback(os.close, pipe)
        self._made.callback(inside.stop, pid)
        self.pids[called or role] = pid


def cells(matrix: DriftMatrix, address: object, port: int) -> dict[str, str]:
    """What the row of this port says, by vantage."""
    (row,) = [row for row in matrix.rows if row.address == str(address) and port in row.ports and row.protocol == "tcp"]
    return {name: cell.text for name, cell in zip(matrix.names, row.cells, strict=True)}
