"""`--egress-url`: the one third party that is ever asked, and only because the user named it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.error import URLError
from urllib.request import Request, urlopen

from iacdrift.errors import ScanError, UsageError
from iacdrift.surface.vantage import Vantage

_LONGEST_ANSWER = 256


def public_vantage(url: str, timeout: float = 10.0) -> Vantage:
    """The vantage of the address that the service at `url` answers with. ScanError where it answers with anything else."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--egress-url {url}: give an http or https address that answers with this machine's public address")
    try:
        with urlopen(Request(url, headers={"User-Agent": "curl/8 iacdrift"}), timeout=timeout) as answer:  # noqa: S310 the scheme is checked above
            text = answer.read(_LONGEST_ANSWER).decode("ascii", "replace").strip()
    except (URLError, OSError, ValueError) as error:
        raise ScanError(f"--egress-url {url} can't be asked: {getattr(error, 'reason', error)}") from error
    try:
        return Vantage.parse(str(ip_address(text)))
    except ValueError:
        raise ScanError(f"--egress-url {url} answered {text[:40]!r}, which is no IP address") from None
