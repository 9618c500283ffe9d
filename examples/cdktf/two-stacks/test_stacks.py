"""What the stacks admit, without a deployment: `python -m pytest`."""

import pytest

try:
    from cdktn import Testing
except ImportError:
    from cdktf import Testing

from stacks import ANYWHERE, Network, Web

from iacdrift.cdktf import NetworkDriftCheck, surface_of


def surface(vantage, **changes):
    app = Testing.app()
    network = Network(app, "network")
    web = Web(app, "web", network, **changes)
    return surface_of(Testing.synth(network), Testing.synth(web), vantage=vantage)


def test_the_internet_reaches_https_and_nothing_else():
    hosts = surface("internet").hosts
    assert len(hosts) == 2
    assert {str(host.tcp.allowed | host.tcp.open) for host in hosts} == {"443"}


def test_the_office_reaches_ssh_too():
    assert {str(host.tcp.allowed | host.tcp.open) for host in surface("203.0.113.9").hosts} == {"22,443"}


def test_ssh_for_everybody_ends_the_synth():
    app = Testing.app()
    web = Web(app, "web", Network(app, "network"), admins=ANYWHERE)
    NetworkDriftCheck().attach(app)
    with pytest.raises(RuntimeError, match=r"aws_security_group\.web admits tcp/22 from the whole internet"):
        Testing.synth(web, True)
