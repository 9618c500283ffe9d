"""An instance whose primary interface is declared in another stack is still there, with groups that can't be told."""

from iacdrift.providers.translate import translate
from iacdrift.sources.resource import Inventory, Origin, Resource
from iacdrift.surface.expect import expect
from iacdrift.surface.vantage import Vantage


def test_its_addresses_are_known_and_its_ports_unknown() -> None:
    attributes = {
        "id": "i-1",
        "private_ip": "10.0.1.5",
        "public_ip": "198.51.100.7",
        "subnet_id": "subnet-1",
        "instance_state": "running",
        "primary_network_interface_id": "eni-1",
        "network_interface": [{"device_index": 0, "network_interface_id": "eni-1"}],
    }
    web = Resource("aws_instance", "aws_instance.web", attributes, attributes, origin=Origin.STATE)
    (host,) = expect(translate(Inventory((web,))), Vantage.parse("internet")).hosts
    assert (str(host.address), str(host.tcp.unknown_by_code)) == ("198.51.100.7", "0-65535")
    assert "eni-1, which is in no source" in host.explains.because("tcp", 22)[0].detail
