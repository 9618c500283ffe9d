"""Vantages as users name them, and where `auto` stands."""

from ipaddress import ip_address

import pytest

from iacdrift.errors import UsageError
from iacdrift.surface.stand import stand
from iacdrift.surface.vantage import Vantage, VantageKind
from tests.surface.networks import a_public_subnet, model, web

NET = model([*a_public_subnet(), *web()])
AUTO = Vantage.parse("auto")


def stood(ipv4=None, ipv6=None, vantage=AUTO):
    return stand(NET, vantage, ip_address(ipv4) if ipv4 else None, ip_address(ipv6) if ipv6 else None)


def test_a_local_address_in_a_declared_network_stands_there():
    found = stood("10.0.1.99")
    assert (found.kind, str(found.ipv4), found.network) == (VantageKind.ADDRESS, "10.0.1.99", "aws_vpc.main")


def test_a_public_local_address_is_what_targets_see():
    assert str(stood("203.0.113.9").ipv4) == "203.0.113.9"


@pytest.mark.parametrize("local", ["192.168.1.5", "127.0.0.1", "169.254.1.1", "100.64.0.1", None])
def test_any_other_local_address_says_nothing_so_it_is_somewhere_on_the_internet(local):
    assert stood(local) == Vantage(VantageKind.INTERNET)


def test_each_family_for_itself():
    found = stood("192.168.1.5", "2001:db8:ffff::1")
    assert (found.ipv4, str(found.ipv6)) == (None, "2001:db8:ffff::1")


def test_a_vantage_that_was_named_stays_as_it_was_named():
    assert stood("10.0.1.99", vantage=Vantage.parse("internet")).kind is VantageKind.INTERNET
    assert str(stood("10.0.1.99", vantage=Vantage.parse("203.0.113.9")).ipv4) == "203.0.113.9"


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["auto"], VantageKind.AUTO),
        (["internet"], VantageKind.INTERNET),
        (["203.0.113.9"], VantageKind.ADDRESS),
        (["203.0.113.9", "2001:db8::1"], VantageKind.ADDRESS),
        (["aws_instance.bastion"], VantageKind.RESOURCE),
        (['module.service["api"].aws_instance.node[0]'], VantageKind.RESOURCE),
    ],
)
def test_the_ways_to_name_one(texts, kind):
    assert Vantage.parse(*texts).kind is kind


@pytest.mark.parametrize(
    "text", ["", "nowhere", "10.0.0.0/8", "-oX", "aws_instance.web; id", "aws_instance.web --script", "256.0.0.1", "10.0.0.300", "1.2"]
)
def test_what_is_neither_is_refused(text):
    with pytest.raises(UsageError, match="--vantage"):
        Vantage.parse(text)
