"""What a program declares, collected while it runs: inputs as the engine gets them, outputs as the engine has them."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pulumi
from attrs import define, field, frozen
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor
from pulumi.runtime.stack import Stack, register_stack_transformation

from iacdrift.errors import UsageError
from iacdrift.pulumi.document import STACK, Seen, urn_of
from iacdrift.pulumi.mocked import record_mocked
from iacdrift.pulumi.values import awaited

NOT_OURS = frozenset({STACK, "pulumi:pulumi:StackReference"})


@frozen(slots=True, eq=False)
class Local:
    """A resource object of this program. `late`: made by its own code after the assertion was called; `read`: only read, by its id."""

    resource: pulumi.Resource
    type: str
    name: str
    at: str | None
    late: bool = False
    read: bool = False


@define(slots=True, eq=False)
class Watch:
    """Everything that was declared since `observe()`; what `assert_no_network_drift` and `collect` read."""

    project: str
    stack: str
    root: Stack
    locals: list[Local] = field(factory=list)
    declared: dict[str, Seen] = field(factory=dict)
    closed_in: object = None
    """The task that called the assertion: what it makes from then on comes too late."""

    @property
    def name(self) -> str:
        """How a report calls the program."""
        return f"Pulumi program {self.project}/{self.stack}"

    def close(self) -> None:
        """From now on, what the program's own code declares comes too late; what it makes in `apply` doesn't."""
        self.closed_in = _task()

    def made(self, args: pulumi.ResourceTransformationArgs) -> None:
        """A stack transformation: remembers the object, changes nothing."""
        late = self.closed_in is not None and self.closed_in is _task()
        self.locals.append(Local(args.resource, args.type_, args.name, position(args.resource), late, args.opts.id is not None))

    async def registered(self, args: pulumi.ResourceTransformArgs) -> None:
        """A resource transform: remembers the inputs on their way to the engine, changes nothing."""
        above = getattr(args.opts, "parent", None)
        parent = await above.urn.future() if isinstance(above, pulumi.Resource) else None
        urn = urn_of(self.stack, self.project, parent, args.type_, args.name)
        self.declared[urn] = Seen(urn, args.type_, args.custom, await awaited(args.props), parent=parent)

    async def finished(self) -> dict[str, Local]:
        """The resource objects by URN, as soon as all of them are registered: also those that come up while it waits."""
        known: dict[str, Local] = {}
        done = 0
        while done < len(self.locals):
            batch, done = self.locals[done:], len(self.locals)
            for local in batch:
                if not local.late and (urn := await local.resource.urn.future()) is not None:
                    known[str(urn)] = local
            await asyncio.sleep(0)
        return known

    def late(self) -> tuple[Local, ...]:
        """What was declared after the assertion."""
        return tuple(local for local in self.locals if local.late)


def observe() -> Watch:
    """Starts to collect what this program declares: its first line. RunError where resources exist already.

    Transforms of your own that change inputs are registered before it, so that it sees what they made of them.
    """
    root = pulumi.runtime.get_root_resource()
    if not isinstance(root, Stack):
        raise pulumi.RunError("observe() works inside a Pulumi program; in tests use iacdrift.pulumi.collect()")
    if earlier := _made_before():
        raise pulumi.RunError(f"observe() must be the first line of the program: {earlier} exists already and would not be seen")
    watch = Watch(pulumi.get_project(), pulumi.get_stack(), root)
    register_stack_transformation(watch.made)
    monitor = get_monitor()
    if isinstance(monitor, MockMonitor):
        record_mocked(monitor, watch.declared)
    else:
        _register(watch)
    return watch


def _register(watch: Watch) -> None:
    try:
        pulumi.runtime.register_resource_transform(watch.registered)
    except Exception as error:
        raise pulumi.RunError(f"observe() needs Pulumi 3.115 or newer, whose engine tells what a program declares: {error}") from error


def _made_before() -> str | None:
    """A resource that this program has made already. Pulumi keeps no list of them; the interpreter does."""
    loop = asyncio.get_event_loop()
    kinds = (pulumi.CustomResource, pulumi.ComponentResource)
    made = (found for found in gc.get_objects() if isinstance(found, kinds) and not isinstance(found, Stack))
    return next((f"{vars(found).get('_type')}::{vars(found).get('_name')}" for found in made if _belongs(found, loop)), None)


def _belongs(resource: pulumi.Resource, loop: asyncio.AbstractEventLoop) -> bool:
    """Whether it was made in this loop: one process may run several programs, one after the other."""
    urn = vars(resource).get("urn")
    futures = [value for value in vars(urn).values() if isinstance(value, asyncio.Future)] if urn is not None else []
    return any(future.get_loop() is loop for future in futures)


def position(resource: pulumi.Resource) -> str | None:
    """Where the program makes this object, as `project:///FILE#LINE`: the first frame that isn't one of its constructors."""
    for frame in _frames(sys._getframe(1)):
        code = frame.f_code
        own = code.co_varnames[:1] and frame.f_locals.get(code.co_varnames[0]) is resource
        if own or code.co_filename == __file__:
            continue
        return f"project:///{_relative(code.co_filename)}#{frame.f_lineno}"
    return None


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _relative(filename: str) -> str:
    """The path as seen from the program's directory, where it lies in there."""
    try:
        return Path(filename).resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return Path(filename).name


def _task() -> object:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def require(watch: object) -> Watch:
    """The watch itself. UsageError for anything else."""
    if not isinstance(watch, Watch):
        raise UsageError("the first argument is what observe() gave: watch = network.observe()")
    return watch
