"""A network, and the servers in it: two stacks, the second reads from the first."""

from aws import Aws, AwsStack

ANYWHERE = "0.0.0.0/0"
OFFICE = "203.0.113.0/24"


class Network(AwsStack):
    """One public subnet."""

    def __init__(self, scope, name):
        super().__init__(scope, name)
        self.vpc = Aws(self, "vpc", "vpc", cidr_block="10.40.0.0/16")
        self.subnet = Aws(self, "public", "subnet", vpc_id=self.vpc.id, cidr_block="10.40.1.0/24")
        gateway = Aws(self, "gateway", "internet_gateway", vpc_id=self.vpc.id)
        routes = Aws(self, "routes", "route_table", vpc_id=self.vpc.id)
        Aws(self, "out", "route", route_table_id=routes.id, destination_cidr_block=ANYWHERE, gateway_id=gateway.id)
        Aws(self, "public-routes", "route_table_association", subnet_id=self.subnet.id, route_table_id=routes.id)


class Web(AwsStack):
    """Two servers: HTTPS for everybody, SSH for the office."""

    def __init__(self, scope, name, network, admins=OFFICE):
        super().__init__(scope, name)
        web = Aws(self, "web", "security_group", name="web", vpc_id=network.vpc.id)
        for rule, port, source in (("https", 443, ANYWHERE), ("ssh", 22, admins)):
            ports = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
            Aws(self, rule, "vpc_security_group_ingress_rule", security_group_id=web.id, cidr_ipv4=source, **ports)
        for n in range(2):
            machine = {"ami": "ami-12c6146b", "instance_type": "t3.micro", "subnet_id": network.subnet.id}
            server = Aws(self, f"web-{n}", "instance", vpc_security_group_ids=[web.id], **machine)
            Aws(self, f"ip-{n}", "eip", domain="vpc", instance=server.id)
