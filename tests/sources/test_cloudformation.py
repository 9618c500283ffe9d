"""CloudFormation's templates as a source: intrinsics, parameters, nested stacks, records, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iacdrift import expected_surface
from iacdrift.errors import SourceError
from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.sources.reading import Deployment
from iacdrift.sources.resource import Inventory, Origin, Reference, Sensitive, Unknown
from tests.sources.places import DATA, WEB, by_address

TIER = DATA / "cloudformation" / "web-tier"
TEMPLATE = TIER / "template.yaml"
DEPLOYED = TIER / "deployed"
CDK = DATA / "cloudformation" / "cdk" / "cdk.out"


def group(cidr: str) -> str:
    return f"""
  G:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: g
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: {cidr}}}]
"""


def written(tmp_path: Path, text: str, name: str = "t.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def value_of(tmp_path: Path, expression: str, head: str = "", **parameters: str) -> Any:
    """What an expression becomes, as the description of a group."""
    text = f"{head}\nResources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: {expression}\n{OTHERS}"
    inventory = read_sources([written(tmp_path, text)], deployment=Deployment(tuple(parameters.items())))
    return by_address(inventory)["aws_security_group.G"].declared.get("description", "(not set)")


OTHERS = """
  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  W: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}
  E: {Type: AWS::EC2::EIP}
  D: {Type: AWS::RDS::DBInstance, Properties: {Port: 5433}}
  Off: {Type: AWS::EC2::EIP, Condition: Never}
Conditions:
  Never: !Equals [a, b]
"""
HEAD = """
Parameters:
  Port: {Type: Number, Default: 22}
  Nets: {Type: CommaDelimitedList, Default: "10.0.0.0/8, 10.1.0.0/16"}
  Word: {Type: String, NoEcho: true, Default: hush}
  Ami: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
  Free: {Type: String}
Mappings:
  M: {a: {b: found, list: [1, 2]}}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Ref Port", "22"),
        ("!Sub 'x${Port}y${!Port}'", "x22y${Port}"),
        ("!Sub ['${A}-${Port}', {A: !Ref Port}]", "22-22"),
        ("!Join ['-', [a, !Ref Port]]", "a-22"),
        ("!Join ['', [!Ref V]]", Reference("aws_vpc.V", "id")),
        ("!Join [',', !Ref Nets]", "10.0.0.0/8,10.1.0.0/16"),
        ("!Select [1, !Ref Nets]", "10.1.0.0/16"),
        ("!Select ['0', !Split ['/', 10.0.0.0/8]]", "10.0.0.0"),
        ("!Select [1, [!Ref Free, b]]", "b"),
        ("!FindInMap [M, a, b]", "found"),
        ("!Select [2, !Cidr [!GetAtt V.CidrBlock, 4, 8]]", "10.1.2.0/24"),
        ("!Base64 abc", "YWJj"),
        ("!GetAtt V.CidrBlock", "10.1.0.0/16"),
        ("!GetAtt [V, VpcId]", Reference("aws_vpc.V", "id")),
        ("!Ref E", Reference("aws_eip.E", "public_ip")),
        ("!GetAtt D.Endpoint.Port", 5433),
        ("!GetAtt D.Endpoint.Address", Reference("aws_db_instance.D", "address")),
        ("!GetAtt E.AllocationId", Reference("aws_eip.E", "id")),
        ("!If [Never, a, b]", "b"),
        ("!If [Never, a, !Ref AWS::NoValue]", "(not set)"),
        ("{'Fn::If': [Never, a, {'Fn::Sub': '${Port}'}]}", "22"),
        ("!Ref Word", Sensitive("hush")),
        ("!Sub 'a${Word}'", Sensitive("ahush")),
        ("12:30", "12:30"),
        ("2010-09-09", "2010-09-09"),
    ],
)
def test_intrinsics_that_are_known(tmp_path: Path, expression: str, expected: Any) -> None:
    assert value_of(tmp_path, expression, HEAD) == expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("!Ref Free", "!Ref Free: parameter Free has no value: give --parameter Free=VALUE"),
        ("!Ref Ami", "parameter store (/a/b)"),
        ("!Sub '${W.PublicIp}/32'", "!Sub ${W.PublicIp}/32: aws_instance.W.public_ip"),
        ("!GetAZs ''", "!GetAZs"),
        ("!Select [0, !GetAZs '']", "!GetAZs"),
        ("!ImportValue base-vpc", "!ImportValue base-vpc: no source holds the export"),
        ("!Ref AWS::Region", "AWS::Region depends on where"),
        ("!Ref Nothing", "!Ref Nothing"),
        ("!GetAtt Off.AllocationId", "its condition Never doesn't hold"),
        ("!FindInMap [M, a, c]", "there is no M.a.c"),
        ("!Length [1, 2]", "!Length"),
        ("!Cidr [10.0.0.0/24, 400, 4]", "!Cidr"),
        ("'{{resolve:secretsmanager:x:SecretString}}'", "{{resolve:secretsmanager:x:SecretString}}"),
    ],
)
def test_what_cant_be_resolved_is_unknown_with_its_text(tmp_path: Path, expression: str, text: str) -> None:
    found = value_of(tmp_path, expression, HEAD)
    assert isinstance(found, Unknown)
    assert text in found.why


def test_an_unknown_knows_what_it_is_made_from(tmp_path: Path) -> None:
    assert value_of(tmp_path, "!Sub '${W.PublicIp}/32'", HEAD).references == ("aws_instance.W.public_ip",)


CONDITIONS = """
Parameters:
  Env: {Type: String, Default: test}
  Free: {Type: String}
Conditions:
  IsTest: !Equals [!Ref Env, test]
  IsFree: !Equals [!Ref Free, x]
  Both: !And [!Condition IsTest, !Not [!Condition IsTest]]
  Either: !Or [!Condition IsFree, !Condition IsTest]
  Open: !And [!Condition IsTest, !Condition IsFree]
  Loop: !Not [!Condition Loop]
Resources:
  A: {Type: AWS::EC2::EIP, Condition: IsTest}
  B: {Type: AWS::EC2::EIP, Condition: Both}
  C: {Type: AWS::EC2::EIP, Condition: Either}
  D: {Type: AWS::EC2::EIP, Condition: Open}
  E: {Type: AWS::EC2::EIP, Condition: Loop}
"""


def test_conditions(tmp_path: Path) -> None:
    path = written(tmp_path, CONDITIONS)
    inventory = read_sources([path])
    assert set(by_address(inventory)) == {"aws_eip.A", "aws_eip.C", "aws_eip.D", "aws_eip.E"}
    assert any("whether aws_eip.D exists isn't known" in gap and "parameter Free" in gap for gap in inventory.gaps)
    assert any("aws_eip.E" in gap for gap in inventory.gaps)
    known = read_sources([path], deployment=Deployment((("Free", "x"), ("t:Env", "prod"))))
    assert set(by_address(known)) == {"aws_eip.C", "aws_eip.E"}


@pytest.mark.parametrize(
    "content",
    [
        [{"ParameterKey": "Cidr", "ParameterValue": "198.51.100.0/24"}],
        {"Parameters": {"Cidr": "198.51.100.0/24"}},
        {"Cidr": "198.51.100.0/24"},
        ["Cidr=198.51.100.0/24"],
    ],
)
def test_parameters_come_from_files_and_single_ones_win(tmp_path: Path, content: Any) -> None:
    path = written(tmp_path, f"Parameters: {{Cidr: {{Type: String, Default: 0.0.0.0/0}}}}\nResources:{group('!Ref Cidr')}")
    file = written(tmp_path, json.dumps(content), "parameters.json")

    def cidr(*single: tuple[str, str]) -> Any:
        found = by_address(read_sources([path], deployment=Deployment(single, (file,))))
        return found["aws_security_group.G"].declared["ingress"][0]["cidr_blocks"]

    assert cidr() == ["198.51.100.0/24"]
    assert cidr(("Cidr", "192.0.2.0/24")) == ["192.0.2.0/24"]


def test_a_parameter_that_no_template_has_is_refused() -> None:
    with pytest.raises(SourceError, match="no template has the parameter WebPrt; parameters: VpcCidr, WebPort"):
        read_sources([TEMPLATE], deployment=Deployment((("WebPrt", "80"),)))


def shapes(surface: Any) -> dict[str, list[Any]]:
    """What is expected of each owner, whatever its addresses and lines."""
    found: dict[str, list[Any]] = {}
    for host in surface.to_dict()["hosts"]:
        owner = host["owner"].replace("[", "").replace("]", "")
        found.setdefault(owner, []).append((host["status"], host["tcp"], host["udp"]))
    return found


@pytest.mark.parametrize("vantage", ["internet", "10.0.2.9", "aws_instance.web1"])
def test_a_template_gives_the_same_surface_as_the_terraform_of_the_same_stack(vantage: str) -> None:
    ours = expected_surface(TEMPLATE, outputs={"web": DEPLOYED}, vantage=vantage)
    theirs = expected_surface(WEB / "terraform.tfstate", vantage=vantage.replace("web1", "web[1]"))
    assert shapes(ours) == shapes(theirs)
    assert len(shapes(ours)) >= 2
    assert ours.declared_from == "configuration"
    wider = expected_surface(TEMPLATE, outputs={"web": DEPLOYED}, vantage=vantage, parameters={"WebPort": "8443"})
    assert shapes(wider) != shapes(theirs)


def test_rules_and_resources_name_their_line() -> None:
    found = by_address(read_sources([TEMPLATE]))
    lines = TEMPLATE.read_text().splitlines()
    for name, logical in (("aws_security_group.web", "  web:"), ("aws_instance.web0", "  web0:")):
        at = found[name].provenance.at or ""
        assert at.startswith("template.yaml:")
        assert lines[int(at.rpartition(":")[2]) - 1] == logical
    assert all(one.origin is Origin.CODE for one in found.values())


def test_json_has_lines_too(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps({"Resources": {"A": {"Type": "AWS::EC2::EIP"}}}, indent=1), "t.json")
    [found] = read_sources([path]).resources
    assert found.provenance.at == "t.json:3"
    tabs = written(tmp_path, '{\t"Resources": {\t"A": {"Type": "AWS::EC2::EIP"}}}', "tabs.json")
    assert [one.address for one in read_sources([tabs]).resources] == ["aws_eip.A"]


def test_inline_and_standalone_rules_add_up_and_an_unknown_one_is_unknown(tmp_path: Path) -> None:
    text = f"""
Parameters: {{Office: {{Type: String}}}}
Resources:{group("198.51.100.0/24")}
  More:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {{GroupId: !Ref G, IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}}
  Late:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {{GroupId: !Ref G, IpProtocol: tcp, FromPort: 81, ToPort: 81, CidrIp: !Sub "${{Office}}/32"}}
  W: {{Type: AWS::EC2::Instance, Properties: {{SecurityGroupIds: [!Ref G]}}}}
"""
    network = translate(read_sources([written(tmp_path, text)]))
    [found] = network.groups.values() if hasattr(network.groups, "values") else network.groups
    details = " | ".join(rule.because.detail for rule in found.ingress.rules)
    assert "tcp/22 from 198.51.100.0/24" in details
    assert "tcp/80 from 0.0.0.0/0" in details
    assert "!Sub ${Office}/32" in details


def test_types_that_no_table_knows_are_listed(tmp_path: Path) -> None:
    path = written(tmp_path, "Resources:\n  Q: {Type: AWS::SQS::Queue}\n  C: {Type: Custom::Thing}\n")
    unmodelled = translate(read_sources([path])).unmodelled
    assert {(one.type, one.resources) for one in unmodelled} == {
        ("AWS::SQS::Queue", ("AWS::SQS::Queue.Q",)),
        ("Custom::Thing", ("Custom::Thing.C",)),
    }


def nested(tmp_path: Path, url: str) -> Inventory:
    inner = f"Parameters: {{Cidr: {{Type: String}}, Vpc: {{Type: String}}}}\nResources:{group('!Ref Cidr')}"
    written(tmp_path, inner + "      VpcId: !Ref Vpc\nOutputs:\n  Id: {Value: !Ref G}\n", "inner.yaml")
    outer = f"""
Resources:
  V: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}
  N:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: {url}, Parameters: {{Cidr: 192.0.2.0/24, Vpc: !Ref V}}}}
  W: {{Type: AWS::EC2::Instance, Properties: {{SecurityGroupIds: [!GetAtt N.Outputs.Id]}}}}
"""
    return read_sources([written(tmp_path, outer, "outer.yaml")])


def test_a_nested_stack_is_read_with_its_parameters_and_outputs(tmp_path: Path) -> None:
    inventory = nested(tmp_path, "inner.yaml")
    found = by_address(inventory)
    inner = found["N/aws_security_group.G"]
    assert inner.declared["ingress"][0]["cidr_blocks"] == ["192.0.2.0/24"]
    assert inner.declared["vpc_id"] == Reference("aws_vpc.V", "id")
    assert inner.provenance.at == "inner.yaml:3"
    assert found["aws_instance.W"].declared["vpc_security_group_ids"] == [Reference("N/aws_security_group.G", "id")]
    assert not inventory.gaps
    assert [Path(source.path).name for source in inventory.sources] == ["outer.yaml", "inner.yaml"]


@pytest.mark.parametrize("url", ["https://bucket.s3.amazonaws.com/inner.yaml", "elsewhere.yaml"])
def test_a_nested_stack_that_isnt_there_is_a_gap(tmp_path: Path, url: str) -> None:
    inventory = nested(tmp_path, url)
    assert any("nested stack N" in gap and url in gap for gap in inventory.gaps)
    group = by_address(inventory)["aws_instance.W"].declared["vpc_security_group_ids"][0]
    assert "!GetAtt N.Outputs.Id" in group.why


def test_an_import_is_the_other_templates_resource_even_of_the_same_name(tmp_path: Path) -> None:
    base = written(tmp_path, f"Resources:{group('192.0.2.0/24')}Outputs:\n  O: {{Value: !Ref G, Export: {{Name: base}}}}\n", "base.yaml")
    app = written(
        tmp_path,
        f"Resources:{group('0.0.0.0/0')}  W: {{Type: AWS::EC2::Instance, Properties: {{SecurityGroupIds: [!ImportValue base]}}}}\n",
        "app.yaml",
    )
    found = by_address(read_sources([base, app]))
    assert found["aws_instance.W"].declared["vpc_security_group_ids"] == [Reference("base/aws_security_group.G", "id")]
    assert {"base/aws_security_group.G", "app/aws_security_group.G"} < set(found)


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters: {Ports: {Type: CommaDelimitedList, Default: "80,81"}}
Resources:
  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: !ToJsonString {n: !Length [1, 2]}}}
  Fn::ForEach::Rules:
    - Port
    - !Ref Ports
    - Rule${Port}:
        Type: AWS::EC2::SecurityGroupIngress
        Properties: {GroupId: !Ref G, IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Sub "${Port}", CidrIp: 0.0.0.0/0}
"""


def test_language_extensions(tmp_path: Path) -> None:
    found = by_address(read_sources([written(tmp_path, LOOPS)]))
    assert found["aws_security_group.G"].declared["description"] == '{"n":2}'
    ports = [(one.declared["from_port"], one.declared["to_port"]) for name, one in found.items() if "Rule" in name]
    assert ports == [("80", "80"), ("81", "81")]


def test_sam(tmp_path: Path) -> None:
    text = f"""
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: python3.12, VpcConfig: {{SecurityGroupIds: [sg-1]}}}}}}
Resources:{group("192.0.2.0/24")}
  F: {{Type: AWS::Serverless::Function, Properties: {{Handler: a.b}}}}
  A: {{Type: AWS::Serverless::HttpApi}}
"""
    inventory = read_sources([written(tmp_path, text)])
    found = by_address(inventory)
    assert found["aws_lambda_function.F"].declared["vpc_config"] == {"security_group_ids": ["sg-1"]}
    assert [one.type for one in translate(inventory).unmodelled] == ["AWS::Serverless::HttpApi"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Transform: Acme::Guard\nResources:{G}", "names the transform Acme::Guard, which may make or change anything"),
        ("Transform: [AWS::LanguageExtensions, {Name: AWS::Include}]\nResources:{G}", "names the transform AWS::Include"),
        ("Resources:\n  Fn::Transform: {Name: AWS::Include}\n  A: {Type: AWS::EC2::EIP}\n", "calls Fn::Transform"),
        ("Resources:\n  A: {Type: AWS::EC2::EIP, Properties: {'Fn::Transform': {Name: Mine}}}\n", "calls the macro Mine"),
        ("Resources:\n  A: {Type: Acme::Net::Vpc::MODULE}\n", "is a module"),
        ("Resources:\n  Fn::ForEach::X: [A, [a], {}]\n  A: {Type: AWS::EC2::EIP}\n", "without naming AWS::LanguageExtensions"),
        ("AWSTemplateFormatVersion: '2010-09-09'\nDescription: x\nResources:\n", "has no Resources"),
        ("Resources:\n  A: {Type: AWS::EC2::EIP}\n  A: {Type: AWS::EC2::EIP}\n", "line 3: the key 'A' is written twice"),
        ("Resources:\n  A: {Type: AWS::EC2::EIP\n", "is no valid YAML or JSON"),
        ("Resources:\n  A:\n    Type: AWS::EC2::EIP\n  B: {Properties: {}}\n", "B has no Type"),
        ("Parameters: {P: {Type: String, Default: x, AllowedValues: [a, b]}}\nResources:{G}", "parameter P must be one of a, b"),
    ],
)
def test_what_is_refused_in_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text.replace("{G}", group("0.0.0.0/0")))
    with pytest.raises(SourceError) as caught:
        read_sources([path])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_deep_or_endless_templates_are_refused(tmp_path: Path) -> None:
    bomb = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40))])
    deep = "[" * 5000 + "]" * 5000
    for text in (f"{bomb}\n", f"Metadata: {deep}\n"):
        with pytest.raises(SourceError, match=r"nested too deeply|no valid YAML"):
            read_sources([written(tmp_path, f"Resources:\n  A: {{Type: AWS::EC2::EIP}}\n{text}")])


@pytest.mark.parametrize("body", [TEMPLATE.read_text(), json.dumps({"Resources": {"A": {"Type": "AWS::EC2::EIP"}}})])
def test_a_template_within_a_terraform_state_is_no_template(tmp_path: Path, body: str) -> None:
    state = json.loads((WEB / "terraform.tfstate").read_text())
    instance = {"attributes": {"id": "stack", "template_body": body}}
    state["resources"].append({"mode": "managed", "type": "aws_cloudformation_stack", "name": "s", "instances": [instance]})
    assert read_sources([written(tmp_path, json.dumps(state), "terraform.tfstate")]).sources[0].kind == "tfstate"


def test_records_join_by_their_stacks_name() -> None:
    found = by_address(read_sources([TEMPLATE, *sorted(DEPLOYED.glob("*.json"))]))
    assert found["aws_eip.address"].recorded["id"].startswith("eipalloc-")
    assert found["aws_instance.web0"].recorded["public_ip"] == found["aws_eip.address"].recorded["public_ip"]
    assert found["aws_lb.alb"].recorded["dns_name"].endswith(".elb.amazonaws.com")
    assert found["aws_security_group.web"].recorded["id"].startswith("sg-")
    assert "ingress" not in found["aws_security_group.web"].recorded, "rules come from the template"


def test_what_is_deployed_and_has_no_known_address_is_a_gap() -> None:
    inventory = read_sources([TEMPLATE, DEPLOYED / "stack-resources.json"])
    assert sum("no source says the addresses of aws_instance.web" in gap for gap in inventory.gaps) == 2
    assert any("aws_lb.alb" in gap for gap in inventory.gaps)
    everything = read_sources([TEMPLATE], outputs={"web": DEPLOYED})
    assert not everything.gaps
    assert {Path(source.path).name for source in everything.sources} == {"template.yaml", *(path.name for path in DEPLOYED.iterdir())}


@pytest.mark.parametrize("more", [{"NextToken": "x"}, {"count": 100}])
def test_an_answer_that_is_cut_off_is_a_gap(tmp_path: Path, more: dict[str, Any]) -> None:
    answer = json.loads((DEPLOYED / "stack-resources.json").read_text())
    fill = [{**answer["StackResources"][0], "LogicalResourceId": f"X{n}"} for n in range(more.pop("count", 0))]
    path = written(tmp_path, json.dumps({"StackResources": [*answer["StackResources"], *fill][:100], **more}), "resources.json")
    gaps = read_sources([TEMPLATE, path, DEPLOYED / "instances.json", DEPLOYED / "load-balancers.json", DEPLOYED / "addresses.json"]).gaps
    assert [gap for gap in gaps if "first 100 resources" in gap or "one page of several" in gap]


def test_beside_a_deployed_stack_one_without_records_is_a_gap(tmp_path: Path) -> None:
    other = written(tmp_path, f"Resources:{group('0.0.0.0/0')}", "other.yaml")
    inventory = read_sources(
        [TEMPLATE, other, DEPLOYED / "stacks.json", written(tmp_path, "Resources: {N: {Type: AWS::EC2::EIP}}", "third.yaml")]
    )
    assert sum("no source says what of it is deployed" in gap for gap in inventory.gaps) == 3, "a template isn't its stack's name by itself"


def test_a_template_without_records_beside_other_hosts_is_a_gap() -> None:
    assert not read_sources([TEMPLATE]).gaps
    [gap] = read_sources([TEMPLATE, DATA / "terraform" / "edge-and-bastion" / "terraform.tfstate"]).gaps
    assert "template.yaml: no source says what of it is deployed" in gap
    assert not read_sources([TEMPLATE, DATA / "terraform" / "edge-and-bastion" / "terraform.tfstate"], outputs={"web": DEPLOYED}).gaps


def test_records_of_another_stack_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="belongs to another stack"):
        read_sources([TEMPLATE], outputs={"shop": DEPLOYED / "stacks.json"})
    with pytest.raises(SourceError, match="what its code says: give the template as well"):
        read_sources([DEPLOYED / "stacks.json"])
    with pytest.raises(SourceError, match="no answer of AWS's"):
        read_sources([TEMPLATE], outputs={"web": written(tmp_path, "{}", "x.json")})
    with pytest.raises(SourceError, match="no template that they could belong to"):
        read_sources([WEB / "terraform.tfstate"], deployment=Deployment((("A", "b"),)))


SAYING = """
Parameters: {Host: {Type: String}, Word: {Type: String, NoEcho: true, Default: 192.0.2.9}}
Conditions: {Never: !Equals [a, b]}
Resources:
  A: {Type: AWS::EC2::EIP}
Outputs:
  Says: {Value: !Sub '{"schema": "iacdrift/expectation/1", "host": "${Host}", "open": ["443/tcp"]}'}
  Not: {Condition: Never, Value: '{"schema": "iacdrift/expectation/1", "host": "192.0.2.8", "open": ["443/tcp"]}'}
"""


def test_expectations_among_the_outputs(tmp_path: Path) -> None:
    path = written(tmp_path, SAYING)
    known = read_sources([path], deployment=Deployment((("Host", "192.0.2.7"),)))
    [said] = [one for one in known.resources if one.type == "iacdrift_expectation"]
    assert (said.declared["host"], known.gaps) == ("192.0.2.7", ())
    assert any("output t.Says" in gap and "isn't known yet" in gap for gap in read_sources([path]).gaps)
    value = '{"schema": "iacdrift/expectation/1", "host": "192.0.2.6", "open": ["443/tcp"]}'
    answer = {"Stacks": [{"StackName": "t", "Outputs": [{"OutputKey": "Says", "OutputValue": value}]}]}
    recorded = read_sources([path], outputs={"t": written(tmp_path, json.dumps(answer), "stacks.json")})
    assert [one.declared["host"] for one in recorded.resources if one.type == "iacdrift_expectation"] == ["192.0.2.6"]


@pytest.mark.parametrize(
    ("old", "new", "message"), [("${Host}", "${Word}", "it is a secret"), ("]}'}\n  Not", "]'}\n  Not", "no valid JSON")]
)
def test_an_expectation_that_cant_be_one_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_sources([written(tmp_path, SAYING.replace(old, new))], deployment=Deployment((("Host", "192.0.2.7"),)))


def test_a_cdk_assembly_by_directory_manifest_or_project() -> None:
    for place in (CDK, CDK.parent, CDK / "manifest.json"):
        inventory = read_sources([place])
        found = by_address(inventory)
        assert not inventory.gaps
        host = found["aws_instance.HostB4E45AD7"]
        assert Reference("aws_security_group.Web3C8945DB", "id") in host.declared["vpc_security_group_ids"]
        [inner] = [one for name, one in found.items() if "/aws_security_group.Db" in name]
        assert inner.declared["ingress"][0]["security_groups"] == [Reference("aws_security_group.Web3C8945DB", "id")]
        assert inner.provenance.stack == "network"
        rule = next(one for one in found.values() if one.type == "aws_vpc_security_group_ingress_rule")
        assert rule.declared["from_port"] == "8443"


def test_a_broken_assembly_is_told(tmp_path: Path) -> None:
    manifest = {"version": "next", "artifacts": {"A": {"type": "aws:cloudformation:stack"}}}
    with pytest.raises(SourceError, match="unknown version 'next'"):
        read_sources([written(tmp_path, json.dumps(manifest), "manifest.json")])
    with pytest.raises(SourceError, match="which isn't there: run cdk synth again"):
        read_sources([written(tmp_path, json.dumps({**manifest, "version": "36.0.0"}), "manifest.json")])


def assembly(folder: Path, kind: str, **properties: str) -> Path:
    folder.mkdir(exist_ok=True)
    manifest = {"version": "36.0.0", "artifacts": {"One": {"type": kind, "properties": properties}}}
    return written(folder, json.dumps(manifest), "manifest.json")


def test_an_assembly_within_an_assembly(tmp_path: Path) -> None:
    outer = assembly(tmp_path, "cdk:cloud-assembly", directoryName="assembly-prod")
    inner = assembly(tmp_path / "assembly-prod", "aws:cloudformation:stack", templateFile="web.json", stackName="prod-web")
    written(inner.parent, json.dumps({"Resources": {"A": {"Type": "AWS::EC2::EIP"}}}), "web.json")
    [found] = read_sources([outer]).resources
    assert (found.address, found.provenance.stack) == ("aws_eip.A", "prod-web")
    (tmp_path / "assembly-prod" / "again").symlink_to(tmp_path / "assembly-prod")
    assembly(tmp_path / "assembly-prod", "cdk:cloud-assembly", directoryName="again")
    with pytest.raises(SourceError, match="nested more than 10 deep"):
        read_sources([outer])


def test_an_application_of_sams_by_its_path(tmp_path: Path) -> None:
    written(tmp_path, f"Resources:{group('192.0.2.0/24')}", "inner.yaml")
    application = "{Type: AWS::Serverless::Application, Properties: {Location: inner.yaml}}"
    text = f"Transform: AWS::Serverless-2016-10-31\nResources:\n  App: {application}\n"
    assert set(by_address(read_sources([written(tmp_path, text)]))) == {"App/aws_security_group.G"}


def test_a_spot_fleet_is_the_request_itself(tmp_path: Path) -> None:
    data = "{IamFleetRole: arn, TargetCapacity: 1, LaunchTemplateConfigs: [{LaunchTemplateSpecification: {LaunchTemplateId: lt-1}}]}"
    text = f"Resources:\n  F: {{Type: AWS::EC2::SpotFleet, Properties: {{SpotFleetRequestConfigData: {data}}}}}\n"
    [found] = read_sources([written(tmp_path, text)]).resources
    assert found.type == "aws_spot_fleet_request"
    assert found.declared["launch_template_config"][0]["launch_template_specification"]
