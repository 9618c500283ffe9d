"""What this machine can do: which Nmap there is, and whether it may send raw packets."""

from __future__ import annotations

import os
import shutil
import socket
import struct
from pathlib import Path

from attrs import frozen

from iacdrift.errors import ScanError
from iacdrift.model.ports import NO_PORTS, PortSet

OLDEST = (7, 80)
LISTS_COLLAPSED = (7, 92)
_CAP_NET_RAW = 13


@frozen(slots=True)
class Nmap:
    """One Nmap. `raw`: it may send raw packets. `top_tcp`, `top_udp`: its own 1,000 and 20 most frequent ports.

    `probes`: the path of its service probes, None where they aren't in the usual place. `fastest`: packets a second that
    one process was seen to send here, None where it wasn't asked for more than every machine can.
    """

    path: str
    version: tuple[int, int]
    raw: bool
    top_tcp: PortSet = NO_PORTS
    top_udp: PortSet = NO_PORTS
    probes: str | None = None
    fastest: int | None = None

    @property
    def lists_collapsed_ports(self) -> bool:
        """Whether the XML says which ports a collapsed state stands for."""
        return self.version >= LISTS_COLLAPSED

    @property
    def version_text(self) -> str:
        """As Nmap writes it: `7.93`."""
        return f"{self.version[0]}.{self.version[1]:02d}"


def locate(wanted: str | None) -> str:
    """The path of Nmap: the one asked for, or the first on PATH. ScanError says how to get it."""
    path = shutil.which(wanted or "nmap")
    if path is None:
        where = f"there is no program {wanted!r}" if wanted else "Nmap isn't on PATH"
        raise ScanError(f"{where}; install it (apt-get install nmap, dnf install nmap, brew install nmap) or say where it is")
    return path


def checked(version: tuple[int, int], path: str) -> tuple[int, int]:
    """The version, if it is new enough to be believed. ScanError otherwise."""
    if version < OLDEST:
        found = f"{version[0]}.{version[1]:02d}" if version != (0, 0) else "of an unknown version"
        raise ScanError(f"{path} is Nmap {found}; {OLDEST[0]}.{OLDEST[1]} or newer is needed")
    return version


def may_send_raw(path: str) -> bool:
    """Whether Nmap, started from here, may open raw sockets: root with the capability, or the capability by another way."""
    if os.geteuid() == 0:
        return _opens_raw()
    return _ambient_raw() or _file_raw(path)


def _opens_raw() -> bool:
    # Root in a container may lack CAP_NET_RAW; opening the socket is the only honest question, and it sends nothing.
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).close()
    except OSError:
        return False
    return True


def _ambient_raw() -> bool:
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    masks = (int(line.split()[1], 16) for line in lines if line.startswith("CapAmb:"))
    return any(mask >> _CAP_NET_RAW & 1 for mask in masks)


def _file_raw(path: str) -> bool:
    try:
        held = os.getxattr(path, "security.capability")
    except (OSError, AttributeError):
        return False
    # struct vfs_cap_data of linux/capability.h: magic with the effective bit, then permitted and inheritable words.
    magic, permitted = struct.unpack_from("<II", held)
    return bool(magic & 1) and bool(permitted >> _CAP_NET_RAW & 1)
