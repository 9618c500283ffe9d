"""Which rules a change adds or takes away, and whether one of them decides on a port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from attrs import frozen

from iacdrift.model.addresses import Address
from iacdrift.model.ports import PortSet
from iacdrift.providers.attributes import items, rows, text
from iacdrift.providers.aws.ports import Ports, ports_text, rule_ports
from iacdrift.refresh.change import Change, Values
from iacdrift.sources.agreement import same
from iacdrift.sources.resource import Sensitive, Unknown, Value

_RULES = frozenset({"aws_security_group_rule", "aws_vpc_security_group_ingress_rule"})
_NETWORKS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "cidr_block", "ipv6_cidr_block")
_NAMED = ("security_groups", "source_security_group_id", "referenced_security_group_id", "prefix_list_ids", "prefix_list_id")


@frozen(slots=True)
class Row:
    """One inbound rule: its ports, the networks that it names, and whether it names groups or lists besides."""

    ports: Ports
    networks: tuple[str, ...]
    others: bool
    text: str

    def decides(self, protocol: str, ports: PortSet, source: Address | None) -> bool:
        """Whether it speaks of one of these ports, and of this source as far as that can be told."""
        if not ports & (self.ports.tcp if protocol == "tcp" else self.ports.udp):
            return False
        return self.others or source is None or not self.networks or any(holds(network, source) for network in self.networks)


def added(change: Change, known: Mapping[str, tuple[str, Values]]) -> list[Row]:
    """Inbound rules that the API has and the record hadn't, without the mirror of those that are resources of their own."""
    return [row_of(row) for row in _different(change.after, change.before) if not _mirrored(row, change, known)]


def removed(change: Change) -> list[Row]:
    """Inbound rules that the record had and the API hasn't any more."""
    return [row_of(row) for row in _different(change.before, change.after)]


def _different(mine: Values | None, theirs: Values | None) -> Iterator[Values]:
    """Rows of one side that the other lacks; a rule that is a resource of its own is one row."""
    others = list(_rows(theirs))
    yield from (row for row in _rows(mine) if not any(_alike(row, other) for other in others))


def _rows(values: Values | None) -> Iterator[Values]:
    if values is None:
        return
    if "from_port" in values or "ip_protocol" in values:
        if text(values.get("type")) != "egress":
            yield values
        return
    yield from (row for row in rows(values.get("ingress")) if not isinstance(row, Unknown) and text(row.get("action")) != "deny")


def _alike(left: Values, right: Values) -> bool:
    """The same rule, however the provider writes its protocol, and whatever it is called."""
    mine, theirs = row_of(left), row_of(right)
    same_ports = (mine.ports.tcp, mine.ports.udp) == (theirs.ports.tcp, theirs.ports.udp)
    return same_ports and sorted(mine.networks) == sorted(theirs.networks) and all(same(left.get(n), right.get(n)) for n in _GROUPS)


_GROUPS = ("security_groups", "source_security_group_id", "prefix_list_ids", "prefix_list_id", "self")


def _mirrored(row: Values, change: Change, known: Mapping[str, tuple[str, Values]]) -> bool:
    """Whether resources of their own hold this rule of a group, for everybody whom it names."""
    group = text(change.before.get("id"))
    mine = row_of(row)
    if group is None:
        return False
    held: set[str] = set()
    for kind, values in known.values():
        if kind in _RULES and text(values.get("security_group_id")) == group and text(values.get("type")) != "egress":
            theirs = row_of(values)
            if (theirs.ports.tcp, theirs.ports.udp) == (mine.ports.tcp, mine.ports.udp):
                held |= _peers(values, group)
    wanted = _peers(row, group)
    return bool(wanted) and held >= wanted


def _peers(values: Values, group: str) -> set[str]:
    """Everybody whom a rule names; the group itself by its id, other accounts' groups without the account."""
    named = {str(item).rpartition("/")[2] for name in _NAMED for item in items(values.get(name))}
    networks = {str(item) for name in _NETWORKS for item in items(values.get(name))}
    return named | networks | ({group} if values.get("self") is True else set())


def row_of(values: Values) -> Row:
    """A rule in Terraform's words, whichever of its resources they are of."""
    protocol = values.get("protocol") if "protocol" in values else values.get("ip_protocol")
    ports = rule_ports(protocol, values.get("from_port"), values.get("to_port"))
    networks = tuple(str(item) for name in _NETWORKS for item in items(values.get(name)))
    others = any(items(values.get(name)) for name in _NAMED) or values.get("self") is True
    return Row(ports, networks, others, f"{ports_text(protocol, ports)} from {_whom(values, networks)}")


def _whom(values: Values, networks: tuple[str, ...]) -> str:
    if any(isinstance(_raw(values, name), Sensitive) for name in _NETWORKS):
        return "(sensitive)"
    named = [str(item) for name in _NAMED for item in items(values.get(name))]
    return ", ".join((*networks, *named)) or ("itself" if values.get("self") is True else "nobody")


def _raw(values: Values, name: str) -> Value:
    return values.get(name)


def holds(network: str, source: Address) -> bool:
    """Whether a network, as text, holds the address; one that can't be read may."""
    try:
        return source in ip_network(network, strict=False)
    except ValueError:
        return True  # a secret or something unreadable: it may
