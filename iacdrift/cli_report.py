"""Where results and remarks go: reports to stdout and to files, everything else to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from iacdrift.errors import OutputError, UsageError

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.drift.report import DriftReport
    from iacdrift.drift.trend import EarlierRun

_WIDTH = 100


@frozen(slots=True)
class Report:
    """How this run writes. `files`: (format, path) pairs; formats are checked before anything else happens.

    `past`: the runs before this one, for the format that shows them (`shows`).
    """

    format: str
    files: tuple[tuple[str, Path], ...]
    color: bool
    quiet: bool = False
    verbose: bool = False
    past: tuple[EarlierRun, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Report:
        """From the options of a command. UsageError names a format that isn't known."""
        files = tuple(_file(text) for text in options["files"])
        _refuse_unknown(options["format"], *(name for name, _ in files))
        _harden(sys.stdout, sys.stderr)
        return cls(options["format"], files, _colored(options["color"]), options["quiet"], options["verbose"])

    def write(self, value: object) -> None:
        """The files, then stdout. OutputError names every file that couldn't be written, once all others are."""
        failed = self.write_files(value)
        text = self._text(value, self.format, color=self.color, width=_width())
        try:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            failed.append(f"stdout: {error.strerror}")
        if failed:
            raise OutputError(f"can't write {'; '.join(failed)}: everything else is written")

    def write_files(self, value: object) -> list[str]:
        """The files alone; what couldn't be written, in words."""
        return [why for name, path in self.files if (why := _written(path, self._text(value, name)))]

    def shows(self, name: str) -> bool:
        """Whether anything is written in this format."""
        return name in (self.format, *(format_ for format_, _ in self.files))

    @property
    def modules(self) -> tuple[str, ...]:
        """Those that write it."""
        from iacdrift.outputs.registry import FORMATS

        return tuple(FORMATS[name].partition(":")[0] for name in (self.format, *(name for name, _ in self.files)))

    def say(self, text: str) -> None:
        """A remark on stderr, unless `--quiet`."""
        if not self.quiet:
            from iacdrift.outputs.safe import safe

            sys.stderr.write(f"iacdrift: {safe(text)}\n")

    def say_sources(self, part: ExpectedPart) -> None:
        """With `-v`: what was taken, and what was noticed about it."""
        if self.verbose:
            self.say_each(f"read {source.kind} {source.path}" for source in part.sources)
            self.say_each(part.surface.notes)

    def say_run(self, report: DriftReport) -> None:
        """With `-v`: the Nmap commands as they were run."""
        if self.verbose:
            self.say_each(str(command) for command in report.scanner.get("commands", ()))

    def say_each(self, texts: Iterable[str]) -> None:
        """Several remarks."""
        for text in texts:
            self.say(text)

    def _text(self, value: object, name: str, *, color: bool = False, width: int = _WIDTH) -> str:
        if name == "html" and self.past:
            from iacdrift.outputs.html import render_page

            return render_page(cast("DriftReport", value), past=self.past)
        from iacdrift.outputs.registry import render

        return render(value, name, color=color, width=width)


def _refuse_unknown(*names: str) -> None:
    from iacdrift.outputs.registry import FORMATS

    for name in names:
        if name not in FORMATS:
            raise UsageError(f"no format {name!r}: it is one of {', '.join(sorted(FORMATS))}")


def _file(text: str) -> tuple[str, Path]:
    name, colon, path = text.partition(":")
    if not (name and colon and path):
        raise UsageError(f"-o {text!r}: give FORMAT:PATH, such as json:report.json")
    return name, Path(path)


def _written(path: Path, text: str) -> str | None:
    from iacdrift.outputs.whole_file import write_whole

    try:
        write_whole(path, text if text.endswith("\n") else text + "\n")
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None


def _colored(choice: str) -> bool:
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width() -> int:
    return shutil.get_terminal_size((_WIDTH, 24)).columns if sys.stdout.isatty() else _WIDTH


def _harden(*streams: Any) -> None:
    """A terminal that can't show a character mustn't end the run."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
