"""The observed surface: what packets proved, port by port, and what they left open. Facts only, no judgement."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import Address


class Evidence(Enum):
    """What one port's answer proves (design, section 4)."""

    OPEN = "open"
    """It answered as open; whether a service was heard is in `Answer.confirmed`."""
    CLOSED = "closed"
    """A TCP reset, or UDP port-unreachable from the target itself: the packet got through every silent filter."""
    REJECTED = "rejected"
    """An ICMP error from the target's own address: through the cloud's filter, rejected by the host."""
    REJECTED_ON_THE_WAY = "rejected_on_the_way"
    """An ICMP error from elsewhere; `reason_ip` says from whom."""
    SILENT = "silent"
    """TCP: nothing came back."""
    OPEN_OR_SILENT = "open_or_silent"
    """UDP: nothing came back, which proves nothing by itself."""
    NOT_LEARNT = "not_learnt"
    """Not probed, timed out, or the answers contradict each other."""


READABLE_SCANS = ("syn", "connect", "udp")
"""Nmap's scan types that prove anything here."""


@frozen(slots=True)
class Certificate:
    """A TLS certificate: its names, when it ends (as it was told), and SHA-256 of its public key; the texts are hostile."""

    names: tuple[str, ...]
    not_after: str | None = None
    key: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The JSON shape: names, not_after, key."""
        return {"names": list(self.names), "not_after": self.not_after, "key": self.key}


@frozen(slots=True, cache_hash=True)
class Answer:
    """One kind of answer. `reason`, `reason_ip`, `ttl`: Nmap's words. `scan`: `syn`, `connect` or `udp`.

    `confirmed` is True when a service answered with data. `service`, `product`, `version` as Nmap's service detection
    names them; `tunnel` is `ssl` where TLS was spoken. Texts come from the network and are hostile.
    """

    evidence: Evidence
    reason: str = ""
    reason_ip: str | None = None
    ttl: int | None = None
    scan: str = "syn"
    service: str | None = None
    product: str | None = None
    version: str | None = None
    tunnel: str | None = None
    confirmed: bool = False
    probes: int = 1
    certificate: Certificate | None = None

    def to_dict(self) -> dict[str, object]:
        """The `observed` object of a finding."""
        shown: dict[str, object] = {
            "state": self.evidence.value,
            "reason": self.reason,
            "scan": self.scan,
            "service": self.service,
            "product": self.product,
            "confirmed": self.confirmed,
        }
        optional = {"version": self.version, "tunnel": self.tunnel, "reason_ip": self.reason_ip, "ttl": self.ttl}
        if self.certificate is not None:
            shown["certificate"] = self.certificate.to_dict()
        return shown | {name: value for name, value in optional.items() if value is not None}


@frozen(slots=True)
class ObservedPorts:
    """What was learnt of one protocol of one address.

    `asked`: ports that had to be learnt. `groups`: disjoint (ports, answer) pairs; open ports stand singly.
    Asked ports in no group weren't learnt: `why` says it where something is known about that.
    """

    asked: PortSet = NO_PORTS
    groups: tuple[tuple[PortSet, Answer], ...] = ()

    def of(self, *evidence: Evidence) -> PortSet:
        """All ports with one of these kinds of evidence."""
        bits, first = 0, NO_PORTS
        for ports, answer in self.groups:
            if answer.evidence in evidence:
                bits, first = bits | ports.bits, ports if not bits else first
        return first if bits == first.bits else PortSet.of_bits(bits)

    def answer(self, port: int) -> Answer | None:
        """What this port said; None where nothing was learnt."""
        return next((answer for ports, answer in self.groups if port in ports), None)


@frozen(slots=True)
class SilenceFigure:
    """How sure the silence of one address's TCP ports is.

    `loss`: the share of probes without answer that the controls don't rule out (an upper bound); `controls` single probes
    to ports known to answer measured it, `lost` of them without answer, on `measured_on` (empty: on this address itself).
    `probes`: the fewest that a believed port was silent to. `miss`: the chance, at the most, that such a port is open.
    """

    loss: float
    controls: int
    lost: int
    probes: int
    miss: float
    measured_on: tuple[Address, ...] = ()


@frozen(slots=True)
class ObservedHost:
    """One address. `answered_before`/`answered_after`: it answered anything (open, closed, rejected) early and late.

    `failed`: why the scan of this host failed as a whole (timed out, not in Nmap's output), else None.
    `tcp_scan`: the scan type that was really used, `syn` or `connect`. `silence`: how sure its TCP silence is, None where
    no port was silent or nothing could be measured. `doubted`: silent TCP ports whose silence isn't believed, with why.
    """

    address: Address
    tcp: ObservedPorts = field(factory=ObservedPorts)
    udp: ObservedPorts = field(factory=ObservedPorts)
    name: str | None = None
    answered_before: bool = False
    answered_after: bool = False
    failed: str | None = None
    tcp_scan: str = "syn"
    silence: SilenceFigure | None = None
    doubted: tuple[tuple[PortSet, str], ...] = ()

    @property
    def believable_silence(self) -> bool:
        """Whether silence on this address means dropped (design, section 4, Silence)."""
        return self.answered_before and self.answered_after

    def ports(self, protocol: str) -> ObservedPorts:
        """What was learnt of `tcp` or `udp`."""
        return self.tcp if protocol == "tcp" else self.udp


@frozen(slots=True)
class Control:
    """A host that the user named to prove this scanner's way out.

    `answers`: an answer of any kind came back. `refusing`: ports that it refused, which proves that probes to them
    leave this network. `silent`: ports on which it was silent, which makes them undetermined everywhere.
    `proves_ports`: whether it was given to refuse every port (no port in `--control`).
    """

    address: Address
    answers: bool
    proves_ports: bool
    refusing: PortSet = NO_PORTS
    silent: PortSet = NO_PORTS


@frozen(slots=True)
class Settling:
    """Ports that weren't as they should be at first. `seconds`: from the first verdict until they were, None: they never were."""

    address: str
    protocol: str
    ports: PortSet
    seconds: float | None

    def to_dict(self) -> dict[str, object]:
        """The JSON shape: address, protocol, ports, seconds (null: not settled)."""
        seconds = None if self.seconds is None else round(self.seconds, 1)
        return {"address": self.address, "protocol": self.protocol, "ports": str(self.ports), "seconds": seconds}


@frozen(slots=True)
class ObservedSurface:
    """All that packets taught in one run.

    `hosts` by address. `unresolved`: name -> why it has no address. `resolved`: name -> its pinned addresses.
    `unreachable_families`: 4 or 6 -> why this machine has no route. `interrupted`: why the run ended early, else None.
    `extra`: hosts that answered though the expected surface doesn't hold them (`--sweep`, or in `diff`'s XML).
    `vanished`: address -> ports of those that the scan was reminded of, and that answered nothing at all any more.
    `from_files`: read from Nmap XML that somebody already had. `commands` as they were run, for reproduction.
    """

    hosts: Mapping[Address, ObservedHost] = field(factory=dict)
    resolved: Mapping[str, tuple[Address, ...]] = field(factory=dict)
    unresolved: Mapping[str, str] = field(factory=dict)
    unreachable_families: Mapping[int, str] = field(factory=dict)
    controls: tuple[Control, ...] = ()
    extra: tuple[ObservedHost, ...] = ()
    vanished: Mapping[Address, PortSet] = field(factory=dict)
    interrupted: str | None = None
    from_files: bool = False
    nmap: str | None = None
    scan_types: tuple[str, ...] = ()
    packets_per_second: int | None = None
    commands: tuple[tuple[str, ...], ...] = ()
    xml_sha256: tuple[str, ...] = ()
    started_at: str | None = None
    finished_at: str | None = None
    sent_from: tuple[str, ...] = ()
    packets_sent: int | None = None
    notes: tuple[str, ...] = ()
    settling: tuple[Settling, ...] = ()
