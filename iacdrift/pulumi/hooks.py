"""Hooks for single resources: a scan right after the engine has created or changed one, before it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Unpack

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from iacdrift.assertion import VantageLike
from iacdrift.options import CheckOptions
from iacdrift.pulumi.operation import operation
from iacdrift.pulumi.program import recorded, seen_so_far
from iacdrift.pulumi.report import Mode, judged
from iacdrift.pulumi.values import awaited
from iacdrift.pulumi.watch import Watch, require

FAILING = "3.238.0"
"""The first engine that a failing after-hook stops."""


def after(
    watch: Watch,
    name: str = "iacdrift",
    *,
    vantage: VantageLike = "auto",
    settle: float | None = 120,
    mode: Mode = "error",
    fail_on: str = "low",
    **options: Unpack[CheckOptions],
) -> pulumi.ResourceHookBinding:
    """A binding for `ResourceOptions(hooks=…)`: a scan of all declared so far, right after the resource was created or updated.

    A hook runs in steps that change something only: an update without changes never scans through it.
    Its error fails the update from Pulumi 3.238 on. Older engines only warn, so there this is a RunError, unless `mode="warn"`.
    """
    require(watch)
    if mode != "warn":
        _refuse_old()
    chosen: dict[str, Any] = {"vantage": vantage, "settle": settle, "fail_on": fail_on, **options}
    # the engine starts its own provider at the first question, and can't while a hook holds it up
    asked = asyncio.ensure_future(recorded("urn:pulumi:none"))
    hook = pulumi.ResourceHook(name, _scan(watch, chosen, mode, asked))
    return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])


def _refuse_old() -> None:
    """RunError where a hook's error wouldn't fail the update: an engine that is too old, or one that can't be asked."""
    if isinstance(get_monitor(), MockMonitor):
        return
    try:
        pulumi.require_pulumi_version(f">={FAILING}")
    except Exception as error:
        needed = f"after() needs Pulumi {FAILING} or newer, engine and SDK"
        why = 'older ones pass over a failing hook; mode="warn" only logs'
        raise pulumi.RunError(f"{needed} ({why}): {error}") from None


def _scan(watch: Watch, options: dict[str, Any], mode: Mode, asked: Awaitable[Any]) -> Callable[[pulumi.ResourceHookArgs], Awaitable[None]]:
    async def scan(args: pulumi.ResourceHookArgs) -> None:
        if operation(get_monitor()) in ("destroy", "refresh"):
            return
        await asked
        own = args.id, await awaited(args.new_outputs or {})
        source = await seen_so_far(watch, {args.urn: own})
        await judged(source, options, mode)

    return scan
