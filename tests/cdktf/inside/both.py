"""Both libraries in one program: prints what became of the synth of each."""

import cdktf
import cdktn
import pytest

from iacdrift.cdktf import NetworkDriftCheck, add_runtime_assertion


def stack(lib, folder):
    made = lib.TerraformStack(lib.App(outdir=folder), "shop")
    body = {"security_group_id": "sg-0123456789abcdef0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"}
    made.add_override("resource.aws_vpc_security_group_ingress_rule.rule", body)
    return made


check = NetworkDriftCheck()
for lib in (cdktf, cdktn):
    one = stack(lib, f"refused-{lib.__name__}")
    lib.Aspects.of(one).add(check)
    with pytest.raises(RuntimeError, match="admits tcp/22"):
        one.node.root.synth()
    print(f"{lib.__name__}:refused")
for lib in (cdktf, cdktn):
    one = stack(lib, f"written-{lib.__name__}")
    assert type(add_runtime_assertion(one)).__module__ == lib.__name__
    one.node.root.synth()
    print(f"{lib.__name__}:written")
