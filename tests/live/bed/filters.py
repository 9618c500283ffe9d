"""Packet filters as nftables text: what a router, a host or the scanner's own network does with packets."""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from attrs import frozen

Address = IPv4Address | IPv6Address


class Verb(Enum):
    """What a filter does with a packet that it doesn't admit."""

    ACCEPT = "accept"
    DROP = "drop"
    PORT_UNREACHABLE = "reject with icmpx port-unreachable"
    ADMIN_PROHIBITED = "reject with icmpx admin-prohibited"
    RESET = "reject with tcp reset"

    def over(self, protocol: str) -> str:
        """The statement for this protocol: UDP knows no reset, its refusal is port-unreachable."""
        return Verb.PORT_UNREACHABLE.value if self is Verb.RESET and protocol == "udp" else self.value


@frozen
class Match:
    """Packets to these ports (`22,8000-8010`, or all) of one protocol, of one address or any."""

    ports: str = ""
    address: Address | None = None
    protocol: str = "tcp"

    def text(self) -> str:
        """The left half of an nftables rule."""
        family = "" if self.address is None else f"{'ip' if self.address.version == 4 else 'ip6'} daddr {self.address} "
        return family + (f"{self.protocol} dport {{ {self.ports} }}" if self.ports else f"meta l4proto {self.protocol}")


@frozen
class Rules:
    """A filter in front of something: `first` (raw lines), then what is admitted, then `verb` for all other TCP and UDP.

    `interface`: the one that packets to be judged come in by (go out by, on the hook `output`).
    """

    verb: Verb = Verb.DROP
    admits: tuple[Match, ...] = ()
    first: tuple[str, ...] = ()
    hook: str = "forward"
    interface: str = "scan"
    chains: tuple[str, ...] = ()

    def text(self) -> str:
        """The rule set for `nft -f`."""
        way = f'{"oifname" if self.hook == "output" else "iifname"} "{self.interface}"'
        lines = [f"type filter hook {self.hook} priority 0; policy accept", *self.first]
        lines += [f"{way} {match.text()} accept" for match in self.admits]
        lines += [f"{way} meta l4proto {protocol} {self.verb.over(protocol)}" for protocol in ("tcp", "udp")]
        return table("bed", chain("judge", *lines), *self.chains)


def chain(name: str, *lines: str) -> str:
    """One nftables chain."""
    return "\n".join([f"chain {name} {{", *lines, "}"])


def table(name: str, *chains: str) -> str:
    """One nftables table for both families."""
    return "\n".join([f"table inet {name} {{", *chains, "}"]) + "\n"


def lose(percent: int) -> str:
    """A rule line: this share of all packets is lost."""
    return f"numgen random mod 100 < {percent} drop"


def lose_the_first(match: Match) -> tuple[str, str]:
    """A set, and the rule line that uses it: the first SYN to each port of each IPv4 address is lost, all later ones arrive."""
    key = "ip daddr . tcp dport"
    known = f"set known {{\ntypeof {key}\nsize 65535\nflags dynamic\n}}"
    return known, f'iifname "scan" {match.text()} tcp flags syn {key} != @known add @known {{ {key} }} drop'


def silent_after(match: Match, size: int) -> str:
    """A rule line: after this many bytes everything that matches is dropped, so a host dies in the middle of a scan."""
    return f"{match.text()} quota over {size} bytes drop"


def redirect(match: Match, port: int) -> str:
    """A chain: whatever port is asked for, the listener on `port` of this namespace answers (a tarpit, a middlebox)."""
    return chain("divert", "type nat hook prerouting priority dstnat; policy accept", f"{match.text()} redirect to :{port}")


def answer_ttl(protocol: str, port: int, ttl: int) -> str:
    """A chain: answers from this port leave with another TTL than the host's others."""
    lines = [f"{protocol} sport {port} {field} set {ttl}" for field in ("ip ttl", "ip6 hoplimit")]
    return chain("ageing", "type filter hook postrouting priority 10; policy accept", *lines)


def syn_proxy(match: Match) -> str:
    """A whole rule set: the router itself answers every SYN, and asks the host only when the handshake is complete."""
    return table(
        "bed",
        chain("early", "type filter hook prerouting priority raw; policy accept", f"{match.text()} tcp flags syn notrack"),
        chain(
            "judge",
            "type filter hook forward priority 0; policy accept",
            f"{match.text()} ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm",
            "ct state invalid drop",
        ),
    )
