"""`--executor dask://HOST:PORT`: the workers of a Dask scheduler that carry a vantage's tag."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from iacdrift.errors import ScanError, UsageError
from iacdrift.scan.execution import Workforce

if TYPE_CHECKING:
    from distributed import Client

_PATIENCE = 10.0
SCHEME = "dask://"


@contextmanager
def dask_client(address: str) -> Iterator[Client]:
    """A connection to the scheduler. UsageError for another kind of address, ScanError where nobody answers there."""
    if not address.startswith(SCHEME) or len(address) == len(SCHEME):
        raise UsageError(f"--executor {address}: give dask://HOST:PORT, the address of a Dask scheduler")
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--executor dask://… needs the package distributed: pip install 'iacdrift[dask]'") from None
    try:
        client = Client(f"tcp://{address.removeprefix(SCHEME)}", timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ScanError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        yield client


def workers_at(client: Client, vantage: str) -> Workforce:
    """The workers with the resource `vantage:NAME`; as many portions at a time as they offer of it together."""
    tag = f"vantage:{vantage}"

    def offered() -> float:
        return sum(held.get(tag, 0) for held in _resources(client))

    executor = client.get_executor(resources={tag: 1}, pure=False)  # type: ignore[no-untyped-call]
    return Workforce(executor, max(1, int(offered())), lambda: int(offered()))


def _resources(client: Client) -> list[dict[str, float]]:
    try:
        found: Any = client.scheduler_info(n_workers=-1)
    except TypeError:  # older releases tell of all workers, and don't know the word
        found = client.scheduler_info()
    return [worker.get("resources") or {} for worker in found.get("workers", {}).values()]
