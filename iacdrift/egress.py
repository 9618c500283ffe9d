"""Where this machine stands: `--vantage auto` made definite.

`--egress-url` is the one third party that is ever asked, and only because the user named it.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from iacdrift.errors import ScanError, UsageError
from iacdrift.surface.vantage import Vantage, VantageKind

if TYPE_CHECKING:
    from iacdrift.model.network import Network

_LONGEST_ANSWER = 256


def public_vantage(url: str, timeout: float = 10.0) -> Vantage:
    """The vantage of the address that the service at `url` answers with. ScanError where it answers with anything else."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--egress-url {url}: give an http or https address that answers with this machine's public address")
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    try:
        with urlopen(Request(url, headers={"User-Agent": "curl/8 iacdrift"}), timeout=timeout) as answer:  # noqa: S310 the scheme is checked above
            text = answer.read(_LONGEST_ANSWER).decode("ascii", "replace").strip()
    except (URLError, OSError, ValueError) as error:
        raise ScanError(f"--egress-url {url} can't be asked: {getattr(error, 'reason', error)}") from error
    try:
        return Vantage.parse(str(ip_address(text)))
    except ValueError:
        raise ScanError(f"--egress-url {url} answered {text[:40]!r}, which is no IP address") from None


def standing(network: Network, vantage: Vantage, egress_url: str | None) -> Vantage:
    """`auto` made definite: by the service that the user named, else by this machine's own routes to the model's addresses."""
    from iacdrift.surface.stand import stand

    if vantage.kind is VantageKind.AUTO and egress_url:
        vantage = public_vantage(egress_url)
    if vantage.kind is not VantageKind.AUTO:
        return stand(network, vantage, None, None)
    from iacdrift.scan.route import local_source

    targets = [endpoint for interface in network.interfaces for endpoint in interface.endpoints if endpoint.address]
    first = {version: next((e.address for e in targets if e.address and e.address.version == version), None) for version in (4, 6)}
    local: dict[int, Any] = {version: local_source(target) if target else None for version, target in first.items()}
    return stand(network, vantage, local[4], local[6])
