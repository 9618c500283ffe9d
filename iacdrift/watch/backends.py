"""States that lie elsewhere: `terraform state pull` tells when somebody has applied, and the target is looked at at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.terraform_command import Recorded, Root, has_backend, recorded_in

EVERY = 30.0
"""Seconds between two questions to the backends; one takes a process and a request."""


class Backend:
    """The backends behind the `tf:` sources of one target. `recorded`: the states that they held last, in the sources' order."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        named = (str(source) for source in options["sources"])
        roots = [Root.parse(text.removeprefix("tf:")) for text in named if text.startswith("tf:")]
        self._roots = tuple(root for root in roots if has_backend(root))
        self.recorded: tuple[Recorded | None, ...] = (None,) * len(self._roots)

    def __bool__(self) -> bool:
        return bool(self._roots)

    def moved(self) -> bool:
        """Asks again; whether one of the states is another one than before. SourceError where a backend doesn't answer.

        What couldn't be asked counts as it was: what was read before is good for a while, and then read again in any case.
        """
        before = self.recorded
        found, problem = list(before), None
        for number, root in enumerate(self._roots):
            try:
                found[number] = recorded_in(root)
            except SourceError as error:
                problem = error
        self.recorded = tuple(found)
        if problem is not None and self.recorded == before:
            raise problem
        return any(old is not None and old != new for old, new in zip(before, self.recorded, strict=True))


def ask(
    backends: Mapping[str, Backend], changed: Callable[[str], None], say: Callable[[str], None], stop: Event, every: float = EVERY
) -> Thread:
    """A thread that tells `changed` the targets whose recorded state moved, until `stop`; a backend's silence is said once."""

    def run() -> None:
        problems: dict[str, str] = {}
        while not stop.is_set():
            for name, backend in backends.items():
                try:
                    moved = backend.moved()
                except SourceError as error:
                    if problems.get(name) != str(error):
                        problems[name] = str(error)
                        say(f"{name}: {error}; what was read before counts until it is read again")
                    continue
                problems.pop(name, None)
                if moved:
                    changed(name)
            stop.wait(every)

    thread = Thread(target=run, name="backends", daemon=True)
    if backends:
        thread.start()
    return thread
