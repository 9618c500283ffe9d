"""The assertion inside a program: an Output that fails the update where the network isn't what the program says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Unpack

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from iacdrift.assertion import VantageLike
from iacdrift.errors import UsageError
from iacdrift.options import CheckOptions
from iacdrift.pulumi.further import further
from iacdrift.pulumi.operation import OPERATION, operation
from iacdrift.pulumi.program import collected
from iacdrift.pulumi.report import Mode, judged
from iacdrift.pulumi.watch import Watch, require


def assert_no_network_drift(
    watch: Watch,
    *,
    vantage: VantageLike = "auto",
    depends_on: Sequence[pulumi.Input[Any]] = (),
    sources: Sequence[pulumi.Input[Any]] = (),
    settle: float | None = 120,
    mode: Mode = "error",
    fail_on: str = "low",
    **options: Unpack[CheckOptions],
) -> pulumi.Output[dict[str, Any]]:
    """Scans on every `pulumi up`, after all that the program declared so far and `depends_on`; an Output of the report's JSON.

    `sources` join what the program declares: another stack's expectation (`StackReference.require_output`), a dict, a file.
    A finding fails the update (`mode="warn"`: is logged). Sends nothing in a preview, a destruction, a refresh that runs the
    program, or under mocks; the Output is then unknown, or None under mocks. Call it last.
    """
    require(watch)
    if mode not in ("error", "warn"):
        raise UsageError(f"mode={mode!r}: it is error or warn")
    watch.close()
    if isinstance(get_monitor(), MockMonitor):
        return pulumi.Output.from_input(None)  # type: ignore[arg-type]
    if reason := _no_scan():
        pulumi.log.debug(f"iacdrift: no scan, {reason}")
        return _unknown()
    chosen: dict[str, Any] = {"vantage": vantage, "settle": settle, "fail_on": fail_on, **options}
    # the report is made in an Output's own task, which Pulumi waits for and whose error ends the program
    return pulumi.Output.from_input(0).apply(
        lambda _: pulumi.Output.from_input(_report(watch, tuple(depends_on), tuple(sources), chosen, mode))
    )


def _no_scan() -> str | None:
    """Why this run of the program is none after which the network ought to be as it says."""
    if pulumi.runtime.is_dry_run():
        return "this is a preview"
    running = operation(get_monitor())
    if running is None:
        pulumi.log.info(f"iacdrift: this machine doesn't tell which command runs the program; taken for an update ({OPERATION} says it)")
    return f"this is pulumi {running}" if running in ("destroy", "refresh") else None


def _unknown() -> pulumi.Output[dict[str, Any]]:
    """An Output whose value isn't known, as all are in a preview whose resources don't exist yet."""
    value: Any = pulumi.UNKNOWN if hasattr(pulumi, "UNKNOWN") else None
    return pulumi.Output({*()}, _future(value), _future(False))


def _future(value: Any) -> Awaitable[Any]:
    future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    future.set_result(value)
    return future


async def _report(
    watch: Watch, depends_on: Iterable[Any], sources: Iterable[Any], options: Mapping[str, Any], mode: Mode
) -> dict[str, Any]:
    for first in depends_on:
        await _finished(first)
    also = [await further(source, f"sources[{number}]") for number, source in enumerate(sources)]
    source = await collected(watch)
    return (await judged(source, options, mode, also)).to_dict()


async def _finished(first: Any) -> None:
    """Waits for a resource or a value that the scan depends on."""
    await pulumi.Output.from_input(first.urn if isinstance(first, pulumi.Resource) else first).future()
