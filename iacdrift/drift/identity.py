"""Names for findings that stay the same when an address changes, and the way back from a name to its ports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from iacdrift.drift.reason import ReasonKey, by_reason
from iacdrift.drift.report import FindingKind
from iacdrift.drift.target import SCANNED, address_marks
from iacdrift.errors import UsageError
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface

SINGLE_PORT = frozenset(
    {FindingKind.EXPOSED, FindingKind.SERVICE_MISMATCH, FindingKind.UNDECLARED_LISTENER, FindingKind.UNEXPLAINED},
)
_MOST_ADDRESSES = 64
_ID = re.compile(r"(?P<kind>[a-z_]+)-(?P<protocol>tcp|udp)(?:-(?P<port>\d{1,5}))?-(?P<digest>[0-9a-f]{12})")

REJECTED = "(rejected)"
"""Joins the reason where an ICMP error came back: that is another finding than a refusal or silence."""

WHOLE: ReasonKey = ("(the whole address)",)
"""The reason of findings that are about an address and not about a rule."""

OF_BASELINES = (FindingKind.NEW_LISTENER, FindingKind.GONE_LISTENER, FindingKind.CHANGED_SERVICE, FindingKind.CHANGED_CERTIFICATE)
BASELINE: ReasonKey = ("(baseline)",)
"""The reason of findings that are deviations from a baseline."""

_ANY = "any"
_SUBJECT = {
    FindingKind.MISSING: "open",
    FindingKind.UNREACHABLE: "open",
    FindingKind.SERVICE_MISMATCH: "open",
    FindingKind.NARROWED: "allowed",
    FindingKind.UNDECLARED_LISTENER: "allowed",
    FindingKind.EXPOSED: "blocked",
    FindingKind.PASSABLE: "blocked",
    FindingKind.EVERYTHING_OPEN: "blocked",
    FindingKind.UNEXPLAINED: "unknown_by_vantage",
    **dict.fromkeys(OF_BASELINES, _ANY),
}


def finding_id(kind: FindingKind, protocol: str, port: int | None, owner: str, reason: ReasonKey, *, mark: str = "") -> str:
    """`exposed-tcp-8080-1a2b3c4d5e6f`: kind, protocol and port to read, then a hash over all of it.

    `owner` is the address where nothing owns it; `mark` tells several addresses of one owner apart (`address_marks`).
    """
    shown = [kind.value, protocol] + ([] if port is None else [str(port)])
    digest = sha256("\0".join([*shown, owner, mark, *reason]).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return "-".join([*shown, digest])


def locate(finding: str, expected: ExpectedSurface) -> tuple[tuple[ExpectedHost, str, PortSet], ...]:
    """The hosts and ports that a finding of this id can be about. UsageError where the text is no id of a finding.

    Empty where the expected surface holds nothing of that name any more. An undeclared host isn't in the expected
    surface, so its id is never found here.
    """
    match = _ID.fullmatch(finding.strip())
    if match is None or match["kind"] not in {kind.value for kind in FindingKind}:
        raise UsageError(f"{finding!r} isn't the id of a finding; take it from a report, such as exposed-tcp-8080-1a2b3c4d5e6f")
    kind, protocol = FindingKind(match["kind"]), match["protocol"]
    port = int(match["port"]) if match["port"] is not None else None
    hosts = [host for host in expected.hosts if host.status in SCANNED]
    asked = (kind, protocol, port)
    found = (_within(finding.strip(), asked, host, marks) for host, marks in _marked(hosts))
    return tuple((host, protocol, ports) for host, ports in filter(None, found))


def _marked(hosts: list[ExpectedHost]) -> Iterator[tuple[ExpectedHost, tuple[str, ...]]]:
    """Each host with the marks that it may have had: a name may stand for any number of addresses."""
    several = ["", *(f"ipv{family}{number}" for family in (4, 6) for number in ("", *(f"-{n}" for n in range(1, _MOST_ADDRESSES + 1))))]
    for host, mark in zip(hosts, address_marks(hosts), strict=True):
        yield host, ((mark,) if host.address is not None else tuple(several))


def _within(
    wanted: str, asked: tuple[FindingKind, str, int | None], host: ExpectedHost, marks: tuple[str, ...]
) -> tuple[ExpectedHost, PortSet] | None:
    kind, protocol, port = asked
    subject = _SUBJECT.get(kind)
    if subject is None or (port is not None and port > 65535):
        return None
    ports: PortSet = ALL_PORTS if subject == _ANY else getattr(host.ports(protocol), subject)
    if port is not None:
        ports &= PortSet.single(port)
    reasons = {WHOLE: ports, BASELINE: ports} if subject == _ANY else {WHOLE: ports} | by_reason(host, protocol, ports)
    for reason, part in reasons.items():
        if part and any(
            finding_id(*asked, host.owner, why, mark=mark) == wanted for why in (reason, (*reason, REJECTED)) for mark in marks
        ):
            return host, part
    return None
