"""`--stack`: a template deployed to moto's CloudFormation, and its addresses read back through boto3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iacdrift import expected_surface
from iacdrift.errors import SourceError
from iacdrift.sources.cloudformation import api
from iacdrift.sources.cloudformation.records import Records
from iacdrift.sources.read import read_sources
from iacdrift.sources.reading import Deployment
from tests.needs import needs
from tests.sources.cloud import cloud, deploy
from tests.sources.places import DATA, WEB, by_address
from tests.sources.test_cloudformation import shapes, written

TEMPLATE = DATA / "cloudformation" / "web-tier" / "template.yaml"
BALANCER = """Resources:
  D:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties: {AvailabilityZones: [us-east-1a], Listeners: [{InstancePort: "80", LoadBalancerPort: "80", Protocol: HTTP}]}
  R:
    Type: AWS::RDS::DBInstance
    Properties:
      {Engine: postgres, DBInstanceClass: db.t3.micro, AllocatedStorage: "20", MasterUsername: one, MasterUserPassword: unused-here}
"""

pytestmark = [needs("moto"), needs("boto3")]


def test_a_deployed_stack_tells_addresses_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        deploy("shop", TEMPLATE, WebPort="443")
        ours = expected_surface(TEMPLATE, stacks="shop", vantage="internet")
        assert shapes(ours) == shapes(expected_surface(WEB / "terraform.tfstate", vantage="internet"))
        inventory = read_sources([TEMPLATE], deployment=Deployment(stacks=("shop",)))
        assert not inventory.gaps
        found = by_address(inventory)
        assert found["aws_vpc.main"].recorded["default_security_group_id"].startswith("sg-")
        assert found["aws_security_group.web"].recorded.keys() == {"id"}, "rules are never asked for"


def test_rules_that_were_opened_by_hand_never_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        deploy("shop", TEMPLATE, WebPort="8443")
        import boto3

        group = next(
            one["PhysicalResourceId"]
            for one in boto3.client("cloudformation").describe_stack_resources(StackName="shop")["StackResources"]
            if one["LogicalResourceId"] == "web"
        )
        boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
        surface = expected_surface(TEMPLATE, stacks="shop", vantage="internet")
        machine = shapes(surface)["aws_instance.web0"][0]
        assert machine[1]["allowed"] == "8443", "the parameter that the stack was deployed with"
        assert "22" not in machine[1]["allowed"]
        said = expected_surface(TEMPLATE, stacks="shop", vantage="internet", parameters={"WebPort": "444"})
        assert shapes(said)["aws_instance.web0"][0][1]["allowed"] == "444"


def test_two_stacks_and_what_one_exports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = written(
        tmp_path,
        "Resources:\n  W: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-12c6146b, SecurityGroupIds: [!ImportValue shop-web]}}\n",
        "app.yaml",
    )
    with cloud(monkeypatch):
        deploy("shop", TEMPLATE)
        deploy("app", app)
        alone = by_address(read_sources([app], deployment=Deployment(stacks=("app",))))
        [group] = alone["aws_instance.W"].declared["vpc_security_group_ids"]
        assert group.startswith("sg-"), "AWS lists the export, though its template isn't given"


def test_each_stack_is_asked_about_once_whatever_the_number_of_templates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = written(tmp_path, "Resources:\n  B: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}\n", "other.yaml")
    asked: list[str] = []
    about = api._about
    monkeypatch.setattr(api, "_about", lambda session, stack, depth: asked.append(stack) or about(session, stack, depth))
    with cloud(monkeypatch):
        deploy("balancer", BALANCER)
        deploy("other", other)
        balancer = written(tmp_path, BALANCER, "balancer.yaml")
        inventory = read_sources([balancer, other], deployment=Deployment(stacks=("balancer", "other")))
    assert asked == ["balancer", "other"]
    found = by_address(inventory)
    assert found["aws_elb.D"].recorded["dns_name"].endswith(".elb.amazonaws.com"), "a classic balancer"
    assert found["aws_db_instance.R"].recorded["address"].endswith(".rds.amazonaws.com")
    assert found["aws_eip.B"].recorded["public_ip"]


def test_a_stack_that_isnt_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch), pytest.raises(SourceError, match="AWS refuses to tell of the stack nothing") as caught:
        read_sources([TEMPLATE], deployment=Deployment(stacks=("nothing",)))
    assert "\n" not in str(caught.value)


def test_an_api_that_doesnt_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch) as url:
        pass
    for name, value in {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(SourceError, match="AWS can't be asked about the stack shop"):
        read_sources([TEMPLATE], deployment=Deployment(stacks=("shop",)))


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(SourceError, match=r"pip install 'iacdrift\[aws\]'"):
        read_sources([TEMPLATE], deployment=Deployment(stacks=("shop",)))


def test_a_stack_that_no_template_is(tmp_path: Path) -> None:
    other = written(tmp_path, json.dumps({"Resources": {"A": {"Type": "AWS::EC2::EIP"}}}), "other.json")
    with pytest.raises(SourceError, match="no template is the stack 'shop'; stacks: other, template"):
        read_sources([TEMPLATE, other], outputs={"shop": DATA / "cloudformation" / "web-tier" / "deployed"})


LOGIN = {"MasterUsername": "one", "MasterUserPassword": "Unused-here-1"}
MADE = {
    "AWS::RDS::DBCluster": ("rds", "create_db_cluster", {"DBClusterIdentifier": "ddd", "Engine": "aurora-postgresql", **LOGIN}, "endpoint"),
    "AWS::ElastiCache::ReplicationGroup": (
        "elasticache",
        "create_replication_group",
        {"ReplicationGroupId": "ddd", "ReplicationGroupDescription": "d", "Engine": "redis", "CacheNodeType": "cache.t3.micro"},
        "primary_endpoint_address",
    ),
    "AWS::ElastiCache::CacheCluster": (
        "elasticache",
        "create_cache_cluster",
        {"CacheClusterId": "ddd", "Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1},
        "cache_nodes",
    ),
    "AWS::Redshift::Cluster": ("redshift", "create_cluster", {"ClusterIdentifier": "ddd", "NodeType": "dc2.large", **LOGIN}, "dns_name"),
    "AWS::OpenSearchService::Domain": ("opensearch", "create_domain", {"DomainName": "ddd"}, "endpoint"),
    "AWS::Elasticsearch::Domain": ("es", "create_elasticsearch_domain", {"DomainName": "ddd"}, "endpoint"),
}


def test_types_that_motos_cloudformation_doesnt_make_are_asked_about_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    found = {}
    with cloud(monkeypatch):
        session = boto3.session.Session()
        for kind, (service, call, words, _) in MADE.items():
            if kind != "AWS::Elasticsearch::Domain":  # the domain of OpenSearch is one of both APIs
                getattr(session.client(service), call)(**words)
            records = Records()
            for answer in api._things(session, {kind: ["ddd"]}):
                records.add(answer)
            found[kind] = records.things["ddd"]
    assert {kind for kind, (*_, attribute) in MADE.items() if attribute in found[kind]} == set(MADE)
