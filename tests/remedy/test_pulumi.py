"""The ways back for a stack of Pulumi's speak Pulumi: no line of Terraform in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from iacdrift.remedy.aws import is_aws, is_pulumi
from tests.refresh.test_join import EDGE, PREVIEW, findings, scan


def test_a_group_with_rules_of_their_own(tmp_path: Path) -> None:
    way = findings(PREVIEW, scan(tmp_path, EDGE), vantage="10.20.0.4")["8080"]["way_back"]
    assert "aws.ec2.SecurityGroupRule(" in way["adopt"]
    assert "from_port=8080, to_port=8080" in way["adopt"]
    assert 'cidr_blocks=["10.20.0.4/32"]' in way["adopt"]
    assert "aws ec2 revoke-security-group-ingress" in way["revert"]
    assert "terraform" not in str(way).lower()


def test_a_group_with_rules_inside_it(tmp_path: Path) -> None:
    bastion = {"10.20.0.4": {8443: "open", 80: "filtered", 81: "filtered"}}
    way = findings(PREVIEW, scan(tmp_path, bastion), vantage="10.20.10.5")["8443"]["way_back"]
    assert "ingress of aws:ec2/securityGroup:SecurityGroup::bastion" in way["adopt"]
    assert "pulumi up --refresh --target '**aws:ec2/securityGroup:SecurityGroup::bastion'" in way["revert"]
    assert "terraform" not in str(way).lower()


@pytest.mark.parametrize(
    ("owner", "pulumi", "aws"),
    [
        ("aws:ec2/instance:Instance::web", True, True),
        ("edge:service:Service$aws:ec2/instance:Instance::api-0", True, True),
        ("aws_instance.web", False, True),
        ("azure:network/networkSecurityGroup:NetworkSecurityGroup::web", False, False),
        ("expectation.web", False, False),
        (None, False, False),
    ],
)
def test_whose_it_is(owner: str | None, pulumi: bool, aws: bool) -> None:
    assert (is_pulumi(owner), is_aws(owner)) == (pulumi, aws)
