"""`expect()`: an explicit expectation whose parts may be Outputs, to be exported or watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from iacdrift.assertion import expected_surface

SCHEMA = "iacdrift/expectation/1"


_MARK = "_iacdrift_expectation"


def expect(
    host: pulumi.Input[str],
    *,
    open: pulumi.Input[Sequence[pulumi.Input[str]]] = (),  # noqa: A002 - the word of the schema
    allowed: pulumi.Input[Sequence[pulumi.Input[str]]] = (),
    admitted_from: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
    name: pulumi.Input[str] | None = None,
    services: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
) -> pulumi.Output[dict[str, Any]]:
    """What must (`open`) or may (`allowed`) answer on a host, in the shape `iacdrift/expectation/1`.

    Ports are texts such as `443/tcp`; `admitted_from` lists CIDRs (absent: from anywhere). A part that makes no sense
    fails the program as soon as it is known.
    """
    parts: dict[str, Any] = {"host": host, "open": open, "allowed": allowed}
    optional = {"admitted_from": admitted_from, "name": name, "services": services}
    given = parts | {key: value for key, value in optional.items() if value is not None}
    parts_together = pulumi.Output.from_input({key: _listed(value) for key, value in given.items()})
    whole: pulumi.Output[dict[str, Any]] = parts_together.apply(lambda said: _shown(parts_together, said))
    vars(whole)[_MARK] = True
    return whole


def is_expectation(value: Any) -> bool:
    """Whether `expect` made it: among a stack's outputs only these are awaited, since one of them may be the report itself."""
    return isinstance(value, pulumi.Output) and _MARK in vars(value)


def _listed(value: Any) -> Any:
    """A tuple is a list to Pulumi's users, and no list to Pulumi."""
    return list(value) if isinstance(value, tuple) else value


async def _shown(parts: pulumi.Output[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
    """The expectation. RunError where a part is secret: what is scanned and reported can't be."""
    if await parts.is_secret():
        raise pulumi.RunError(
            "expect(): a part of it is a secret, and what is scanned and reported can't be one: pulumi.Output.unsecret it"
        )
    return _checked(said)


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    expectation = {"schema": SCHEMA, **{key: value for key, value in said.items() if value or key == "host"}}
    try:
        expected_surface(expectation, vantage="internet")
    except Exception as error:
        raise pulumi.RunError(f"expect(): {error}") from error
    return expectation
