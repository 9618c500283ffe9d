"""`eni:` gives fleets their addresses, and names who owns what no resource declares."""

from ipaddress import ip_address

from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.surface.expect import expect
from iacdrift.surface.expected import HostStatus
from iacdrift.surface.vantage import Vantage


def resource(kind, name, **attributes):
    return {"mode": "managed", "type": kind, "name": name, "provider": "x", "instances": [{"attributes": attributes}]}


STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 1,
    "lineage": "l",
    "outputs": {},
    "resources": [
        resource("aws_vpc", "v", id="vpc-1", cidr_block="10.0.0.0/16"),
        resource("aws_subnet", "s", id="subnet-1", vpc_id="vpc-1", cidr_block="10.0.1.0/24"),
        resource("aws_route_table", "r", id="rtb-1", vpc_id="vpc-1", route=[{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]),
        resource("aws_route_table_association", "r", id="a", subnet_id="subnet-1", route_table_id="rtb-1"),
        resource(
            "aws_security_group",
            "web",
            id="sg-1",
            vpc_id="vpc-1",
            ingress=[{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}],
        ),
        resource("aws_launch_template", "web", id="lt-1", vpc_security_group_ids=["sg-1"]),
        resource("aws_autoscaling_group", "web", id="web", vpc_zone_identifier=["subnet-1"], launch_template=[{"id": "lt-1"}]),
    ],
}


def interface(name, private, public=None, *, groups=("sg-1",), kind="interface", machine=None, description="", tags=()):
    return {
        "NetworkInterfaceId": name,
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "InterfaceType": kind,
        "Description": description,
        "RequesterManaged": kind != "interface",
        "Groups": [{"GroupId": group} for group in groups],
        "Attachment": {"InstanceId": machine} if machine else {},
        "PrivateIpAddresses": [{"PrivateIpAddress": private, "Primary": True} | ({"Association": {"PublicIp": public}} if public else {})],
        "Ipv6Addresses": [],
        "TagSet": [{"Key": key, "Value": value} for key, value in tags],
    }


def surface(*described):
    sources = [STATE] + ([{"NetworkInterfaces": list(described)}] if described else [])
    return expect(translate(read_sources(sources)), Vantage.parse("internet"))


def test_without_it_a_fleet_has_a_surface_and_no_address():
    (host,) = surface().hosts
    assert (host.status, host.address, str(host.tcp.allowed)) == (HostStatus.UNADDRESSED, None, "443")


def test_a_fleet_gets_the_addresses_of_the_interfaces_in_its_subnets_with_its_groups():
    hosts = surface(interface("eni-1", "10.0.1.10", "198.51.100.10", machine="i-1"), interface("eni-2", "10.0.1.11", "198.51.100.11")).hosts
    assert [(str(host.address), host.owner, str(host.tcp.allowed)) for host in hosts] == [
        ("198.51.100.10", "aws_autoscaling_group.web", "443"),
        ("198.51.100.11", "aws_autoscaling_group.web", "443"),
    ]


def test_a_group_attached_by_hand_doesn_t_hide_a_machine_of_the_fleet_nor_lend_it_rules():
    (host,) = surface(interface("eni-1", "10.0.1.10", "198.51.100.10", groups=("sg-1", "sg-hand"))).hosts
    assert str(host.tcp.allowed) == "443"


def test_an_interface_of_no_resource_is_named_and_is_no_host():
    found = surface(interface("eni-9", "10.0.1.99", "198.51.100.99", groups=("sg-x",), machine="i-9", description="by hand"))
    assert [host.status for host in found.hosts] == [HostStatus.UNADDRESSED]
    assert found.described[ip_address("198.51.100.99")] == "eni-9 (interface, on i-9, described as 'by hand')"


def test_gateways_and_balancers_are_known_and_not_undeclared():
    found = surface(
        interface("eni-n", "10.0.1.5", "198.51.100.5", groups=(), kind="nat_gateway"),
        interface("eni-b", "10.0.1.6", groups=(), kind="network_load_balancer"),
    )
    assert {ip_address("198.51.100.5"), ip_address("10.0.1.5"), ip_address("10.0.1.6")} <= found.known_addresses
    assert not found.described


def test_a_declared_machine_keeps_its_addresses_and_its_code_beside_the_description_of_its_interface():
    machine = {"id": "i-7", "subnet_id": "subnet-1", "private_ip": "10.0.1.7", "primary_network_interface_id": "eni-7"}
    address = {"id": "eipalloc-7", "public_ip": "198.51.100.7", "instance": "i-7", "private_ip": "10.0.1.7"}
    more = [resource("aws_instance", "app", vpc_security_group_ids=["sg-1"], **machine), resource("aws_eip", "app", **address)]
    state = {**STATE, "resources": [*STATE["resources"], *more]}
    described = {"NetworkInterfaces": [interface("eni-7", "10.0.1.7", "198.51.100.7", machine="i-7")]}
    found = expect(translate(read_sources([state, described])), Vantage.parse("internet"))
    alone = expect(translate(read_sources([state])), Vantage.parse("internet"))
    owned = [(host.owner, str(host.address), str(host.tcp.allowed)) for host in found.hosts if host.address]
    assert owned == [("aws_instance.app", "198.51.100.7", "443")]
    assert [host.to_dict() for host in found.hosts] == [host.to_dict() for host in alone.hosts]
    assert not found.described


def test_node_groups_and_services_are_known_by_their_tags():
    """Two fleets share their groups and subnets: the tags that AWS sets tell them apart."""
    service, ecs = "arn:aws:ecs:eu-west-1:123456789012:service/shop/api", "arn:aws:ecs:eu-west-1:123456789012:attachment/1"
    placed = [{"subnets": ["subnet-1"], "security_groups": ["sg-1"]}]
    fleets = [
        resource("aws_eks_node_group", "n", id="shop:nodes", subnet_ids=["subnet-1"], launch_template=[{"id": "lt-1"}]),
        resource("aws_ecs_service", "api", id=service, network_configuration=placed),
    ]
    state = {**STATE, "resources": [*STATE["resources"], *fleets]}
    node = interface("eni-n", "10.0.1.20", tags=(("eks:cluster-name", "shop"), ("eks:nodegroup-name", "nodes")), machine="i-n")
    task = interface("eni-t", "10.0.1.21", tags=(("aws:ecs:clusterName", "shop"), ("aws:ecs:serviceName", "api")), description=ecs)
    found = expect(translate(read_sources([state, {"NetworkInterfaces": [node, task]}])), Vantage.parse("10.0.1.200"))
    owned = {str(host.address): host.owner for host in found.hosts if host.address}
    assert owned == {"10.0.1.20": "aws_eks_node_group.n", "10.0.1.21": "aws_ecs_service.api"}
    assert [host.owner for host in found.hosts if host.status is HostStatus.UNADDRESSED] == ["aws_autoscaling_group.web"]
