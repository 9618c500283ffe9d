"""Nmap itself, without the product: what the bed looks like to it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from defusedxml import ElementTree

from tests.live.bed import Bed, User
from tests.live.bed.filters import Address


def look(bed: Bed, address: Address, ports: str, *options: str, user: User = User.ROOT) -> Mapping[int, Mapping[str, str]]:
    """Port -> state, reason, reason_ip, reason_ttl, service name and product, as Nmap's XML has them."""
    family = ["-6"] if address.version == 6 else []
    argv = ["nmap", *family, "-n", "-Pn", "-d3", "--max-retries", "1", "-p", ports, *options]

    def work() -> str:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "out.xml")
            subprocess.run([*argv, "-oX", str(out), str(address)], check=True, capture_output=True)
            return out.read_text(encoding="utf-8")

    tree = ElementTree.fromstring(bed.scan(work, user))
    return {int(port.get("portid")): _facts(port) for port in tree.iter("port")}


def _facts(port) -> Mapping[str, str]:
    state, service = port.find("state"), port.find("service")
    return dict(state.attrib) | ({"service": service.get("name", ""), "product": service.get("product", "")} if service is not None else {})
