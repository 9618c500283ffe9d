"""A made-up estate of any size as the JSON of a plan: what `terraform show -json` writes for a plan without changes.

Everything is made from numbers, so the same size gives the same bytes. Each cell is one instance of a module with a VPC of
its own. Attributes that are null or say nothing, and the provider's name in every entry, are left out, so that 100,000 resources stay below
150 MB; the rest is as Terraform writes it: planned values, a change with before and after, the prior state, the configuration.
What no translator knows is about to be created; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

import orjson
from attrs import Factory, define

from benchmarks.code import configuration, inline_names

CELL = 5000
"""Resources of a whole cell: 500 machines, 250 groups and 2,500 rules of its own among them."""

NEW = ("aws_ebs_volume", "aws_route53_record", "aws_cloudwatch_metric_alarm")
Values = dict[str, Any]
PORTS = (22, 80, 443, 3306, 5432, 6379, 8080, 9090, 9100, 27017)
OFFICES = ("203.0.113.0/24", "198.51.100.0/25", "10.0.0.0/8", "192.0.2.64/27", "0.0.0.0/0", "172.16.0.0/12")


def plan(resources: int) -> bytes:
    """The JSON of a plan of about so many resources."""
    cells = max(1, round(resources / CELL))
    made = [Cell(number, resources / cells / CELL) for number in range(cells)]
    for cell in made:
        cell.fill()
    size = made[0].count(PER_CELL["inline"])
    return orjson.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": {"child_modules": [cell.module(planned=True) for cell in made]}},
            "resource_changes": [change for cell in made for change in cell.changes()],
            "prior_state": {
                "format_version": "1.0",
                "terraform_version": "1.11.4",
                "values": {"root_module": {"child_modules": [cell.module(planned=False) for cell in made]}},
            },
            "configuration": configuration([cell.name for cell in made], size),
            "timestamp": "2026-01-01T00:00:00Z",
            "applyable": False,
            "complete": True,
            "errored": False,
        }
    )


PER_CELL = {
    "subnets": 20,
    "tables": 5,
    "routes": 25,
    "acls": 5,
    "acl_rules": 60,
    "lists": 2,
    "inline": 84,
    "classic": 83,
    "modern": 83,
    "rules": 2500,
    "instances": 500,
    "interfaces": 150,
    "addresses": 150,
    "associations": 75,
    "balancers": 10,
    "targets": 200,
    "databases": 10,
    "others": 990,
}


@define
class Cell:
    """One instance of the module. `scale` is its size as a part of a whole cell."""

    number: int
    scale: float
    made: list[tuple[str, str, str | int | None, Values]] = Factory(list)

    @property
    def name(self) -> str:
        return f"c{self.number:02}"

    def count(self, whole: int) -> int:
        return max(1, round(whole * self.scale))

    def of(self, kind: str) -> range:
        return range(self.count(PER_CELL[kind]))

    def id(self, prefix: str, number: int = 0) -> str:
        """A provider id that no other thing has."""
        return f"{prefix}-{(self.number << 40) + number * 0x9E3779B1 % (1 << 40):017x}"

    def add(self, kind: str, name: str, key: str | int | None, values: Values) -> None:
        self.made.append((kind, name, key, values))

    def fill(self) -> None:
        for part in (self._network, self._acls, self._groups, self._rules, self._machines, self._addresses, self._endpoints, self._others):
            part()

    def group(self, number: int) -> str:
        return self.id("sg", number % (self.count(84) + self.count(83) * 2))

    def _network(self) -> None:
        vpc, gateway = self.id("vpc"), self.id("igw")
        self.add("aws_vpc", "main", None, {"cidr_block": f"10.{self.number}.0.0/16", "id": vpc, "tags": {"Name": self.name}})
        self.add("aws_internet_gateway", "main", None, {"id": gateway, "vpc_id": vpc})
        for n in self.of("tables"):
            self.add("aws_route_table", "main", n, {"id": self.id("rtb", n), "vpc_id": vpc, "route": []})
        tables = len(self.of("tables"))
        for n in self.of("routes"):
            to = {"gateway_id": gateway} if n < tables else {"vpc_peering_connection_id": self.id("pcx", n)}
            goal = "0.0.0.0/0" if n < tables else f"192.168.{n}.0/24"
            table = self.id("rtb", n % tables)
            self.add("aws_route", "main", n, {"destination_cidr_block": goal, "id": f"r-{table}{n}", "route_table_id": table, **to})
        for n in self.of("subnets"):
            subnet = self.id("subnet", n)
            net = f"10.{self.number}.{n * 8}.0/21"
            self.add("aws_subnet", "main", n, {"cidr_block": net, "id": subnet, "vpc_id": vpc})
            link = {"id": self.id("rtbassoc", n), "route_table_id": self.id("rtb", n % tables), "subnet_id": subnet}
            self.add("aws_route_table_association", "main", n, link)
        for n in self.of("lists"):
            entries = [{"cidr": f"192.0.{2 + n}.{k * 8}/29", "description": "partner"} for k in range(20)]
            self.add("aws_ec2_managed_prefix_list", "partners", n, {"entry": entries, "id": self.id("pl", n), "address_family": "IPv4"})

    def _acls(self) -> None:
        acls, subnets = len(self.of("acls")), len(self.of("subnets"))
        for n in self.of("acls"):
            named = [self.id("subnet", k) for k in range(n, subnets, acls)]
            inline = {
                "ingress": [_entry(90, "deny", 3389, 3389), _entry(100, "allow", 0, 65535)],
                "egress": [_entry(100, "allow", 0, 65535)],
            }
            values: Values = {"id": self.id("acl", n), "subnet_ids": named, "vpc_id": self.id("vpc")}
            self.add("aws_network_acl", "inline" if n % 5 < 3 else "split", n, values | (inline if n % 5 < 3 else {}))
        split = [n for n in self.of("acls") if n % 5 >= 3]
        for n in self.of("acl_rules") if split else ():
            port = PORTS[n % len(PORTS)]
            last = n >= len(self.of("acl_rules")) - 2 * len(split)
            rule = _entry(1000 + n, "allow", 0, 65535) if last else _entry(100 + n, "allow" if n % 3 else "deny", port, port + n % 7)
            entry = {"network_acl_id": self.id("acl", split[n % len(split)]), "egress": n // len(split) % 2 == 1, "id": f"nacl-{n}"}
            shown = {"rule_action": rule["action"], "rule_number": rule["rule_no"], "cidr_block": "0.0.0.0/0", "protocol": "6"}
            self.add("aws_network_acl_rule", "main", n, entry | shown | {"from_port": rule["from_port"], "to_port": rule["to_port"]})

    def _groups(self) -> None:
        for n, name in enumerate(inline_names(len(self.of("inline")))):
            rules = [_block(n + k, [OFFICES[(n + k) % 6]]) for k in range(5)]
            everything = _block(0, ["0.0.0.0/0"]) | {"from_port": 0, "to_port": 0, "protocol": "-1"}
            self.add("aws_security_group", name, None, self._group(n, name) | {"ingress": rules, "egress": [everything]})
        for style, first in (("classic", len(self.of("inline"))), ("modern", len(self.of("inline")) + len(self.of("classic")))):
            for n in self.of(style):
                self.add("aws_security_group", style, n, self._group(first + n, f"{style}-{n}") | {"ingress": [], "egress": []})

    def _group(self, number: int, name: str) -> Values:
        sg = self.group(number)
        return {"id": sg, "name": name, "vpc_id": self.id("vpc")}

    def _rules(self) -> None:
        inline, styled = len(self.of("inline")), len(self.of("classic"))
        for n in self.of("rules"):
            port, width = PORTS[n % len(PORTS)] + n // 97 % 5, (0, 0, 0, 10, 100)[n // 10 % 5]
            ingress, modern = n % 5 > 0, n % 2 == 1
            group = self.group(inline + modern * styled + n // 2 % styled)
            base = {"from_port": port, "to_port": port + width, "security_group_id": group}
            make = self._modern if modern else self._classic
            make(n, ingress, base)

    def _modern(self, n: int, ingress: bool, base: Values) -> None:
        peer = self._peer(n, ("cidr_ipv4", "referenced_security_group_id", "prefix_list_id"), one=True)
        rule = self.id("sgr", n)
        kind = f"aws_vpc_security_group_{'ingress' if ingress else 'egress'}_rule"
        self.add(kind, "main", n, base | peer | {"id": rule, "ip_protocol": "tcp"})

    def _classic(self, n: int, ingress: bool, base: Values) -> None:
        peer = self._peer(n, ("cidr_blocks", "source_security_group_id", "prefix_list_ids"), one=False)
        more = {"id": f"sgrule-{self.number * 100000 + n}", "protocol": "tcp", "self": False, "type": "ingress" if ingress else "egress"}
        self.add("aws_security_group_rule", "main", n, base | peer | more)

    def _peer(self, n: int, names: tuple[str, str, str], *, one: bool) -> Values:
        """Half of all rules name networks, a third groups, the rest a prefix list."""
        networks, group, lists = names
        if n % 6 < 3:
            net = OFFICES[n // 6 % 6] if n % 12 < 6 else f"10.{self.number}.{n % 256}.0/24"
            return {networks: net if one else [net]}
        if n % 6 < 5:
            return {group: self.group(n // 6)}
        listed = self.id("pl", n % len(self.of("lists")))
        return {lists: listed if one else [listed]}

    def private(self, number: int) -> str:
        return str(IPv4Address((10 << 24) + (self.number << 16) + (number % len(self.of("subnets"))) * 2048 + 10 + number // 20))

    def public(self, number: int) -> str:
        return str(IPv4Address("198.18.0.0") + self.number * 1024 + number)

    def _machines(self) -> None:
        subnets = len(self.of("subnets"))
        for n in self.of("instances"):
            groups = sorted({self.group(n), self.group(n * 7 + 1)})
            machine = {
                "ami": "ami-0123456789abcdef0",
                "id": self.id("i", n),
                "instance_state": "running",
                "instance_type": "t3.small",
                "network_interface": [],
                "primary_network_interface_id": self.id("eni", n),
                "private_ip": self.private(n),
                "public_ip": self.public(n) if n % 4 == 0 else "",
                "root_block_device": [{"device_name": "/dev/sda1", "encrypted": True, "volume_size": 8, "volume_type": "gp3"}],
                "subnet_id": self.id("subnet", n % subnets),
                "tags": {"Name": f"node-{n}"},
                "vpc_security_group_ids": groups,
            }
            self.add("aws_instance", "node", n, machine)

    def _addresses(self) -> None:
        """Interfaces of their own on the first machines, elastic addresses on these and on machines after them."""
        subnets, machines = len(self.of("subnets")), len(self.of("instances"))
        for n in self.of("interfaces"):
            private = self.private(machines + n)
            values = {
                "attachment": [{"attachment_id": self.id("eni-attach", n), "device_index": 1, "instance": self.id("i", n)}],
                "id": self.id("eni", machines + n),
                "private_ip": private,
                "private_ips": [private],
                "security_groups": [self.group(n)],
                "subnet_id": self.id("subnet", (machines + n) % subnets),
            }
            self.add("aws_network_interface", "second", n, values)
        associated = len(self.of("associations"))
        for n in self.of("addresses"):
            public = self.public(machines + n)
            held = {"instance": self.id("i", machines - 1 - n)} if n < associated else {"network_interface": self.id("eni", machines + n)}
            values = {"domain": "vpc", "id": self.id("eipalloc", n), "public_ip": public}
            self.add("aws_eip", "main" if n >= associated else "loose", n, values | held)
        for n in self.of("associations"):
            link = {"allocation_id": self.id("eipalloc", n), "id": self.id("eipassoc", n), "instance_id": self.id("i", machines - 1 - n)}
            self.add("aws_eip_association", "main", n, link)

    def balancer(self, number: int) -> str:
        return f"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/{self.name}-{number}"

    def _endpoints(self) -> None:
        subnets = [self.id("subnet", n) for n in self.of("subnets")][:3]
        for n in self.of("balancers"):
            base = self.balancer(n)
            lb = {"arn": base, "id": base, "dns_name": f"{self.name}-{n}.elb.us-east-1.amazonaws.com", "load_balancer_type": "network"}
            self.add("aws_lb", "main", n, lb | {"internal": False, "security_groups": [self.group(n)], "subnets": subnets})
            target = f"{base}/target"
            values = {"arn": target, "id": target, "port": 8080, "protocol": "TCP", "target_type": "instance", "vpc_id": self.id("vpc")}
            self.add("aws_lb_target_group", "main", n, values)
            forward = [{"target_group_arn": target, "type": "forward"}]
            listener = {"arn": f"{base}/443", "id": f"{base}/443", "load_balancer_arn": base, "port": 443, "protocol": "TCP"}
            self.add("aws_lb_listener", "main", n, listener | {"default_action": forward})
        for n in self.of("targets"):
            arn = f"{self.balancer(n % len(self.of('balancers')))}/target"
            attached = {"id": f"tg-{n}", "port": 8080, "target_group_arn": arn, "target_id": self.id("i", n % len(self.of("instances")))}
            self.add("aws_lb_target_group_attachment", "main", n, attached)
        self.add("aws_db_subnet_group", "main", None, {"id": self.name, "name": self.name, "subnet_ids": subnets})
        for n in self.of("databases"):
            name = f"db-{self.name}-{n}"
            db = {"address": f"{name}.rds.amazonaws.com", "db_subnet_group_name": self.name, "engine": "postgres", "id": name, "port": 5432}
            self.add("aws_db_instance", "main", n, db | {"publicly_accessible": False, "vpc_security_group_ids": [self.group(n)]})

    def _others(self) -> None:
        """What no translator knows: an estate is full of it."""
        for n in self.of("others"):
            self.add(NEW[n % len(NEW)], "main", n, {"tags": {"Name": f"other-{n}"}})

    def address(self, kind: str, name: str, key: str | int | None) -> str:
        index = "" if key is None else f"[{orjson.dumps(key).decode()}]"
        return f'module.cell["{self.name}"].{kind}.{name}{index}'

    def module(self, *, planned: bool) -> Values:
        """As in planned values or in a state."""
        return {"address": f'module.cell["{self.name}"]', "resources": list(self._shown(planned))}

    def _shown(self, planned: bool) -> Iterator[Values]:
        for kind, name, key, values in self.made:
            if not planned and kind in NEW:
                continue
            shown: Values = {"address": self.address(kind, name, key), "mode": "managed", "type": kind, "name": name}
            if key is not None:
                shown["index"] = key
            shown |= {"values": values, "sensitive_values": _marks(values)}
            yield shown

    def changes(self) -> Iterator[Values]:
        """Nothing changes but what is new."""
        for kind, name, key, values in self.made:
            marks = _marks(values)
            what: Values = {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}
            if kind in NEW:
                what = {"actions": ["create"], "before": None, "after": values, "after_unknown": {"id": True}}
            entry: Values = {"address": self.address(kind, name, key), "mode": "managed"}
            entry |= {"type": kind, "name": name}
            if key is not None:
                entry["index"] = key
            yield entry | {"change": what | {"before_sensitive": False if kind in NEW else marks, "after_sensitive": marks}}


def _entry(number: int, action: str, first: int, last: int) -> Values:
    return {"action": action, "cidr_block": "0.0.0.0/0", "from_port": first, "protocol": "6", "rule_no": number, "to_port": last}


def _block(n: int, networks: list[str]) -> Values:
    port = PORTS[n % len(PORTS)]
    named = {"ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": n % 11 == 1}
    return {"cidr_blocks": networks, "description": "", "from_port": port, "protocol": "tcp", "to_port": port + n % 3} | named


def _marks(value: Any) -> Any:
    """What Terraform writes of values without secrets: the shape of their lists and blocks."""
    if isinstance(value, dict):
        return {key: _marks(item) for key, item in value.items() if isinstance(item, dict | list)}
    return [_marks(item) if isinstance(item, dict | list) else False for item in value]
