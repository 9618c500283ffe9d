"""Small AWS networks, said in a few words, as Terraform's state holds them.

    net = a_public_subnet() + [group("web", tcp(443)), machine("web", "10.0.1.5", "198.51.100.7", "web")]
    assert asked(net, "198.51.100.7", 443, "203.0.113.9") == "allowed"

Names are ids: VPC `main` is `vpc-main`, subnet `a` is `subnet-a`, group `web` is `sg-web`, machine `web` is `i-web`.
"""

from __future__ import annotations

from iacdrift.model.network import Network
from iacdrift.providers.translate import translate
from iacdrift.sources.resource import Inventory, Resource
from iacdrift.surface.expect import expect
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface
from iacdrift.surface.vantage import Vantage
from tests.providers.resources import ANYWHERE, state

OFFICE = "203.0.113.0/24"
IN_OFFICE = "203.0.113.9"
ELSEWHERE = "192.0.2.9"
WEB = "198.51.100.7"
WEB_PRIVATE = "10.0.1.5"
WEB6 = "2001:db8:0:1::5"
ALL6 = "::/0"

Resources = list[Resource]


# -- rules ---------------------------------------------------------------------------------------------------------


def allow(protocol, first, last, *sources, **more) -> dict:
    """An inline rule; sources are CIDRs, `sg-…`, `pl-…` or `self`; nobody named: anywhere."""
    named = sources or (ANYWHERE,)
    return {
        "protocol": protocol,
        "from_port": first,
        "to_port": last,
        "cidr_blocks": [s for s in named if "/" in s and ":" not in s],
        "ipv6_cidr_blocks": [s for s in named if ":" in s],
        "security_groups": [s for s in named if s.startswith("sg-")],
        "prefix_list_ids": [s for s in named if s.startswith("pl-")],
        "self": "self" in named,
        **more,
    }


def tcp(port, *sources, **more) -> dict:
    """A rule for one TCP port."""
    return allow("tcp", port, port, *sources, **more)


def everything(*sources) -> dict:
    """A rule for every protocol and port."""
    return allow("-1", 0, 0, *sources)


ALL_OUT = everything(ANYWHERE, ALL6)


def group(name, *ingress, egress=(ALL_OUT,), vpc="main", **more) -> Resource:
    """A security group with inline rules; everything goes out unless said otherwise."""
    rules = {"ingress": list(ingress), "egress": list(egress)}
    return state(f"aws_security_group.{name}", id=f"sg-{name}", name=name, vpc_id=f"vpc-{vpc}", **{**rules, **more})


def prefix_list(name, *cidrs) -> Resource:
    """A managed prefix list with its entries."""
    return state(f"aws_ec2_managed_prefix_list.{name}", id=f"pl-{name}", entry=[{"cidr": cidr} for cidr in cidrs])


def entry(number, action, protocol="-1", first=0, last=0, cidr=ANYWHERE) -> dict:
    """An inline entry of a network ACL."""
    block = "ipv6_cidr_block" if ":" in cidr else "cidr_block"
    return {"rule_no": number, "action": action, "protocol": protocol, "from_port": first, "to_port": last, block: cidr}


OPEN_ACL = (entry(100, "allow"), entry(101, "allow", cidr=ALL6))


def acl(name, *subnets, ingress=OPEN_ACL, egress=OPEN_ACL, vpc="main") -> Resource:
    """A network ACL of these subnets; it admits everything unless said otherwise."""
    named = [f"subnet-{subnet}" for subnet in subnets]
    return state(
        f"aws_network_acl.{name}", id=f"acl-{name}", vpc_id=f"vpc-{vpc}", subnet_ids=named, ingress=list(ingress), egress=list(egress)
    )


# -- places --------------------------------------------------------------------------------------------------------


def vpc(name="main", cidr="10.0.0.0/16", ipv6="2001:db8::/56") -> Resource:
    """A VPC."""
    return state(f"aws_vpc.{name}", id=f"vpc-{name}", cidr_block=cidr, ipv6_cidr_block=ipv6)


def subnet(name="a", cidr="10.0.1.0/24", ipv6="2001:db8:0:1::/64", *, of="main") -> Resource:
    """A subnet of a VPC."""
    return state(f"aws_subnet.{name}", id=f"subnet-{name}", vpc_id=f"vpc-{of}", cidr_block=cidr, ipv6_cidr_block=ipv6)


def way(destination, **target) -> dict:
    """An inline route."""
    block = "ipv6_cidr_block" if ":" in destination else "cidr_block"
    return {block: destination, **target}


OUT = (way(ANYWHERE, gateway_id="igw-main"), way(ALL6, gateway_id="igw-main"))


def table(name, *routes, subnets=(), of="main") -> Resources:
    """A route table that serves these subnets."""
    found = [state(f"aws_route_table.{name}", id=f"rtb-{name}", vpc_id=f"vpc-{of}", route=list(routes))]
    for served in subnets:
        link = f"aws_route_table_association.{served}"
        found.append(state(link, id=f"rtbassoc-{served}", subnet_id=f"subnet-{served}", route_table_id=f"rtb-{name}"))
    return found


def gateway(name="main") -> Resource:
    """An internet gateway."""
    return state(f"aws_internet_gateway.{name}", id=f"igw-{name}", vpc_id=f"vpc-{name}")


def a_public_subnet() -> Resources:
    """VPC main (10.0.0.0/16), its subnet a (10.0.1.0/24), a route to the internet, an ACL that admits everything."""
    return [vpc(), subnet(), gateway(), *table("public", *OUT, subnets="a"), acl("open", "a")]


def two_subnets() -> Resources:
    """VPC main with subnets a (10.0.1.0/24) and b (10.0.2.0/24), both with a route to the internet and an open ACL."""
    more = subnet("b", "10.0.2.0/24", "2001:db8:0:2::/64")
    return [vpc(), subnet(), more, gateway(), *table("public", *OUT, subnets="ab"), acl("open", "a", "b")]


def machine(name="web", private=WEB_PRIVATE, public=WEB, *groups, at="a", ipv6=(), **more) -> Resource:
    """A running instance; without groups named it carries its VPC's default group."""
    return state(
        f"aws_instance.{name}",
        **{
            "id": f"i-{name}",
            "subnet_id": f"subnet-{at}",
            "private_ip": private,
            "public_ip": public or "",
            "ipv6_addresses": list(ipv6),
            "vpc_security_group_ids": [f"sg-{one}" for one in groups],
            "instance_state": "running",
            **more,
        },
    )


def web(*rules, **more) -> Resources:
    """The machine `web` at 198.51.100.7 (10.0.1.5, 2001:db8:0:1::5) behind a group `web` with these rules."""
    return [group("web", *rules), machine("web", WEB_PRIVATE, WEB, "web", ipv6=[WEB6], **more)]


# -- questions -----------------------------------------------------------------------------------------------------


def model(resources) -> Network:
    """The network that the resources declare."""
    return translate(Inventory(tuple(resources)))


def seen_from(vantage, resources, **options) -> ExpectedSurface:
    """The expected surface; a vantage is its text, or several texts."""
    texts = (vantage,) if isinstance(vantage, str) else vantage
    return expect(model(resources), Vantage.parse(*texts), **options)


def host(resources, name, vantage="internet", **options) -> ExpectedHost:
    """The one host with this address, DNS name or owner."""
    found = [h for h in seen_from(vantage, resources, **options).hosts if name in (str(h.address), h.name, h.owner)]
    assert len(found) == 1, f"{len(found)} hosts are {name}"
    return found[0]


def asked(resources, name, port, vantage="internet", protocol="tcp", **options) -> str:
    """What is expected of one port: open, allowed, blocked, unknown by vantage, unknown by code."""
    ports = host(resources, name, vantage, **options).ports(protocol)
    if port in ports.unknown_by_vantage:
        return "unknown by vantage"
    return "unknown by code" if port in ports.unknown_by_code else ports.of(port).value


def reasons(resources, name, port, vantage="internet", protocol="tcp", **options) -> list[str]:
    """Why, as `resource: detail`."""
    because = host(resources, name, vantage, **options).explains.because(protocol, port)
    return [f"{one.resource}: {one.detail}" for one in because]


def hidden(resources, name, vantage="internet") -> str:
    """Why an address or name isn't in view."""
    (found,) = [item.why for item in seen_from(vantage, resources).not_in_view if item.address == name]
    return found
