"""The end of a run that has a verdict: what the history knows is told, the report is written, then the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_report import Report
from iacdrift.errors import HistoryError, OutputError, UsageError

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart, Pipeline
    from iacdrift.drift.report import DriftReport
    from iacdrift.history.store import Store


def tables() -> Mapping[str, Any]:
    """The tables of the configuration file, of the command that runs."""
    found: Mapping[str, Any] = click.get_current_context().meta.get("iacdrift.tables") or {}
    return found


def tabled() -> dict[str, Any]:
    """What tables of the configuration file say to the pipeline: the exceptions."""
    return {"ignore": tables().get("ignore")}


def with_baseline(pipeline: Pipeline, part: ExpectedPart, options: Mapping[str, Any]) -> Pipeline:
    """The pipeline with the baseline that `--baseline` names, before anything is sent."""
    from iacdrift.recording import compared

    if not options.get("baseline"):
        return pipeline
    found = history_of(options)
    if found is None:
        raise UsageError("--baseline: the history that holds baselines is off")
    return evolve(pipeline, options=compared(pipeline.options, part, found))


def history_of(options: Mapping[str, Any]) -> Store | None:
    """The history that the options and `[history]` name, whether or not this run is kept in it; None where it is off."""
    from iacdrift.recording import store_at

    return store_at(options.get("history"), tables().get("history"))


@frozen(slots=True)
class Keeper:
    """Keeps the reports of one command; `store` None: it doesn't."""

    store: Store | None
    command: str

    @classmethod
    def of(cls, options: Mapping[str, Any], command: str) -> Keeper:
        """From the options; UsageError, before anything is sent, where the history they name is none."""
        return cls(None if options.get("no_history") else history_of(options), command)

    def finish(self, found: DriftReport, report: Report, options: Mapping[str, Any]) -> int:
        """Write the report, keep it, and end with its exit code.

        A history that fails takes nothing from the report: it is told behind it, as a failed write is (exit 2).
        """
        found, failed = self._annotated(found)
        try:
            report.write(found)
        except OutputError as error:
            failed.append(str(error))
        if self.store is not None:
            try:
                self.store.store(found, self.command)
            except HistoryError as error:
                failed.append(f"{error}; the report above is whole, but isn't kept")
        if failed:
            raise OutputError("; ".join(dict.fromkeys(failed)))
        return ExitCode.of(found.exit_code, options)

    def _annotated(self, found: DriftReport) -> tuple[DriftReport, list[str]]:
        try:
            return (found if self.store is None else self.store.annotated(found)), []
        except HistoryError as error:
            return found, [str(error)]
