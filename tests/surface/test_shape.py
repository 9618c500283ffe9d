"""The JSON of `expect` and `explain`, keys exactly; and what holds of every surface."""

import json
import re
from functools import reduce
from operator import or_

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacdrift.errors import UsageError
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, Expectation
from iacdrift.surface.explain import explain
from iacdrift.surface.vantage import Vantage
from tests.providers.resources import LATER, code, state
from tests.surface.networks import (
    ALL6,
    ANYWHERE,
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    OPEN_ACL,
    OUT,
    WEB,
    WEB_PRIVATE,
    a_public_subnet,
    acl,
    allow,
    entry,
    gateway,
    group,
    host,
    machine,
    model,
    seen_from,
    subnet,
    table,
    tcp,
    vpc,
    web,
)

NET = [*a_public_subnet(), *web(tcp(22, OFFICE), tcp(443)), state("aws_globalaccelerator_accelerator.edge", id="ga-1")]


def test_the_keys_of_the_expected_surface():
    found = seen_from(IN_OFFICE, NET, families=(4,)).to_dict()
    assert set(found) >= {
        "schema", "vantage", "hosts", "not_in_view", "assumptions", "unmodelled", "declared_from",
    }  # fmt: skip
    assert found["schema"] == "iacdrift/expected-surface/1"
    assert found["vantage"] == {"kind": "address", "ipv4": IN_OFFICE, "ipv6": None, "network": None}
    assert found["unmodelled"] == [
        {"type": "aws_globalaccelerator_accelerator", "count": 1, "resources": ["aws_globalaccelerator_accelerator.edge"]}
    ]


def test_the_keys_of_a_host():
    (found,) = seen_from(IN_OFFICE, NET, families=(4,)).to_dict()["hosts"]
    assert set(found) >= {"address", "name", "status", "owner", "source", "tcp", "udp", "reasons"}
    assert (found["address"], found["name"], found["status"], found["owner"]) == (WEB, None, "present", "aws_instance.web")
    assert found["source"] == "terraform.tfstate"
    assert found["tcp"] == {"open": "", "allowed": "22,443", "blocked": "0-21,23-442,444-65535", "unknown": ""}
    assert found["udp"] == {"open": "", "allowed": "", "blocked": "0-65535", "unknown": ""}


def test_the_keys_of_a_reason():
    (found,) = seen_from(IN_OFFICE, NET, families=(4,)).to_dict()["hosts"]
    ssh = next(reason for reason in found["reasons"] if reason["ports"] == "22")
    because = [{"resource": "aws_security_group.web", "detail": f"tcp/22 from {OFFICE}", "at": None}]
    assert ssh == {"protocol": "tcp", "ports": "22", "expectation": "allowed", "because": because}


def test_the_keys_of_what_is_not_in_view_and_of_assumptions():
    found = seen_from("internet", [r for r in NET if r.type != "aws_network_acl"]).to_dict()
    assert {"owner", "address", "why"} == set(found["not_in_view"][0])
    assert {"resource", "text"} == set(found["assumptions"][0])


def test_json_reads_back():
    surface = seen_from(IN_OFFICE, NET)
    assert json.loads(surface.to_json()) == surface.to_dict()


@pytest.mark.parametrize(
    ("vantage", "shown"),
    [
        ("internet", {"kind": "internet", "ipv4": None, "ipv6": None, "network": None}),
        ("auto", {"kind": "internet", "ipv4": None, "ipv6": None, "network": None}),
        ("10.0.1.99", {"kind": "address", "ipv4": "10.0.1.99", "ipv6": None, "network": "aws_vpc.main"}),
        ("aws_instance.web", {"kind": "resource", "ipv4": None, "ipv6": None, "network": "aws_vpc.main", "resource": "aws_instance.web"}),
    ],
)
def test_how_a_vantage_is_shown(vantage, shown):
    assert seen_from(vantage, NET).to_dict()["vantage"] == shown


def test_rules_read_from_a_state_are_said_to_be():
    assert seen_from("internet", NET).declared_from == "state"
    assert seen_from("internet", [code("aws_instance.web", {}, {"id": "i"})]).declared_from == "configuration"


def test_one_resource_of_a_state_is_enough():
    assert seen_from("internet", [code("aws_instance.web", {}, {"id": "i"}), group("web")]).declared_from == "state"


def test_a_resource_that_no_translator_knows_is_in_the_report_and_a_data_source_is_not():
    found = seen_from(
        "internet", [*NET, state("data.aws_nothing_known.x", id="x"), state("aws_globalaccelerator_accelerator.two", id="ga-2")]
    )
    assert [(item.type, len(item.resources)) for item in found.unmodelled] == [("aws_globalaccelerator_accelerator", 2)]


# -- explain ---------------------------------------------------------------------------------------------------------


def explained(port, vantage=IN_OFFICE, where=WEB, net=NET):
    return explain(model(net), Vantage.parse(vantage), where, "tcp", port)


def test_the_way_of_one_packet_from_the_vantage_to_the_host():
    steps = [(step.stage, step.answer) for step in explained(22).steps]
    assert steps == [
        ("vantage", "admitted"),
        ("route", "admitted"),
        ("network ACL, inbound", "admitted"),
        ("network ACL, outbound (answers)", "admitted"),
        ("security groups", "admitted"),
        ("host", "admitted"),
    ]


def test_a_blocked_packet_is_blocked_where_it_is_blocked():
    found = explained(22, ELSEWHERE)
    assert found.expectation is Expectation.BLOCKED
    assert [step.stage for step in found.steps if step.answer == "blocked"] == ["security groups", "host"]
    assert found.because[0].resource == "aws_security_group.web"


def test_an_unknown_packet():
    found = explained(22, "internet")
    assert found.expectation is Expectation.UNKNOWN
    assert [step.stage for step in found.steps if step.answer == "unknown"] == ["security groups", "host"]


def test_the_explanation_agrees_with_the_surface_everywhere():
    ports = host(NET, WEB, IN_OFFICE).tcp
    assert all(explained(port).expectation is ports.of(port) for port in (0, 21, 22, 23, 443, 65535))


def test_a_host_may_be_named_by_address_or_by_resource():
    assert explained(443, where="aws_instance.web").host == WEB


@pytest.mark.parametrize(("where", "sentence"), [(WEB_PRIVATE, "isn't in view from here"), ("192.0.2.1", "is no host of the sources")])
def test_a_host_that_is_not_in_view_is_refused_with_a_sentence(where, sentence):
    with pytest.raises(UsageError, match=re.escape(sentence)):
        explained(443, where=where)


def test_the_json_of_an_explanation():
    found = explained(22).to_dict()
    assert json.loads(explained(22).to_json()) == found
    assert (found["host"], found["protocol"], found["port"], found["expectation"]) == (WEB, "tcp", 22, "allowed")
    assert set(found["steps"][0]) == {"stage", "answer", "because"}


# -- what holds of every surface -------------------------------------------------------------------------------------

CIDRS = st.sampled_from(
    [ANYWHERE, OFFICE, "192.0.2.0/24", "10.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1", ALL6, "2001:db8::/32", "sg-web", "self", "pl-gone"]
)
EDGES = st.sampled_from([0, 1, 22, 80, 443, 1023, 1024, 32768, 65535])


@st.composite
def rules(draw):
    """A security group's rule, readable or not."""
    protocol = draw(st.sampled_from(["tcp", "udp", "-1", "icmp", LATER]))
    first, last = sorted((draw(EDGES), draw(EDGES)))
    return allow(protocol, draw(st.sampled_from([first, first, LATER])), last, *draw(st.lists(CIDRS, min_size=1, max_size=3, unique=True)))


@st.composite
def entries(draw):
    """An ACL's entry, readable or not."""
    first, last = sorted((draw(EDGES), draw(EDGES)))
    cidr = draw(st.sampled_from([ANYWHERE, OFFICE, "10.0.0.0/16", ALL6]))
    number, action = draw(st.one_of(st.integers(1, 200), st.just(LATER))), draw(st.sampled_from(["allow", "deny"]))
    return entry(number, action, draw(st.sampled_from(["tcp", "udp", "-1"])), first, last, cidr)


@st.composite
def places(draw):
    """The machine `web` behind any group, ACL and routes, and `client` beside it."""
    ways = draw(
        st.sampled_from(
            [OUT, (), ({"cidr_block": OFFICE, "gateway_id": "igw-main"},), ({"cidr_block": ANYWHERE, "transit_gateway_id": "t"},)]
        )
    )
    acls = [
        acl(
            "x",
            "a",
            ingress=draw(st.lists(entries(), max_size=3)) or OPEN_ACL,
            egress=draw(st.sampled_from([OPEN_ACL, (), (entry(1, "allow", "tcp", 32768, 60999),)])),
        )
    ]
    client = machine("client", "10.0.2.5", None, "web", at="b")
    ground = [vpc(), subnet(), subnet("b", "10.0.2.0/24", "2001:db8:0:2::/64"), gateway(), *table("a", *ways, subnets="a")]
    return [*ground, *acls, *web(*draw(st.lists(rules(), max_size=3))), client]


VANTAGES = st.sampled_from(["internet", IN_OFFICE, ELSEWHERE, "10.0.2.77", "aws_instance.client", ("203.0.113.9", "2001:db8:ffff::1")])


@settings(max_examples=60, deadline=None)
@given(places(), VANTAGES, st.booleans())
def test_the_four_sets_partition_all_ports_and_every_port_has_a_reason(net, vantage, strict):
    surface = seen_from(vantage, net, strict=strict)
    assert surface.hosts
    for one in surface.hosts:
        for protocol in PROTOCOLS:
            ports = one.ports(protocol)
            sets = [PortSet.parse(text) for text in ports.to_dict().values()]
            assert sum(len(ports) for ports in sets) == 65536
            assert reduce(or_, sets) == ALL_PORTS
            assert ports.unknown_by_code.isdisjoint(ports.unknown_by_vantage)
            for port in (0, 22, 443, 65535):
                because = one.explains.because(protocol, port)
                assert because
                assert all(reason.detail for reason in because)


@settings(max_examples=60, deadline=None)
@given(places(), VANTAGES)
def test_the_reasons_tell_every_port_that_is_not_blocked_once_and_rightly(net, vantage):
    for one in seen_from(vantage, net).hosts:
        for protocol in PROTOCOLS:
            told = [reason for reason in one.explains.reasons() if reason.protocol == protocol]
            union = PortSet()
            for reason in told:
                assert reason.ports
                assert union.isdisjoint(reason.ports)
                union |= reason.ports
                assert not reason.ports - getattr(one.ports(protocol), reason.expectation.value)
            assert not (ALL_PORTS - one.ports(protocol).blocked) - union


@settings(max_examples=60, deadline=None)
@given(places(), VANTAGES)
def test_strict_never_admits_more_and_never_blocks_more(net, vantage):
    loose, strict = seen_from(vantage, net), seen_from(vantage, net, strict=True)
    for before, after in zip(loose.hosts, strict.hosts, strict=True):
        for protocol in PROTOCOLS:
            one, other = before.ports(protocol), after.ports(protocol)
            assert other.blocked == one.blocked
            assert not other.allowed - one.allowed


@settings(max_examples=60, deadline=None)
@given(places(), st.sampled_from([IN_OFFICE, ELSEWHERE, "198.18.0.1"]))
def test_what_the_internet_is_promised_holds_for_each_of_its_addresses(net, address):
    """Anywhere on the internet is admitted, or blocked, only if this address is too."""
    anywhere, here = seen_from("internet", net), seen_from(address, net)
    for one, other in zip(anywhere.hosts, here.hosts, strict=True):
        for protocol in PROTOCOLS:
            everybody, somebody = one.ports(protocol), other.ports(protocol)
            assert not everybody.allowed - somebody.allowed
            assert not everybody.blocked - somebody.blocked
