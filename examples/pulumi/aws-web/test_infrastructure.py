"""What the program admits, tested without an account, an engine or a packet."""

import infrastructure
import pytest

import iacdrift.pulumi as network


def surface(vantage):
    hosts = network.collect(infrastructure.create, vantage=vantage).hosts
    return {host.owner.rpartition("::")[2]: host.tcp for host in hosts}


@pytest.fixture(scope="module")
def from_anywhere():
    return surface("internet")


def test_the_balancer_answers_on_443_and_nothing_else(from_anywhere):
    assert str(from_anywhere["edge"].open | from_anywhere["edge"].allowed) == "443"


def test_nobody_on_the_internet_reaches_the_web_servers(from_anywhere):
    for name in ("web-0", "web-1"):
        assert str(from_anywhere[name].blocked) == "0-65535"


def test_the_bastion_is_for_the_office_alone():
    assert str(surface("203.0.113.9")["bastion"].allowed) == "22"
    assert str(surface("198.51.100.9")["bastion"].blocked) == "0-65535"
