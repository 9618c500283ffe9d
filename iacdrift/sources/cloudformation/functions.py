"""Intrinsic functions whose arguments are known: what CloudFormation makes of plain values.

Source: CloudFormation's reference of intrinsic functions. ValueError where an argument has no meaning; the caller makes it unknown.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
from collections.abc import Mapping
from typing import Any

import orjson

MOST_BLOCKS = 256
"""CloudFormation's own limit of Fn::Cidr."""


def text_of(value: Any) -> str:
    """A value in a text: `true`, `22`. ValueError for what is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("it is no text")


def join(arguments: Any) -> str:
    """`[delimiter, [items]]`; a list in one text is taken as it is."""
    delimiter, items = arguments
    return text_of(delimiter).join(text_of(item) for item in _list(items))


def select(arguments: Any) -> Any:
    """`[index, [items]]`."""
    index, items = arguments
    place, found = int(text_of(index)), _list(items)
    if not 0 <= place < len(found):
        raise ValueError(f"there is no item {place} in {len(found)}")
    return found[place]


def split(arguments: Any) -> list[str]:
    """`[delimiter, text]`."""
    delimiter, text = arguments
    return text_of(text).split(text_of(delimiter))


def cidr(arguments: Any) -> list[str]:
    """`[block, count, bits]`: the first networks with that many bits for hosts."""
    block, count, *rest = arguments
    network = ipaddress.ip_network(text_of(block), strict=False)
    bits = int(text_of(rest[0])) if rest else (8 if network.version == 4 else 64)
    wanted = int(text_of(count))
    prefix = network.max_prefixlen - bits
    if not 1 <= wanted <= MOST_BLOCKS or not network.prefixlen <= prefix <= network.max_prefixlen:
        raise ValueError("the block can't be cut so")
    if wanted > 1 << (prefix - network.prefixlen):
        raise ValueError(f"{network} doesn't hold {wanted} blocks")
    return [str(net) for net in itertools.islice(network.subnets(new_prefix=prefix), wanted)]


def encoded(argument: Any) -> str:
    """Fn::Base64."""
    return base64.b64encode(text_of(argument).encode()).decode()


def length(argument: Any) -> int:
    """Fn::Length (AWS::LanguageExtensions)."""
    return len(_list(argument))


def json_text(argument: Any) -> str:
    """Fn::ToJsonString (AWS::LanguageExtensions)."""
    if not isinstance(argument, dict | list):
        raise ValueError("it is neither an object nor a list")
    return orjson.dumps(argument).decode()


def found_in(mappings: Mapping[str, Any], arguments: list[Any]) -> Any:
    """`[map, first key, second key]`, or the DefaultValue of a fourth argument. ValueError where the key isn't there."""
    name, first, second = (text_of(item) for item in arguments[:3])
    level = mappings.get(name)
    found = (level.get(first) if isinstance(level, dict) else None) or {}
    if second in found:
        return found[second]
    if len(arguments) > 3 and isinstance(arguments[3], dict) and "DefaultValue" in arguments[3]:
        return arguments[3]["DefaultValue"]
    raise ValueError(f"there is no {name}.{first}.{second} in Mappings")


def equal(arguments: Any) -> bool:
    """Fn::Equals: values are compared as texts."""
    left, right = arguments
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return bool(left == right)
    return text_of(left) == text_of(right)


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.split(",")  # a CommaDelimitedList is handed over as one text
    if not isinstance(value, list):
        raise ValueError("it is no list")
    return value


FUNCTIONS = {
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Cidr": cidr,
    "Fn::Base64": encoded,
    "Fn::Length": length,
    "Fn::ToJsonString": json_text,
}
"""Functions of their arguments alone."""

EXTENSIONS = frozenset({"Fn::Length", "Fn::ToJsonString", "Fn::ForEach"})
"""Known only where the template names the AWS::LanguageExtensions transform."""
