"""What is worked out once and shared must hold for everybody that shares it."""

import pytest

from iacdrift.surface.expect import expect
from iacdrift.surface.vantage import Vantage
from tests.surface.networks import (
    ALL6,
    ANYWHERE,
    IN_OFFICE,
    OFFICE,
    OPEN_ACL,
    OUT,
    acl,
    entry,
    everything,
    gateway,
    group,
    machine,
    model,
    prefix_list,
    seen_from,
    subnet,
    table,
    tcp,
    vpc,
    way,
)

FIRST, SECOND, FAR = "10.0.1.5", "10.0.1.200", "10.0.2.5"
MACHINES = [
    group("all", everything(ANYWHERE, ALL6)),
    machine("first", FIRST, None, "all"),
    machine("second", SECOND, None, "all"),
    machine("client", FAR, None, "all", at="b"),
]


def net(*, deny=(), routes=()):
    own = acl("own", "b", ingress=OPEN_ACL, egress=(*(entry(n + 1, "deny", cidr=cidr) for n, cidr in enumerate(deny)), *OPEN_ACL))
    public = table("public", *OUT, subnets="a")
    return [
        vpc(),
        subnet(),
        subnet("b", "10.0.2.0/24"),
        gateway(),
        acl("open", "a"),
        own,
        *public,
        *table("b", *routes, subnets="b"),
        *MACHINES,
    ]


def allowed(resources, vantage=FAR):
    return {str(host.address): 80 in host.tcp.allowed for host in seen_from(vantage, resources).hosts if host.address.version == 4}


@pytest.mark.parametrize("vantage", [FAR, "10.0.2.77", "aws_instance.client"])
@pytest.mark.parametrize(
    ("deny", "first", "second"),
    [((), True, True), ((f"{SECOND}/32",), True, False), (("10.0.1.0/25",), False, True), (("10.0.0.0/16",), False, False)],
)
def test_an_acl_that_divides_a_subnet_divides_its_hosts(vantage, deny, first, second):
    found = allowed(net(deny=deny), vantage)
    assert (found[FIRST], found[SECOND]) == (first, second)


def test_a_route_that_divides_a_subnet_divides_its_hosts():
    found = allowed(net(routes=[way("10.0.1.128/25", network_interface_id="eni-gone", origin="CreateRoute")]))
    assert found[FIRST]
    assert not found[SECOND]


def test_a_second_vantage_of_the_same_network_sees_what_it_would_see_first():
    office, listed = group("office", tcp(22, OFFICE), tcp(443, "pl-known")), prefix_list("known", "192.0.2.0/24")
    halves = group("halves", tcp(8080, "0.0.0.0/1"), tcp(8080, "128.0.0.0/1"), tcp(25, OFFICE, "192.0.2.0/24"), tcp(81, "sg-all", OFFICE))
    resources = [*net(), office, listed, halves, machine("open", "10.0.1.9", "198.51.100.7", "office")]
    resources += [machine("both", "10.0.1.10", "198.51.100.8", "office", "halves"), machine("half", "10.0.1.11", "198.51.100.9", "halves")]
    network = model(resources)
    vantages = [Vantage.parse(text) for text in ("internet", IN_OFFICE, "192.0.2.9", "198.18.0.1", FAR, "aws_instance.client")]
    for _ in range(2):
        for vantage in vantages:
            fresh = model(resources)
            assert expect(network, vantage).to_dict() == expect(fresh, vantage).to_dict()


def test_each_of_several_hosts_without_a_subnet_is_named_itself():
    lonely = [group("all", everything(ANYWHERE))]
    lonely += [machine(name, None, f"198.51.100.{n}", "all", at="gone", subnet_id="") for n, name in enumerate(("one", "two"), start=1)]
    owners = {told.resource for told in seen_from("internet", lonely).assumptions}
    assert {"aws_instance.one", "aws_instance.two"} <= owners
