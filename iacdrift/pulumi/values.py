"""Values as Pulumi's SDKs hold them, turned into the JSON of Pulumi's own documents: unknowns and secrets under their signatures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the signature that marks a secret, not one
OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes for an unknown string, boolean, number, list, asset, archive, object."""


def plain(value: Any) -> Any:
    """The value as JSON, without awaiting anything: whole floats as integers, every unknown as one, secrets marked.

    Takes what gRPC structs hold, what a policy pack's proxies wrap, and what a mock returns.
    """
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWNS else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if type(value).__name__.endswith("Proxy"):  # a policy pack's: touching an unknown inside it raises
        return plain(value["__target"])
    if type(value).__name__ == "Secret":
        return secret(plain(value.value))
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    return UNKNOWN  # an asset, a resource, an Output: nothing that could be read here


def secret(value: Any) -> dict[str, Any]:
    """The value marked as a secret, in the way of an export with its secrets shown."""
    if isinstance(value, dict) and value.get(SIGNATURE) == SECRET:
        return value
    return {SIGNATURE: SECRET, "plaintext": json.dumps(value)}


def holds_secret(value: Any) -> bool:
    """Whether any part of such a value is marked as a secret."""
    if isinstance(value, dict):
        return value.get(SIGNATURE) == SECRET or any(map(holds_secret, value.values()))
    return isinstance(value, list) and any(map(holds_secret, value))


async def awaited(value: Any) -> Any:
    """The same for values that hold Outputs: each is awaited, and is unknown or secret where it says so."""
    if isinstance(value, pulumi.Output):
        known, hidden = await value.is_known(), await value.is_secret()
        inner = await awaited(await value.future()) if known else UNKNOWN
        return secret(inner) if hidden else inner
    if isinstance(value, Mapping):
        return _mapping({key: await awaited(item) for key, item in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [await awaited(item) for item in value]
    return plain(value)


def _mapping(value: Mapping[str, Any]) -> Any:
    """A dict that may be one of the forms in which gRPC writes a secret or an Output."""
    mark = value.get(SIGNATURE) if SIGNATURE in value else None
    if mark == SECRET:
        return value if "plaintext" in value or "ciphertext" in value else secret(plain(value.get("value")))
    if mark == OUTPUT_VALUE:
        inner = plain(value["value"]) if "value" in value else UNKNOWN
        return secret(inner) if value.get("secret") else inner
    if mark is not None:
        return UNKNOWN
    return {str(key): plain(item) for key, item in value.items()}
