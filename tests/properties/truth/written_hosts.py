"""Instances, network cards and elastic IPs as Terraform writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from tests.properties.truth.topology import Instance, Interface, Topology, default_key
from tests.properties.truth.written import Json, Pad, Written, constant, identifier, refers
from tests.properties.truth.written_groups import group_id


def write_instances(pad: Pad, topology: Topology) -> None:
    """Every machine with its cards and public addresses; machines alike may be counted, or stand in modules."""
    machines = [(instance, _machine(pad, topology, instance)) for instance in topology.instances]
    placed = dict(_placed(topology, machines))
    for instance, _ in machines:
        machine = placed[instance.key]
        pad.resources.append(machine)
        pad.addresses[instance.key] = machine.address
        for number, interface in enumerate(instance.interfaces):
            if number or instance.how == "block":
                _write_card(pad, topology, instance, interface, machine, number)
            for place, (private, public) in enumerate(interface.public):
                if place or interface.how_public != "own":
                    _write_eip(pad, instance, interface, machine, (private, public, f"{interface.key}_{place}"), place == 0 and number == 0)


def _placed(topology: Topology, machines: Iterable[tuple[Instance, Written]]) -> Iterator[tuple[str, Written]]:
    """Where the code puts each machine. Only those that set the same attributes can be counted together."""
    counts: dict[tuple[str, ...], int] = {}
    for instance, written in machines:
        plain = instance.how == "implicit" and len(instance.interfaces) == 1
        keys = tuple(sorted(written.expressions))
        counts[keys] = counts.get(keys, -1) + 1
        kind = list(counts).index(keys)
        if plain and topology.layout.module_instances:
            given = {k: refers(f"var.{k}") for k in written.expressions}
            yield instance.key, evolve(written, name="this", module=(f"fleet{kind}", instance.key), expressions=given)
        elif plain and topology.layout.counted_instances:
            given = {k: refers("each.value") for k in written.expressions}
            yield instance.key, evolve(written, name=f"node{kind}", index=counts[keys], expressions=given)
        else:
            yield instance.key, written


def _own_groups(interface: Interface) -> tuple[str, ...]:
    """The groups in the interface's own list; the last one is attached by a resource where the code does it so."""
    return interface.groups[:-1] if interface.groups_by == "attachment" else interface.groups


def _shown_groups(pad: Pad, topology: Topology, interface: Interface) -> list[str]:
    """The recorded list: a refresh shows every group, those attached apart and, where the code sets none, those added by hand."""
    if interface.groups:
        return [group_id(key) for key in interface.groups]
    stray = () if pad.provable_from_state else interface.stray_groups
    return [group_id(key) for key in (default_key(topology.vpc_of(interface)), *stray)]


def _shown_public(instance: Instance) -> str:
    primary = instance.interfaces[0]
    mapped = dict(primary.public).get(primary.private[0], "")
    return primary.stale_public or mapped


def _machine(pad: Pad, topology: Topology, instance: Instance) -> Written:
    primary = instance.interfaces[0]
    block = instance.how == "block"
    values = {
        "id": identifier("i", instance.key),
        "ami": "ami-12c6146b",
        "instance_type": "t3.nano",
        "instance_state": "running",
        "arn": "",
        "subnet_id": identifier("subnet", primary.subnet),
        "private_ip": primary.private[0],
        "secondary_private_ips": pad.many(primary.private[1:]),
        "public_ip": _shown_public(instance) or pad.nothing(""),
        "associate_public_ip_address": bool(_shown_public(instance)),
        "ipv6_addresses": pad.many(primary.ipv6),
        "ipv6_address_count": len(primary.ipv6),
        "primary_network_interface_id": identifier("eni", primary.key),
        "source_dest_check": True,
        "vpc_security_group_ids": _shown_groups(pad, topology, primary),
        "security_groups": pad.nothing([]),
        "network_interface": [],
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    expressions: dict[str, Json] = {"ami": constant("ami-12c6146b"), "instance_type": constant("t3.nano")}
    if block:
        card = {
            "device_index": 0,
            "network_card_index": 0,
            "delete_on_termination": False,
            "network_interface_id": identifier("eni", primary.key),
        }
        values["network_interface"] = [card]
        expressions["network_interface"] = [
            {"device_index": constant(0), "network_interface_id": refers(f"aws_network_interface.{primary.key}")}
        ]
        return Written("aws_instance", instance.key, values, expressions)
    expressions["subnet_id"] = refers(f"aws_subnet.{primary.subnet}")
    if _own_groups(primary):
        expressions["vpc_security_group_ids"] = refers(*(f"aws_security_group.{key}" for key in _own_groups(primary)))
    if primary.private[1:]:
        expressions["secondary_private_ips"] = constant(list(primary.private[1:]))
    if primary.groups_by == "attachment" and primary.groups:
        _write_group_attachment(pad, primary)
    return Written("aws_instance", instance.key, values, expressions)


def _write_group_attachment(pad: Pad, interface: Interface) -> None:
    group = interface.groups[-1]
    pad.add(
        "aws_network_interface_sg_attachment",
        interface.key,
        {
            "id": f"{group_id(group)}_{identifier('eni', interface.key)}",
            "security_group_id": group_id(group),
            "network_interface_id": identifier("eni", interface.key),
        },
        {"security_group_id": refers(f"aws_security_group.{group}"), "network_interface_id": refers("each.value")},
    )


def _write_card(pad: Pad, topology: Topology, instance: Instance, interface: Interface, machine: Written, number: int) -> None:
    attachment = [
        {"attachment_id": identifier("eni-attach", interface.key), "device_index": number, "instance": identifier("i", instance.key)}
    ]
    values = {
        "id": identifier("eni", interface.key),
        "subnet_id": identifier("subnet", interface.subnet),
        "private_ip": interface.private[0],
        "private_ips": list(interface.private),
        "private_ip_list": list(interface.private),
        "private_ips_count": len(interface.private) - 1,
        "ipv6_addresses": pad.many(interface.ipv6),
        "ipv6_address_list": pad.many(interface.ipv6),
        "security_groups": _shown_groups(pad, topology, interface),
        "interface_type": "interface",
        "attachment": attachment,
        "source_dest_check": True,
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    expressions: dict[str, Json] = {"subnet_id": refers(f"aws_subnet.{interface.subnet}"), "private_ips": constant(list(interface.private))}
    if _own_groups(interface):
        expressions["security_groups"] = refers(*(f"aws_security_group.{key}" for key in _own_groups(interface)))
    here = pad.add("aws_network_interface", interface.key, values, expressions).address
    if interface.groups_by == "attachment" and interface.groups:
        _write_group_attachment(pad, interface)
    if number:
        pad.add(
            "aws_network_interface_attachment",
            interface.key,
            {
                "id": attachment[0]["attachment_id"],
                "attachment_id": attachment[0]["attachment_id"],
                "instance_id": identifier("i", instance.key),
                "network_interface_id": values["id"],
                "device_index": number,
                "status": "attached",
            },
            {"instance_id": refers(machine.address), "network_interface_id": refers(here), "device_index": constant(number)},
        )


def _write_eip(pad: Pad, instance: Instance, interface: Interface, machine: Written, what: tuple[str, str, str], primary: bool) -> None:
    """An elastic IP for one private address, tied to the machine, to the card, or by a resource of its own."""
    private, public, name = what
    own, card, host = identifier("eipalloc", name), identifier("eni", interface.key), identifier("i", instance.key)
    implicit = interface is instance.interfaces[0] and instance.how == "implicit"
    reference = refers(f"aws_network_interface.{interface.key}")
    if implicit:
        reference = {"references": [f"{machine.address}.primary_network_interface_id", machine.address]}
    tie = interface.how_public if primary or interface.how_public == "association" else "interface"
    apart = tie == "association"
    values = {
        "id": own,
        "allocation_id": own,
        "domain": "vpc",
        "public_ip": public,
        "association_id": pad.nothing("") if apart else identifier("eipassoc", name),
        "instance": pad.nothing("") if apart else host,
        "network_interface": pad.nothing("") if apart else card,
        "private_ip": pad.nothing("") if apart else private,
        "associate_with_private_ip": pad.nothing(""),
        "tags": pad.nothing({}),
        "tags_all": {},
    }
    expressions: dict[str, Json] = {"domain": constant("vpc")}
    if tie == "instance":
        expressions["instance"] = refers(machine.address)
    elif tie == "interface":
        expressions["network_interface"] = reference
        values["associate_with_private_ip"] = private
        expressions["associate_with_private_ip"] = constant(private)
    here = pad.add("aws_eip", name, values, expressions).address
    if apart:
        pad.add(
            "aws_eip_association",
            name,
            {
                "id": identifier("eipassoc", name),
                "allocation_id": own,
                "instance_id": host,
                "network_interface_id": card,
                "private_ip_address": private,
                "public_ip": public,
                "allow_reassociation": None,
            },
            {"allocation_id": refers(here), "network_interface_id": reference, "private_ip_address": constant(private)},
        )
