"""What silence means on one address: dropped, down, or nothing at all (design, section 4, Silence)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from attrs import frozen

from iacdrift.drift.target import Target
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, Address
from iacdrift.surface.observed import Control, Evidence, ObservedHost, ObservedSurface
from iacdrift.surface.vantage import Vantage

ANSWERS = (Evidence.OPEN, Evidence.CLOSED, Evidence.REJECTED)


class Meaning(Enum):
    """What no answer stands for."""

    DROPPED = "dropped"
    """A filter on the way drops: the table holds as it stands."""
    DOWN = "down"
    """Something had to answer and nothing did: the host is down or the path is blocked."""
    NOTHING = "nothing"
    """Nothing was learnt; `why` says what is missing."""
    LISTED = "listed"
    """UDP on an address whose TCP silence is believed: nothing was learnt, and nothing was to be expected."""


@frozen(slots=True)
class Silence:
    """The meaning of silence on one address and protocol, and why it is taken so."""

    meaning: Meaning
    why: str = ""


@frozen(slots=True)
class Witnesses:
    """Who else answered this vantage in the run, in order: what makes the silence of an address believable.

    `own`: this machine's addresses, which prove nothing about the way out.
    """

    answered: tuple[tuple[Address, str], ...]
    own: frozenset[str] = frozenset()

    @classmethod
    def of(cls, observed: ObservedSurface, vantage: Vantage) -> Witnesses:
        """Every host and control that answered. A control speaks for TCP: nothing is known of its UDP."""
        hosts = {(address, protocol) for address, host in observed.hosts.items() for protocol in PROTOCOLS if answered(host, protocol)}
        controls = {(control.address, "tcp") for control in observed.controls if control.answers}
        own = frozenset({*observed.sent_from, str(vantage.ipv4), str(vantage.ipv6)})
        return cls(tuple(sorted(hosts | controls, key=lambda found: (found[0].version, int(found[0]), found[1]))), own)

    def for_target(self, address: Address, protocol: str) -> Address | None:
        """Another address of the same family and protocol that answered; on loopback only if the target is."""
        return next((other for other, spoken in self.answered if spoken == protocol and self._fits(other, address)), None)

    def _fits(self, other: Address, address: Address) -> bool:
        if other == address or other.version != address.version:
            return False
        return address.is_loopback if other.is_loopback else str(other) not in self.own


def answered(host: ObservedHost, protocol: str) -> bool:
    """Whether the address itself said anything over this protocol."""
    return bool(host.ports(protocol).of(*ANSWERS))


def silent_throughout(host: ObservedHost) -> bool:
    """Whether the address never said anything at all."""
    return not (host.answered_before or host.answered_after or any(answered(host, protocol) for protocol in PROTOCOLS))


def read_silence(target: Target, protocol: str, witnesses: Witnesses, deaf: PortSet = NO_PORTS) -> Silence:
    """What silence of this target means over this protocol; `deaf` are ports on which a control was silent."""
    seen = target.observed
    if seen is None or seen.failed:
        return Silence(
            Meaning.NOTHING, seen.failed or "the scan of this address failed" if seen else "nothing came back about this address"
        )
    if seen.believable_silence:
        return Silence(Meaning.DROPPED, "the address answered before and after, so silence means dropped")
    if protocol == "tcp" and seen.silence is not None and answered(seen, protocol):
        return Silence(Meaning.DROPPED, "the address answered before and after these ports were asked, so silence means dropped")
    if not silent_throughout(seen):
        when = "at the start but not at the end" if seen.answered_before else "not at the start of the run"
        return Silence(Meaning.NOTHING, f"the address answered {when}, so its silence can't be believed")
    return _whole_silence(target, seen, protocol, witnesses, deaf)


def _whole_silence(target: Target, seen: ObservedHost, protocol: str, witnesses: Witnesses, deaf: PortSet) -> Silence:
    if target.host.tcp.open & seen.tcp.asked - deaf:
        return Silence(Meaning.DOWN, "the address never answered: the host is down or the path to it is blocked")
    if (target.host.tcp.open | target.host.tcp.allowed) & seen.tcp.asked or target.host.udp.open & seen.udp.asked:
        return Silence(Meaning.NOTHING, "the address never answered, though the code lets packets through: nothing was learnt about it")
    return _silence_by_witness(target, seen, protocol, witnesses)


def _silence_by_witness(target: Target, seen: ObservedHost, protocol: str, witnesses: Witnesses) -> Silence:
    """The code blocks all that was asked: silence is as it should be if packets from here arrive anywhere at all."""
    witness = witnesses.for_target(seen.address, protocol)
    if witness is not None:
        return Silence(Meaning.DROPPED, f"{witness} answered in the same run, so packets leave this network")
    if protocol == "udp" and seen.tcp.asked and witnesses.for_target(seen.address, "tcp") is not None:
        return Silence(Meaning.LISTED, "the address never answered and nothing else answered over UDP: silence proves nothing here")
    way_out = f"IPv{seen.address.version} {protocol.upper()}"
    return Silence(
        Meaning.NOTHING,
        f"the address never answered, and nothing else answered over {way_out}: give a --control HOST that answers from here",
    )


def doubted(seen: ObservedHost, protocol: str) -> Iterator[tuple[PortSet, str]]:
    """Silent ports whose silence isn't sure enough, and why. UDP's silence has no figure: it proves nothing by itself."""
    if protocol == "tcp" and (seen.silence is not None or answered(seen, "tcp")):
        yield from seen.doubted


def deaf_ports(controls: Iterable[Control]) -> PortSet:
    """Ports on which a control was silent and none refused: probes to them may never have left this network."""
    silent = refused = NO_PORTS
    for control in controls:
        silent, refused = silent | control.silent, refused | control.refusing
    return silent - refused
