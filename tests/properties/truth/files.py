"""The same topology as the files that users have: `terraform.tfstate`, and `terraform show -json` of a state and of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.properties.truth.topology import Topology
from tests.properties.truth.written import PROVIDER, Json, Pad, Written, refers
from tests.properties.truth.written_acls import write_acl
from tests.properties.truth.written_groups import write_group, write_list, write_rules
from tests.properties.truth.written_hosts import write_instances
from tests.properties.truth.written_network import write_peerings, write_subnet, write_table, write_vpc

_VERSION = "1.11.4"


def write(topology: Topology, *, provable_from_state: bool) -> Pad:
    """Every resource of the topology. `provable_from_state`: without the drift that only a configuration can unmask."""
    pad = Pad(topology.layout.empty, provable_from_state)
    for vpc in topology.vpcs:
        write_vpc(pad, topology, vpc)
    for subnet in topology.subnets:
        write_subnet(pad, topology, subnet)
    for table in topology.tables:
        write_table(pad, table)
    for acl in topology.acls:
        write_acl(pad, topology, acl)
    write_peerings(pad, topology)
    for entry_list in topology.lists:
        write_list(pad, entry_list)
    for group in topology.groups:
        write_group(pad, group, f"aws_vpc.{group.vpc}")
    write_rules(pad, topology)
    write_instances(pad, topology)
    return pad


def tfstate(resources: Iterable[Written], lineage: str = "3c9d719d-f221-ab73-8a44-be299313d44a") -> dict[str, Json]:
    """`terraform.tfstate`, version 4."""
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for one in resources:
        head: dict[str, Json] = {"module": one.module_address} if one.module else {}
        head |= {"mode": "managed", "type": one.type, "name": one.name, "provider": f'provider["{PROVIDER}"]', "instances": []}
        index = {} if one.index is None else {"index_key": one.index}
        instance = index | {"schema_version": one.schema_version, "attributes": dict(one.values), "sensitive_attributes": []}
        grouped.setdefault((one.module_address, one.local), head)["instances"].append(instance)
    return {
        "version": 4,
        "terraform_version": _VERSION,
        "serial": 7,
        "lineage": lineage,
        "outputs": {},
        "resources": list(grouped.values()),
        "check_results": None,
    }


def show_state(resources: Iterable[Written]) -> dict[str, Json]:
    """`terraform show -json` of a state."""
    return {"format_version": "1.0", "terraform_version": _VERSION, "values": {"root_module": _module_values(list(resources))}}


def _module_values(resources: list[Written]) -> dict[str, Json]:
    root: dict[str, Json] = {"resources": [_shown(one) for one in resources if not one.module]}
    modules = {one.module_address: [] for one in resources if one.module}
    for one in resources:
        if one.module:
            modules[one.module_address].append(_shown(one))
    if modules:
        root["child_modules"] = [{"resources": found, "address": address} for address, found in modules.items()]
    return root


def _shown(one: Written) -> dict[str, Json]:
    index = {} if one.index is None else {"index": one.index}
    head = {"address": one.address, "mode": "managed", "type": one.type, "name": one.name}
    return (
        head | index | {"provider_name": PROVIDER, "schema_version": one.schema_version, "values": dict(one.values), "sensitive_values": {}}
    )


def show_plan(resources: Iterable[Written]) -> dict[str, Json]:
    """`terraform show -json` of a plan that changes nothing: what a refresh mirrored is in the planned values as well."""
    kept = list(resources)
    return {
        "format_version": "1.2",
        "terraform_version": _VERSION,
        "variables": {},
        "planned_values": {"root_module": _module_values(kept)},
        "resource_changes": [_change(one) for one in kept],
        "prior_state": show_state(kept),
        "configuration": _configuration(kept),
        "relevant_attributes": [],
        "timestamp": "2026-11-22T07:38:55Z",
        "applyable": False,
        "complete": True,
        "errored": False,
    }


def _change(one: Written) -> dict[str, Json]:
    head = {"address": one.address} | ({"module_address": one.module_address} if one.module else {})
    index = {} if one.index is None else {"index": one.index}
    change = {
        "actions": ["no-op"],
        "before": dict(one.values),
        "after": dict(one.values),
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": {},
    }
    return head | {"mode": "managed", "type": one.type, "name": one.name} | index | {"provider_name": PROVIDER, "change": change}


def _configuration(resources: list[Written]) -> dict[str, Json]:
    provider = {"aws": {"name": "aws", "full_name": PROVIDER, "expressions": {"region": {"constant_value": "us-east-1"}}}}
    root: dict[str, Json] = {"resources": _configured(one for one in resources if not one.module)}
    calls: dict[str, Json] = {}
    for name in dict.fromkeys(one.module[0] for one in resources if one.module):
        inside = [one for one in resources if one.module and one.module[0] == name]
        keyed = (
            {"for_each_expression": {"constant_value": {str(one.module[1]): {} for one in inside if one.module}}}
            if inside[0].module and inside[0].module[1]
            else {}
        )
        found = _configured(inside)
        variables = sorted(
            {
                ref.split(".")[1]
                for one in found
                for e in _expressions(one["expressions"])
                for ref in e.get("references", ())
                if ref.startswith("var.")
            }
        )
        calls[name] = {
            "source": f"./modules/{name}",
            "expressions": {v: refers("each.value" if keyed else "module.given") for v in variables},
            "module": {"resources": found, "variables": {v: {} for v in variables}},
            **keyed,
        }
    return {"provider_config": provider, "root_module": root | ({"module_calls": calls} if calls else {})}


def _expressions(tree: dict[str, Json]) -> list[dict[str, Json]]:
    return [value for value in tree.values() if isinstance(value, dict)]


def _configured(resources: Iterable[Written]) -> list[dict[str, Json]]:
    """One entry a resource of the code, however many instances it has."""
    found: dict[str, dict[str, Json]] = {}
    for one in resources:
        if one.local in found:
            continue
        entry: dict[str, Json] = {"address": one.local, "mode": "managed", "type": one.type, "name": one.name, "provider_config_key": "aws"}
        entry |= {"expressions": dict(one.expressions), "schema_version": one.schema_version}
        if isinstance(one.index, int):
            entry["count_expression"] = {"references": ["var.replicas"]}
        elif one.index is not None:
            entry["for_each_expression"] = {"references": ["local.rules"]}
        found[one.local] = entry
    return list(found.values())
