"""Small resources as the sources hand them over, for tests that read like the code they stand for."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from iacdrift.model.network import Network
from iacdrift.providers.links import Links
from iacdrift.providers.registry import translator
from iacdrift.providers.translate import translate
from iacdrift.sources.resource import Action, Inventory, Origin, Provenance, Reference, Resource, Unknown

LATER = Unknown("known after apply")
ANYWHERE = "0.0.0.0/0"
EVERYBODY = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def _type(address: str) -> str:
    """`module.a["x"].data.aws_vpc.main[0]` -> `aws_vpc`."""
    return address.partition("[")[0].split(".")[-2] if "module." not in address else address.split("].")[-1].split(".")[-2]


def state(address: str, /, *, source: str = "terraform.tfstate", **attributes) -> Resource:
    """A resource of a state: there is no configuration, both maps are what was recorded."""
    return Resource(_type(address), address, attributes, attributes, Provenance(source), Origin.STATE, data=address.startswith("data."))


def code(address: str, declared=None, recorded=None, *, stack=None, action=Action.KEEP, origin=Origin.CODE) -> Resource:
    """A resource of a program, or of a plan whose `.tf` files were read: all that the code sets, and what was recorded."""
    provenance = Provenance("code", stack, "main.tf:7")
    return Resource(_type(address), address, declared or {}, recorded or {}, provenance, origin, action, address.startswith("data."))


def plan(address: str, declared=None, recorded=None, *, action=Action.KEEP) -> Resource:
    """A resource of a plan without its `.tf` files: `dynamic` blocks may be missing from what is declared."""
    return code(address, declared, recorded, action=action, origin=Origin.PLAN)


def ref(text: str) -> Reference:
    """`aws_vpc.main.id` as a reference to a value that isn't known."""
    address, _, attribute = text.rpartition(".")
    return Reference(address, attribute)


def parts(resource: Resource, *others: Resource) -> list[object]:
    """What this one resource adds to the network, in the company of others."""
    make = translator(resource.type)
    assert make is not None, f"no translator is registered for {resource.type}"
    return list(make(resource, Links.of((resource, *others))))


def part(resource: Resource, *others: Resource, kind: type | None = None):
    """The only part (of a kind) that it adds."""
    found = [item for item in parts(resource, *others) if kind is None or isinstance(item, kind)]
    assert len(found) == 1, found
    return found[0]


def network(*resources: Resource) -> Network:
    """Everything that these resources declare, put together."""
    return translate(Inventory(resources))


def nets(*texts: str) -> tuple:
    """CIDRs as networks."""
    return tuple(ip_network(text) for text in texts)


def ip(text: str):
    """An address."""
    return ip_address(text)
