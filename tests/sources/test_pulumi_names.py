"""The table of Pulumi's names, held against the classes of the real `pulumi_aws` and the schema of the Terraform provider it wraps.

The package is read, not imported: importing it takes a minute. `terraform-attributes.json` is what `terraform providers schema` says
of hashicorp/aws 5.100.0, cut down to names and shapes.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from iacdrift.providers.registry import TRANSLATORS
from iacdrift.sources.pulumi_names import NOT_IN_PULUMI, TOKENS, snake, terraform_type, terraform_values
from iacdrift.sources.pulumi_shapes import PLURALS, SINGLE
from tests.needs import needs

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "pulumi" / "terraform-attributes.json").read_text())
KINDS = sorted(kind for kind in TRANSLATORS if kind.startswith("aws_"))
# What Pulumi has under no name of Terraform's: none of it decides anything about a network.
ONLY_IN_PULUMI = {
    ("aws_db_instance", "name"),
    ("aws_eks_cluster", "certificateAuthorities"),
    ("aws_eks_cluster", "defaultAddonsToRemoves"),
    ("aws_lambda_function", "code"),
    ("aws_lambda_function", "name"),
}
NOT_OF_A_NETWORK = re.compile(r"instanceRequirements|proxyConfiguration")
with_package = needs("pulumi_aws")


@cache
def package() -> Path:
    found = find_spec("pulumi_aws")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@cache
def classes(path: Path) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)}


@cache
def resource_file(token: str) -> tuple[Path, str]:
    """Where the class of a token is."""
    folder = package() / token.partition("/")[0].replace("lambda", "lambda_")
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("_") and path.name != "outputs.py":
            found = re.search(rf'@pulumi\.type_token\("aws:{re.escape(token)}"\)\nclass (\w+)', path.read_text(encoding="utf-8"))
            if found:
                return path, found[1]
    raise AssertionError(f"pulumi_aws has no class for aws:{token}")


def properties(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Every property's own name and its annotation."""
    for part in node.body:
        for mark in part.decorator_list if isinstance(part, ast.FunctionDef) else ():
            text = ast.unparse(mark)
            if text.startswith("pulumi.getter") and part.returns is not None:
                named = re.search(r"name='(\w+)'", text)
                yield named[1] if named else part.name, ast.unparse(part.returns)


def tree(folder: Path, node: ast.ClassDef, depth: int = 0) -> dict[str, Any]:
    """Property -> (whether it is a list, what is inside)."""
    nested = classes(folder / "outputs.py") if (folder / "outputs.py").exists() else {}
    found: dict[str, Any] = {}
    for name, kind in properties(node):
        inner = re.search(r"'outputs\.(\w+)'", kind) or re.search(r"'(\w+)'", kind)
        known = nested.get(inner[1]) if inner and depth < 5 else None
        found[name] = ("Sequence" in kind, tree(folder, known, depth + 1) if known else None)
    return found


@cache
def pulumi_tree(kind: str) -> dict[str, Any]:
    path, name = resource_file(TOKENS[kind])
    return tree(path.parent, classes(path)[name])


REMOVED = {"inferenceAccelerators", "elasticInferenceAccelerator", "logging", "snapshotCopy"}
"""What version 7 of the package has no more."""


def is_list(kind: str, path: str) -> bool | None:
    """Whether the property at a path is a list; None where this version of the package has removed it."""
    many, here = False, pulumi_tree(kind)
    for step in path.split("."):
        if step in REMOVED and step not in here:
            return None
        many, here = here[step]
    return many


def test_every_type_of_the_room_has_a_token_or_a_reason() -> None:
    assert set(KINDS) == set(TOKENS) | set(NOT_IN_PULUMI)
    assert not set(TOKENS) & set(NOT_IN_PULUMI)
    assert all(NOT_IN_PULUMI.values())


@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_a_token_is_read_back_in_every_spelling(kind: str) -> None:
    token = f"aws:{TOKENS[kind]}"
    assert terraform_type(token) == kind
    assert terraform_type(re.sub(r"/\w+:", ":", token)) == kind


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("aws:elasticloadbalancingv2/loadBalancer:LoadBalancer", "aws_lb"),
        ("aws:applicationloadbalancing/listener:Listener", "aws_alb_listener"),
        ("aws:alb/loadBalancer:LoadBalancer", "aws_alb"),
        ("aws:elasticloadbalancing/loadBalancer:LoadBalancer", "aws_elb"),
        ("aws:elb/loadBalancer:LoadBalancer", "aws_elb"),
        ("aws:s3/bucket:Bucket", None),
        ("aws:ec2transitgateway/routeTable:RouteTable", None),
        ("aws-native:ec2:SecurityGroup", None),
        ("edge:service:Service", None),
        ("pulumi:providers:aws", None),
    ],
)
def test_old_spellings_and_strangers(token: str, kind: str | None) -> None:
    assert terraform_type(token) == kind


@with_package
@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_the_package_has_the_class_and_its_aliases_are_known(kind: str) -> None:
    path, _ = resource_file(TOKENS[kind])
    for alias in re.findall(r'pulumi\.Alias\(type_="(aws:[^"]+)"\)', path.read_text(encoding="utf-8")):
        assert terraform_type(alias) == kind, alias


@with_package
@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_every_property_has_the_name_and_the_shape_that_terraform_gives_it(kind: str) -> None:
    shape = kind.replace("aws_alb", "aws_lb")
    wrong = list(_differences(shape, pulumi_tree(kind), SCHEMA[shape], ""))
    assert not wrong


def _differences(kind: str, here: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    called = {name: PLURALS.get(kind, {}).get(f"{path}{name}") or snake(name) for name in here}
    left = schema.keys() - set(called.values())
    for name, (many, inner) in here.items():
        full, theirs = f"{path}{name}", schema.get(called[name])
        if theirs is None:
            # an attribute that is newer than the schema; a plural that the table lacks would leave its singular over
            near = difflib.get_close_matches(called[name], left, 1, 0.6)
            if near and (kind, full) not in ONLY_IN_PULUMI:
                yield f"{full}: Terraform has no {called[name]}, is it {near[0]}?"
            continue
        many_there = theirs == "many" or (isinstance(theirs, list) and theirs[0] == "many")
        block = theirs[1] if isinstance(theirs, list) else theirs
        if many_there and not many and full not in SINGLE.get(kind, ()) and not NOT_OF_A_NETWORK.search(full):
            yield f"{full}: a list in Terraform, one value in Pulumi"
        if many and not many_there:
            yield f"{full}: a list in Pulumi, one value in Terraform"
        if isinstance(inner, dict) and isinstance(block, dict):
            yield from _differences(kind, inner, block, f"{full}.")


@with_package
def test_the_comparison_sees_a_plural_that_the_table_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, path in (("aws_ec2_managed_prefix_list", "entries"), ("aws_route_table", "routes"), ("aws_lb_listener", "defaultActions")):
        assert not list(_differences(kind, pulumi_tree(kind), SCHEMA[kind], ""))
        monkeypatch.setitem(PLURALS, kind, {})
        assert path in "".join(_differences(kind, pulumi_tree(kind), SCHEMA[kind], ""))


@with_package
@pytest.mark.parametrize("kind", sorted(PLURALS))
def test_every_plural_of_the_table_is_a_property(kind: str) -> None:
    for path in PLURALS[kind]:
        assert is_list(kind, path) is not False, path


@with_package
@pytest.mark.parametrize("kind", sorted(SINGLE))
def test_every_single_block_of_the_table_is_a_property_and_no_list(kind: str) -> None:
    for path in SINGLE[kind]:
        assert not is_list(kind, path), path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ipv6CidrBlocks", "ipv6_cidr_blocks"),
        ("enableDns64", "enable_dns64"),
        ("privateDnsNameOptionsARecord", "private_dns_name_options_a_record"),
        ("vpcId", "vpc_id"),
        ("self", "self"),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    assert snake(name) == expected


def test_keys_that_the_user_chose_stay_as_they_are() -> None:
    found = terraform_values("aws_instance", {"tags": {"costCenter": "1"}, "networkInterfaces": [{"deviceIndex": 0}], "__defaults": []})
    assert found == {"tags": {"costCenter": "1"}, "network_interface": [{"device_index": 0}]}


def test_a_single_block_becomes_a_list() -> None:
    found = terraform_values("aws_eks_cluster", {"vpcConfig": {"subnetIds": ["a"]}})
    assert found == {"vpc_config": [{"subnet_ids": ["a"]}]}
    assert terraform_values("aws_eks_cluster", {"vpcConfig": None}) == {"vpc_config": None}
    assert terraform_values("aws_alb", {"accessLogs": {"enabled": False}}) == {"access_logs": [{"enabled": False}]}
