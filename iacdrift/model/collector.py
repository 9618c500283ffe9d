"""Python's collector of cycles, out of the way while something large is made that lives on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for cycles inside; afterwards it is as it was before. Also a decorator.

    Sources, networks and surfaces are trees: in a large one the collector walks again and again through millions of values
    to find nothing, and takes most of the time. What was made is then counted among the old, which are looked at rarely.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:  # what somebody else froze would thaw
            gc.freeze()
            gc.unfreeze()
        gc.enable()
