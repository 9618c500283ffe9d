"""Asks Nmap about itself while the sources are still read: starting it takes a tenth of a second, of which Python only waits."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

from iacdrift.scan.process import ending_with_us, find_nmap


def ask_ahead(nmap: str | None) -> None:
    """Begin to ask, and return at once. Whoever scans later asks as ever, and finds the answers there, or waits for them."""
    Thread(target=_ask, args=(nmap,), name="iacdrift-ask-ahead", daemon=True).start()


def _ask(nmap: str | None) -> None:
    # What is wrong with Nmap is found again by whoever needs it, and told there; a run that ends before needs nothing of it.
    with suppress(Exception):
        ending_with_us()
        find_nmap(nmap)
