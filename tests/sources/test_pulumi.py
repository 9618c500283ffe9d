"""Pulumi's previews, exports and checkpoints of the reference stack give what Terraform's plan of the same stack gives."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from iacdrift import expected_surface
from iacdrift.errors import SourceError
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Action, Inventory, Origin, Reference, Resource, Sensitive, Unknown
from iacdrift.surface.expected import ExpectedSurface

DATA = Path(__file__).parents[1] / "data"
STACK = DATA / "pulumi" / "edge-and-bastion"
TERRAFORM = DATA / "terraform" / "edge-and-bastion"
VANTAGES = ("internet", "203.0.113.9", "198.51.100.8", "10.20.0.4", "10.20.10.5", "10.20.1.50", "10.20.11.77")


def shown(surface: ExpectedSurface) -> dict[str, Any]:
    """The four sets of every host, by address or name."""
    hosts = surface.to_dict()["hosts"]
    return {str(host["address"] or host["name"]): (host["status"], host["tcp"], host["udp"]) for host in hosts}


def load(name: str) -> Any:
    return json.loads((STACK / name).read_text())


def find(inventory: Inventory, end: str) -> Resource:
    found = [resource for resource in inventory.resources if resource.address.endswith(end)]
    assert len(found) == 1, f"{end}: {[resource.address for resource in found]}"
    return found[0]


@pytest.mark.parametrize("vantage", VANTAGES)
@pytest.mark.parametrize("name", ["preview-clean.json", "preview-after-refresh.json", "export.json", "checkpoint.json"])
def test_the_surface_is_that_of_the_same_stack_in_terraform(name: str, vantage: str) -> None:
    mine = shown(expected_surface(STACK / name, vantage=vantage))
    assert mine == shown(expected_surface(TERRAFORM / "noop-plan.json", vantage=vantage))
    assert mine
