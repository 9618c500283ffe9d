"""`iacdrift.toml` for what was found: a `[[target]]` each, with comments that explain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import tomlkit

from iacdrift.connect.found import Found, Written
from iacdrift.connect.search import Repository
from iacdrift.outputs.safe import safe

_HEAD = """\
# What iacdrift checks in this repository, written by `iacdrift init`; docs: docs/configuration.md of iacdrift.
#
#   iacdrift doctor                 what is missing on this machine, and how to mend it
#   iacdrift expect                 what should answer; sends nothing
#   iacdrift plan-scan              what check would send; sends nothing
#   iacdrift check                  asks the network; every target below, or --target NAME
#   iacdrift preview                what a change opens and closes; sends nothing
#
# Keys are the options of the command line. Those up here are for every target; a target's own win.

# Where the scan stands: "internet", an address, a resource such as "aws_instance.bastion", or "auto" (this machine's own address).
# vantage = "internet"
# Nothing outside these networks is ever sent a packet.
# scope = ["198.51.100.0/24"]
# A host that answers from here, or refuses every port: what makes silence a proof.
# control = ["198.51.100.9:443"]
# ports = "common"
# fail-on = "low"
"""
_FOOT = """
# What is accepted for a while: iacdrift ignore FINDING --reason … --owner … --until DATE writes it here.
# [[ignore]]
# finding = "exposed-tcp-8080-1a2b3c4d5e6f"
# reason = "the vendor's test until the contract starts"
# owner = "network@example.com"
# until = 2027-01-31
"""


def settings_file(repository: Repository) -> Written:
    """The whole file. Names out of the repository are made safe: none of them ends a comment or a string."""
    text = _HEAD + "".join(_target(one) for one in repository.found) + _cut(repository) + _FOOT
    return Written(PurePosixPath("iacdrift.toml"), text)


def _target(found: Found) -> str:
    return "\n".join(("", "[[target]]", *_lines(found), ""))


def _lines(found: Found) -> Iterator[str]:
    yield f"# {_kind(found)}"
    yield from (f"# {safe(remark)}" for remark in found.remarks)
    yield f"name = {_string(found.name)}"
    yield f"from = [{', '.join(_string(source) for source in found.sources)}]"
    yield from (f"{key} = {_string(value)}" for key, value in found.settings)
    yield from (safe(line) for line in found.suggested)


def _kind(found: Found) -> str:
    names = {
        "terraform": "A Terraform root",
        "tofu": "An OpenTofu root",
        "pulumi": "A Pulumi stack",
        "cdktf": "A CDKTF or CDK Terrain app",
        "cdk": "An app of AWS's CDK",
        "cloudformation": "A CloudFormation template",
        "sam": "A SAM template",
        "expectation": "Explicit expectations",
    }
    how = ": it must be initialised (init) where iacdrift runs; it is planned without a refresh, nothing is changed"
    return names[found.tool] + (how if found.tool in ("terraform", "tofu") else "")


def _string(text: str) -> str:
    return tomlkit.item(text).as_string()


def _cut(repository: Repository) -> str:
    return f"\n# Not all of the repository was looked at: {repository.cut}.\n" if repository.cut else ""
