"""aws_vpc_block_public_access_options: decides on every way from the internet, and no room models its exclusions."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import declared, text
from iacdrift.providers.links import Links
from iacdrift.providers.parts import Clouded
from iacdrift.sources.resource import Resource


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """Everything that comes from the internet is unknown, unless it is switched off."""
    del links
    if text(declared(resource, "internet_gateway_block_mode")) != "off":
        yield Clouded(f"{resource.address} may keep the internet out of every VPC of its region, which isn't modelled")
