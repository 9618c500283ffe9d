"""Files of sources that change: the target is looked at at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread

from watchfiles import watch as file_events

_PAUSE_MS = 400


def notice(places: Mapping[str, tuple[Path, ...]], changed: Callable[[str], None], stop: Event) -> Thread:
    """A thread that tells `changed` the targets whose files or directories changed, until `stop`. `places`: of each target.

    Directories are watched and not single files: a file that is written anew is another one under the same name. What no
    event tells (network file systems) is seen at the next look, by the files' times.
    """
    wanted = {name: tuple(path.resolve() for path in paths) for name, paths in places.items()}
    roots = {path if path.is_dir() else path.parent for paths in wanted.values() for path in paths}

    def run() -> None:
        try:
            for events in file_events(*roots, stop_event=stop, debounce=_PAUSE_MS, raise_interrupt=False):
                touched = [Path(path) for _, path in events]
                for name in (name for name, paths in wanted.items() if any(_within(one, paths) for one in touched)):
                    changed(name)
        except (OSError, RuntimeError):
            # Too many files for the kernel, or a directory that vanished: the next look sees the change.
            return

    thread = Thread(target=run, name="files", daemon=True)
    if roots:
        thread.start()
    return thread


def _within(touched: Path, paths: tuple[Path, ...]) -> bool:
    if {".terraform", ".git"} & set(touched.parts) or touched.name.startswith(".terraform"):
        return False
    return any(touched == path or path in touched.parents for path in paths)
