"""A web tier as a CDK app: two stacks, one of them nested in the other, and one that imports from it."""

from aws_cdk import App, CfnOutput, CfnParameter, Environment, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2


class Data(NestedStack):
    def __init__(self, scope, name, *, vpc, web):
        super().__init__(scope, name)
        group = ec2.SecurityGroup(self, "Db", vpc=vpc, allow_all_outbound=False)
        group.add_ingress_rule(ec2.Peer.security_group_id(web.security_group_id), ec2.Port.tcp(5432))


class Network(Stack):
    def __init__(self, scope, name, **kwargs):
        super().__init__(scope, name, **kwargs)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/16"),
            availability_zones=["us-east-1a", "us-east-1b"],
            nat_gateways=0,
            subnet_configuration=[ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24)],
        )
        self.web = ec2.SecurityGroup(self, "Web", vpc=self.vpc)
        self.web.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
        Data(self, "Data", vpc=self.vpc, web=self.web)


class Service(Stack):
    def __init__(self, scope, name, *, network, **kwargs):
        super().__init__(scope, name, **kwargs)
        port = CfnParameter(self, "AdminPort", type="Number", default=8443)
        admin = ec2.SecurityGroup(self, "Admin", vpc=network.vpc)
        admin.add_ingress_rule(ec2.Peer.ipv4("198.51.100.0/24"), ec2.Port.tcp(port.value_as_number))
        instance = ec2.Instance(
            self,
            "Host",
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            instance_type=ec2.InstanceType("t3.micro"),
            machine_image=ec2.MachineImage.generic_linux({"us-east-1": "ami-12c6146b"}),
            security_group=network.web,
        )
        instance.add_security_group(admin)
        address = ec2.CfnEIP(self, "Address", instance_id=instance.instance_id)
        balancer = elbv2.ApplicationLoadBalancer(self, "Alb", vpc=network.vpc, internet_facing=True, security_group=network.web)
        listener = balancer.add_listener("Https", port=443, protocol=elbv2.ApplicationProtocol.HTTP, open=False)
        listener.add_action("Default", action=elbv2.ListenerAction.fixed_response(200))
        CfnOutput(self, "WebAddress", value=address.ref)


app = App(analytics_reporting=False)
here = Environment(account="123456789012", region="us-east-1")
network = Network(app, "network", env=here)
Service(app, "service", network=network, env=here)
app.synth()
