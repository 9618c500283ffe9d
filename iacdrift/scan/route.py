"""Which of this machine's addresses the kernel would send from; nothing is sent to find out."""

from __future__ import annotations

import socket

from iacdrift.scan.scope import parse_address
from iacdrift.surface.expected import Address

_DISCARD = 9


def local_source(target: Address) -> Address | None:
    """The source address of this machine's route to `target`, or None where it has no route.

    Connecting a UDP socket makes the kernel look the route up; no packet leaves.
    """
    family = socket.AF_INET if target.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(target), _DISCARD))
            return parse_address(str(probe.getsockname()[0]).partition("%")[0])
    except OSError:
        return None
