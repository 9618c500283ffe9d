"""aws_route_table_association, aws_main_route_table_association: which table serves a subnet, a VPC, or a gateway."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import because, declared, fixed, sets
from iacdrift.providers.links import Links
from iacdrift.providers.parts import EdgeTable, MainTableDoubt, Note, SubnetTable, VpcFact
from iacdrift.sources.resource import Action, Reference, Resource, Unknown


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """The association, unless the plan is about to delete it."""
    if resource.action is Action.DELETE:
        return
    table = links.resolve(declared(resource, "route_table_id"), resource)
    if sets(resource, "gateway_id"):
        gateway = links.resolve(declared(resource, "gateway_id"), resource)
        vpc = links.owner_of(gateway, resource, "aws_vpc") if isinstance(gateway, str) else None
        yield EdgeTable(vpc, because(resource, "a gateway route table decides on what comes in, which isn't modelled"))
    elif resource.type == "aws_main_route_table_association":
        vpc_key = links.resolve(fixed(resource, "vpc_id"), resource)
        if isinstance(vpc_key, str) and isinstance(table, str):
            yield VpcFact(vpc_key, main_table=table, firm=True)
        else:
            known = vpc_key if isinstance(vpc_key, str) else None
            yield MainTableDoubt(known, f"{resource.address} names a main route table that isn't known, or of a VPC that isn't")
    else:
        yield from _subnet(resource, links, table)


def _subnet(resource: Resource, links: Links, table: str | Unknown | None) -> Iterator[object]:
    named = fixed(resource, "subnet_id")
    subnet = links.resolve(named, resource)
    if not isinstance(subnet, str):
        yield Note(f"{resource.address} associates a subnet that isn't known")
        if not (isinstance(named, Reference) and links.at(named, resource) is None):
            doubt = f"{resource.address} associates a route table with a subnet that isn't known, which may be this one"
            yield from (
                SubnetTable(key, None, doubt, perhaps=True) for key in sorted(links.possible(named, "aws_subnet", "aws_default_subnet"))
            )
    elif isinstance(table, str):
        yield SubnetTable(subnet, table)
    else:
        yield SubnetTable(subnet, None, f"{resource.address} names a route table that isn't known")
