"""What `iacdrift_network` takes and gives, in the words of `tf`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tf.blocks import SetNestedBlock
from tf.schema import Attribute, Block, Schema
from tf.types import Bool, List, Map, Number, String, TfType

NAME = "network"


class Object(TfType):  # type: ignore[misc] # tf ships no types
    """An object with these attributes, which `tf` has no type for; values go to Terraform as they are."""

    def __init__(self, attributes: Mapping[str, TfType]) -> None:
        self.attributes = attributes

    def encode(self, value: Any) -> Any:
        """As it is."""
        return value

    def decode(self, value: Any) -> Any:
        """As it is."""
        return value

    def tf_type(self) -> bytes:
        """Terraform's own notation of the type."""
        inner = {name: json.loads(kind.tf_type()) for name, kind in self.attributes.items()}
        return json.dumps(["object", inner], separators=(",", ":")).encode()


def _texts(*names: str) -> dict[str, TfType]:
    return {name: String() for name in names}


_TEXTS = List(String())

INPUTS: Mapping[str, tuple[TfType, str]] = {
    "source": (String(), "A path or KIND:path that tells what is declared, such as a plan of another root, or a state."),
    "sources": (_TEXTS, "Several of them."),
    "resources": (String(), 'jsonencode({ "aws_instance.web" = aws_instance.web, … }): resources of this root, by their addresses.'),
    "plan": (
        String(),
        "terraform show -json of the plan that is applied: it tells which attributes of `resources` the configuration sets.",
    ),
    "vantage": (String(), "Where the scan stands: auto, internet, an address (two with a comma, one per family), or a resource address."),
    "ports": (String(), "declared, common (the default), all, or Nmap's form: 22,443,8000-8100,U:53."),
    "scope": (_TEXTS, "Allow-list of CIDRs: an address outside it is refused before any packet."),
    "controls": (_TEXTS, "HOST[:PORT]: hosts that answer, or refuse every port, from here."),
    "sweep": (_TEXTS, "CIDRs inside declared subnets in which undeclared hosts are looked for."),
    "rate": (Number(), "Packets a second, all together (1000)."),
    "settle": (Number(), "Seconds: ask again what isn't yet as it should be, until it is or the time is spent."),
    "timeout": (Number(), "Seconds that the scan may take; the rest is then incomplete."),
    "scan_type": (String(), "auto, syn or connect."),
    "family": (String(), "4, 6 or both."),
    "only": (_TEXTS, "Only hosts whose resource, name or address matches."),
    "skip": (_TEXTS, "Not the hosts whose resource, name or address matches."),
    "code": (String(), "The directory of the .tf files, for lines and dynamic blocks; that of the root by default."),
    "strict": (Bool(), "What the code doesn't say is unknown, never assumed."),
    "require_code": (Bool(), "No verdict where rules were read from a state or from `resources` alone."),
    "max_age": (Number(), "Seconds: older sources are refused."),
    "fail_on": (String(), "The least severity that is drift: critical, high, medium or low (the default)."),
    "strict_listeners": (Bool(), "A service behind an allowed port that nothing declares is drift."),
    "allow_incomplete": (Bool(), "`passed` is true where something wasn't learnt."),
    "allow_unaddressed": (Bool(), "Fleets without known addresses don't make the run incomplete."),
    "nmap": (String(), "This Nmap instead of the one on PATH."),
    "evidence": (String(), "A directory that keeps Nmap's XML."),
}
"""Optional attributes: type and description. Those that aren't sources are the command line's options."""

EXPECT: Mapping[str, tuple[TfType, str]] = {
    "host": (String(), "An address or a name."),
    "owner": (String(), "Or the address of a resource."),
    "name": (String(), "How reports call it."),
    "open": (_TEXTS, 'Ports that must answer: "443/tcp".'),
    "allowed": (_TEXTS, "Ports that may answer."),
    "admitted_from": (_TEXTS, "CIDRs from which they do; from anywhere where it is absent."),
    "services": (Map(String()), 'What speaks there: { "443/tcp" = "https" }.'),
}

COVERAGE = Object(
    {
        "hosts": Object(dict.fromkeys(("expected", "answered", "silent", "failed"), Number())),
        "ports": Object(dict.fromkeys(("asked", "asserted", "probed", "undetermined"), Number())),
    }
)

OBSERVED = Object(_texts("state", "reason", "scan", "service", "product") | {"confirmed": Bool()})

FINDING = Object(
    _texts("id", "kind", "severity", "address", "name", "protocol", "ports", "owner", "expected")
    | {"observed": OBSERVED, "because": List(Object(_texts("resource", "detail", "at")))}
    | _texts("explanation", "reproduce")
    | {"way_back": Object(_texts("revert", "adopt"))}
)

OUTPUTS: Mapping[str, tuple[TfType, str]] = {
    "passed": (Bool(), "What a postcondition asks: no drift and nothing left open, or IACDRIFT_ENFORCE=warn."),
    "in_sync": (Bool(), "Whether the verdict is in_sync, whatever is forgiven."),
    "verdict": (String(), "in_sync, drift or incomplete; none where there is no verdict, which only IACDRIFT_ENFORCE=warn lets through."),
    "report": (String(), "Why, as text for an error_message."),
    "report_json": (String(), "The whole report, iacdrift/report/1."),
    "findings": (List(FINDING), "Every difference."),
    "coverage": (COVERAGE, "How much was looked at."),
}


def schema() -> Schema:
    """The schema of the data source."""
    after = Attribute(
        "after", String(), "Always timestamp(): it makes Terraform read this while it applies, and never in a plan.", required=True
    )
    inputs = [
        Attribute(name, kind, description, optional=True, sensitive=name == "resources") for name, (kind, description) in INPUTS.items()
    ]
    outputs = [Attribute(name, kind, description, computed=True) for name, (kind, description) in OUTPUTS.items()]
    said = [Attribute(name, kind, description, optional=True) for name, (kind, description) in EXPECT.items()]
    return Schema([after, *inputs, *outputs], block_types=[SetNestedBlock("expect", Block(said))])
