"""Pulumi's property values as JSON holds them: secrets, unknowns, references to resources, numbers as floats.

The signatures and identifiers are those of Pulumi's own serialisation (sdk/v3/go/common/resource/properties.go, plugin/rpc.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacdrift.sources.document import parse_json
from iacdrift.sources.resource import Sensitive, Unknown, Value
from iacdrift.sources.unknown import AFTER_APPLY

SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_MASK = "[secret]"
ENCRYPTED = "it is an encrypted secret"
MASKED = "it is a secret, which Pulumi doesn't show"


def decoded(value: Any) -> Value:
    """The value as sources hold it: Unknown, Sensitive around secrets (encrypted ones are unknown as well), whole numbers as int."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [decoded(item) for item in value]
    if isinstance(value, Mapping):
        signature = value.get(SIGNATURE)
        return {name: decoded(item) for name, item in value.items()} if signature is None else _special(value, signature)
    return value


def properties(values: Any) -> dict[str, Value]:
    """A resource's inputs or outputs by property. Where the whole map is one secret, every property is."""
    found = decoded(values or {})
    if isinstance(found, Sensitive) and isinstance(found.value, dict):
        return {name: Sensitive(value) for name, value in found.value.items()}
    return found if isinstance(found, dict) else {}


def hidden(values: Any) -> bool:
    """Whether the whole map is unknown, or one secret that can't be read: then nobody knows which properties are set."""
    found = decoded(values or {})
    return isinstance(found.value if isinstance(found, Sensitive) else found, Unknown)


def holds_unknown(value: Value) -> bool:
    """Whether any part of it isn't known."""
    if isinstance(value, Sensitive):
        return holds_unknown(value.value)
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return any(map(holds_unknown, value.values())) if isinstance(value, dict) else isinstance(value, Unknown)


def _text(value: str) -> Value:
    if value in _UNKNOWN:
        return Unknown(AFTER_APPLY)
    return Sensitive(Unknown(MASKED)) if value == _MASK else value


def _special(value: Mapping[str, Any], signature: Any) -> Value:
    """What a signature marks. An asset or archive is nothing that a network is made of."""
    if signature == _SECRET:
        return _secret(value)
    if signature == _RESOURCE:
        known = decoded(value.get("id"))
        return known if isinstance(known, str) and known else Unknown(AFTER_APPLY)
    if signature == _OUTPUT:
        known = decoded(value["value"]) if "value" in value else Unknown(AFTER_APPLY)
        return Sensitive(known) if value.get("secret") else known
    return Unknown("it is a file")


def _secret(value: Mapping[str, Any]) -> Sensitive:
    if isinstance(text := value.get("plaintext"), str):
        return Sensitive(decoded(parse_json(text.encode(), "a secret")))
    if "value" in value:
        return Sensitive(decoded(value["value"]))
    return Sensitive(Unknown(ENCRYPTED))
