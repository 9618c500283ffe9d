"""The machine: Nmap and its rights, where it stands, and its clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from iacdrift.doctor.remark import Remark, State
from iacdrift.errors import ScanError
from iacdrift.scan.process import find_nmap
from iacdrift.scan.route import local_source

_PUBLIC = ("192.88.99.1", "2001:4860:4860::8888")
"""Any public address of each family: only this machine's own table of routes is asked, nothing is sent."""
SKEW = 60.0
"""Seconds. By more, ages, ends of exceptions and the history's order are wrong."""


def scanner(wanted: str | None) -> Iterator[Remark]:
    """Nmap, its version, and whether it may send raw packets."""
    try:
        nmap = find_nmap(wanted)
    except ScanError as error:
        yield Remark(
            "nmap", State.MISSING, str(error), "install Nmap 7.80 or newer: apt-get install nmap, dnf install nmap, brew install nmap"
        )
        return
    yield Remark("nmap", State.OK, f"Nmap {nmap.version_text} at {nmap.path}")
    if nmap.raw:
        yield Remark("rights", State.OK, "raw packets: SYN scans, UDP")
    else:
        text = "no right to raw packets: ports are asked by connecting, which proves less, and UDP isn't asked"
        yield Remark("rights", State.REMARK, text, f"run as root, or: sudo setcap cap_net_raw+eip {nmap.path}")


def standing(vantages: tuple[tuple[str, ...], ...], egress_url: str | None) -> Remark:
    """Whether `auto` knows where it stands. `vantages`: of each target, empty for auto."""
    if all(vantage and "auto" not in vantage for vantage in vantages) and vantages:
        return Remark("vantage", State.OK, "named: " + ", ".join(sorted({text for vantage in vantages for text in vantage})))
    if egress_url:
        return Remark("vantage", State.OK, "auto, by the service that --egress-url names")
    sources = [source for target in _PUBLIC if (source := local_source(ip_address(target))) is not None]
    public = [str(source) for source in sources if source.is_global]
    if public:
        return Remark("vantage", State.OK, f"auto: this machine's own public address {', '.join(public)}")
    if not sources:
        return Remark("vantage", State.REMARK, "this machine has no route to the internet", "name where it stands: --vantage RESOURCE")
    shown = ", ".join(map(str, sources))
    text = f"auto: this machine leaves as {shown}, which targets on the internet don't see; it counts as somewhere on the internet"
    return Remark("vantage", State.REMARK, text, "name the address that targets see: --vantage ADDRESS, or --egress-url URL to ask for it")


def clock(newest: tuple[str, float] | None, now: float, url: str | None) -> Iterator[Remark]:
    """Against the newest source's time (name, seconds since 1970), and against the server at `url` where the user names one."""
    if newest is not None and newest[1] - now > SKEW:
        text = f"{newest[0]} was written {newest[1] - now:.0f} seconds after this machine's now"
        yield Remark("clock", State.MISSING, text, "set this machine's clock: timedatectl set-ntp true")
    elif url is None:
        yield Remark("clock", State.OK, "no source is from the future; --clock-url URL asks a server that you name")
    if url is not None:
        yield _against(url, now)


def _against(url: str, now: float) -> Remark:
    if not url.startswith(("http://", "https://")):
        return Remark(
            "clock", State.MISSING, "--clock-url is no http or https address", "name a web server that you trust to know the time"
        )
    try:
        with urlopen(Request(url, method="HEAD"), timeout=10) as answer:  # noqa: S310 the scheme is checked above
            said = answer.headers.get("Date")
    except HTTPError as error:
        said = error.headers.get("Date")
    except (URLError, OSError, ValueError) as error:
        text = f"the server of --clock-url can't be asked: {getattr(error, 'reason', error)}"
        return Remark("clock", State.REMARK, text, "name a web server that answers from here")
    skew = now - _seconds(said) if said else None
    if skew is None:
        return Remark("clock", State.REMARK, "the server of --clock-url doesn't say the time", "name another one")
    if abs(skew) > SKEW:
        way = "ahead" if skew > 0 else "behind"
        text = f"this machine's clock is {abs(skew):.0f} seconds {way}"
        return Remark("clock", State.MISSING, text, "set this machine's clock: timedatectl set-ntp true")
    return Remark("clock", State.OK, "within a minute of the server of --clock-url")


def _seconds(date: str) -> float:
    try:
        found: datetime = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return found.timestamp()
