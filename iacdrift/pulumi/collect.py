"""The expected surface of a program in a unit test: Pulumi's mocks in the engine's place, no cloud, no packets."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pulumi
from pulumi.runtime.mocks import set_mocks
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from iacdrift.assertion import VantageLike, expected_surface
from iacdrift.options import ExpectOptions
from iacdrift.pulumi.document import Collected
from iacdrift.pulumi.program import collected
from iacdrift.pulumi.watch import observe

if TYPE_CHECKING:
    from iacdrift.surface.expected import ExpectedSurface


class Unknowing(pulumi.runtime.Mocks):
    """Mocks that know nothing that the program doesn't say: ids and addresses stay unknown, as before a deployment."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """The inputs as outputs, and no id yet."""
        return "", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """What a program looks up: the arguments themselves, under an id."""
        return {"id": "mock", "ids": ["mock"], "names": ["mock"], **args.args}, None


Program = Callable[[], Awaitable[None] | None] | str | Path
"""A program's function, or the file that is the program (`__main__.py`)."""


def collect(
    program: Program,
    *,
    mocks: pulumi.runtime.Mocks | None = None,
    vantage: VantageLike = "internet",
    project: str = "project",
    stack: str = "stack",
    **options: Unpack[ExpectOptions],
) -> ExpectedSurface:
    """Runs a program under mocks (your own, or ones that know no ids and addresses) and gives what it admits, seen from the vantage.

    Hosts whose address isn't known are `pending`; their ports are told all the same. The program may call
    `observe` and `assert_no_network_drift` itself: under mocks nothing is scanned. The caller's own mocks stay as they are.
    """
    with ThreadPoolExecutor(max_workers=1) as alone:  # Pulumi's runtime is a matter of context: this one is its own
        source = alone.submit(lambda: asyncio.run(_observed(program, mocks or Unknowing(), project, stack))).result()
    return expected_surface(source, vantage=vantage, **options)


async def _observed(program: Program, mocks: pulumi.runtime.Mocks, project: str, stack: str) -> Collected:
    set_mocks(mocks, project=project, stack=stack, preview=isinstance(mocks, Unknowing))
    SETTINGS.outputs = set()  # else those are awaited that a failed program left in this process
    watch = observe()
    run = partial(runpy.run_path, str(program), run_name="__main__") if isinstance(program, str | Path) else program

    async def body() -> None:
        result = run()
        if isawaitable(result):
            await result

    await run_pulumi_func(body)
    return await collected(watch)
