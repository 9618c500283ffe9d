"""Makes a veth pair behave like a wire: what is sent arrives a moment later, not within the sender's own system call.

Without that an ICMPv6 error comes back while `connect()` still holds its socket, and Linux then ignores it until the
SYN is sent again a second later: an unprivileged scan would see silence where on any real network it is rejected.
"""

from __future__ import annotations

import ctypes
import fcntl
import socket
import struct
import subprocess

_SIOCETHTOOL, _SET_TSO, _SET_GRO = 0x8946, 0x1F, 0x2C


def send_plainly(interface: str) -> None:
    """Segmentation offload off: the other end queues only packets that were never to be segmented."""
    _ethtool(interface, _SET_TSO, 0)


def receive_in_a_thread(interface: str) -> None:
    """A kernel thread takes packets from the queue of this interface of the current namespace (Linux >= 5.13)."""
    _ethtool(interface, _SET_GRO, 1)
    # /sys shows the namespace that mounted it.
    script = f"mount -t sysfs none /sys && echo 1 > /sys/class/net/{interface}/threaded"
    subprocess.run(["unshare", "--mount", "sh", "-c", script], check=True, capture_output=True)


def receive_at_once(interface: str) -> None:
    """The opposite: nothing waits in a queue, which at tens of thousands of packets a second overflows on a busy machine."""
    _ethtool(interface, _SET_GRO, 0)


def _ethtool(interface: str, command: int, value: int) -> None:
    order = ctypes.create_string_buffer(struct.pack("=II", command, value))
    request = struct.pack("16sP", interface.encode(), ctypes.addressof(order)) + bytes(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SIOCETHTOOL, request)
