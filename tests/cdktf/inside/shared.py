"""What the tests inside an environment share: its library, and rules to judge."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

from aws import Aws, AwsStack

lib = importlib.import_module(os.environ["CDK_LIBRARY"])
WORLD = "0.0.0.0/0"


def rule(stack, name, group, port, source=WORLD):
    ports = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    return Aws(stack, name, "vpc_security_group_ingress_rule", security_group_id=group.id, cidr_ipv4=source, **ports)


class Group(AwsStack):
    """A stack with one group, and one rule where a port is given."""

    def __init__(self, scope, name="shop", port=None, source=WORLD):
        super().__init__(scope, name)
        self.group = Aws(self, "web", "security_group", name="web")
        if port is not None:
            rule(self, "rule", self.group, port, source)


def app(folder):
    return lib.App(outdir=str(folder))


def annotations(folder):
    """(construct path, level, text) of a written synth."""
    stacks = json.loads((Path(folder) / "manifest.json").read_text())["stacks"]
    found = [one for stack in stacks.values() for one in stack["annotations"]]
    return [(one["constructPath"], one["level"].rpartition("/")[2], one["message"]) for one in found]


def synthesised(folder, stack):
    return json.loads((Path(folder) / "stacks" / stack / "cdk.tf.json").read_text())
