"""A VPC, two web servers behind a load balancer, and a bastion that only the office reaches."""

import pulumi
import pulumi_aws as aws

ANYWHERE = "0.0.0.0/0"
OFFICE = "203.0.113.0/24"


def rule(port, **source):
    return {"protocol": "tcp", "from_port": port, "to_port": port, **source}


def create():
    """Everything; gives what is worth exporting."""
    vpc = aws.ec2.Vpc("main", cidr_block="10.20.0.0/16")
    gateway = aws.ec2.InternetGateway("main", vpc_id=vpc.id)
    table = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": ANYWHERE, "gateway_id": gateway.id}])
    subnets = []
    for number, zone in enumerate("ab"):
        subnet = aws.ec2.Subnet(
            f"public-{zone}",
            vpc_id=vpc.id,
            cidr_block=f"10.20.{number}.0/24",
            availability_zone=f"eu-central-1{zone}",
            map_public_ip_on_launch=True,
        )
        aws.ec2.RouteTableAssociation(f"public-{zone}", subnet_id=subnet.id, route_table_id=table.id)
        subnets.append(subnet)

    everything = [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": [ANYWHERE]}]
    edge = aws.ec2.SecurityGroup("edge", vpc_id=vpc.id, ingress=[rule(443, cidr_blocks=[ANYWHERE])], egress=everything)
    bastions = aws.ec2.SecurityGroup("bastion", vpc_id=vpc.id, ingress=[rule(22, cidr_blocks=[OFFICE])], egress=everything)
    web = aws.ec2.SecurityGroup(
        "web",
        vpc_id=vpc.id,
        ingress=[rule(8080, security_groups=[edge.id]), rule(22, security_groups=[bastions.id])],
        egress=everything,
    )

    def machine(name, subnet, group):
        kind = {"ami": "ami-0123456789abcdef0", "instance_type": "t3.micro"}
        return aws.ec2.Instance(name, subnet_id=subnet.id, vpc_security_group_ids=[group.id], **kind)

    bastion = machine("bastion", subnets[0], bastions)
    servers = [machine(f"web-{number}", subnet, web) for number, subnet in enumerate(subnets)]

    balancer = aws.lb.LoadBalancer(
        "edge", load_balancer_type="application", subnets=[subnet.id for subnet in subnets], security_groups=[edge.id]
    )
    targets = aws.lb.TargetGroup("web", port=8080, protocol="HTTP", vpc_id=vpc.id)
    for number, server in enumerate(servers):
        aws.lb.TargetGroupAttachment(f"web-{number}", target_group_arn=targets.arn, target_id=server.id, port=8080)
    listener = aws.lb.Listener(
        "https",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        certificate_arn=pulumi.Config().get("certificate") or "arn:aws:acm:eu-central-1:123456789012:certificate/made-up",
        default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
    )
    return {"bastion": bastion, "balancer": balancer, "listener": listener}
