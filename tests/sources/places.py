"""Where the test data of this room lies, and how it is read."""

from pathlib import Path

from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Inventory, Resource

DATA = Path(__file__).parent.parent / "data"
SOURCES = DATA / "sources"
EDGE = DATA / "terraform" / "edge-and-bastion"
WEB = DATA / "terraform" / "web-tier"
SYNTH = DATA / "cdktf" / "two-stacks"


def read(*names: str | Path, **options) -> Inventory:
    return read_sources([SOURCES / name if isinstance(name, str) and ":" not in name else name for name in names], **options)


def by_address(inventory: Inventory) -> dict[str, Resource]:
    found = {resource.address: resource for resource in inventory.resources}
    assert len(found) == len(inventory.resources), "addresses are unique"
    return found
