"""The whole cycle with the real AWS provider against an emulated AWS: resources handed over as Terraform's own objects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.needs import needs
from tests.terraform.listeners import counted
from tests.terraform.root import Root, binary

pytestmark = [pytest.mark.live, needs("nmap"), needs("terraform-aws")]

CODE = Path(__file__).parent / "aws" / "main.tf"


@pytest.fixture
def cloud() -> Iterator[str]:
    """The endpoint of an AWS of this test's own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(tmp_path: Path, configuration: Path, cloud: str) -> Callable[[], Root]:
    """The root of `aws/main.tf` with both providers."""

    def make() -> Root:
        mirror = os.environ["IACDRIFT_TEST_AWS_MIRROR"]
        other = f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = ["hashicorp/aws"]\n  }}\n  direct {{'
        both = configuration.read_text().replace("  direct {", other).replace("exclude = [", 'exclude = ["hashicorp/aws", ')
        (tmp_path / "both.rc").write_text(both)
        (tmp_path / "main.tf").write_text(CODE.read_text().replace("http://127.0.0.1:5000", cloud))
        root = Root(tmp_path, tmp_path / "both.rc", binary())
        root.must("init", "-no-color")
        return root

    return make


def test_a_rule_opened_by_hand_that_the_plan_doesnt_show_fails_the_apply(aws: Callable[[], Root], cloud: str) -> None:
    root = aws()
    first = root.apply()
    assert first.code == 0, first.text
    assert 'verdict = "in_sync"' in first.text
    address, group = (root.must("output", "-raw", name).text for name in ("address", "group"))
    ec2 = boto3.client("ec2", endpoint_url=cloud, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    rule = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    with counted(address, 8080) as opened:
        planned = root.plan("-out=tfplan")
        assert "Plan: 0 to add, 0 to change, 0 to destroy." in planned.text, "Terraform doesn't see it"
        assert opened.connections == 0
        failed = root.run("apply", "-no-color", "tfplan")
    assert failed.code == 1, failed.text
    assert f"critical exposed: {address} tcp/8080 (aws_instance.web)" in failed.flat
    assert "aws_security_group.web: no rule admits it from here (main.tf:" in failed.flat
    assert "not proven against the code" not in failed.flat
