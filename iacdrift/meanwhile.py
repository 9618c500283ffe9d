"""What a report needs is imported while Nmap runs: the interpreter only waits then."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Timer

JUDGING = ("iacdrift.drift.judge", "iacdrift.remedy")
"""What every verdict takes."""
KEEPING = ("iacdrift.history.store", "sqlalchemy.dialects.sqlite")
"""What opens a history: more than all the rest of a run."""

_SOON = 0.05
"""Seconds in which Nmap is started, so that the first packet waits for no import."""


@contextmanager
def imported_meanwhile(modules: Sequence[str]) -> Iterator[None]:
    """Imports them in a thread while the block runs; behind it they are there, unless it was too short to begin."""
    missing = [name for name in modules if name not in sys.modules]
    if not missing:
        yield
        return
    beside = Timer(_SOON, _import, (missing,))
    beside.start()
    try:
        yield
    finally:
        beside.cancel()
        beside.join()


def _import(modules: Sequence[str]) -> None:
    # What can't be imported is imported again by whoever needs it, and fails there.
    with suppress(Exception):
        for name in modules:
            import_module(name)
