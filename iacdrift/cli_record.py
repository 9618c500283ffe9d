"""The end of a run that has a verdict: what the history knows is told, the report is written, then the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_report import Report
from iacdrift.errors import HistoryError, OutputError, UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from iacdrift.alerts.channel import Channel
    from iacdrift.assertion import ExpectedPart, Pipeline
    from iacdrift.drift.report import DriftReport
    from iacdrift.history.location import Location
    from iacdrift.history.store import Store, Written


def tables() -> Mapping[str, Any]:
    """The tables of the configuration file, of the command that runs."""
    found: Mapping[str, Any] = click.get_current_context().meta.get("iacdrift.tables") or {}
    return found


def current_target() -> str | None:
    """The `[[target]]` that the command runs for; None where sources were named by themselves."""
    found: str | None = click.get_current_context().meta.get("iacdrift.target")
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
    """The history that the options and `[history]` name, whether or not this run is kept in it; None where it is off.

    It is that of the `[[target]]` which the command is about at the moment, if any.
    """
    from iacdrift.recording import store_in

    location = _location(options)
    return None if location is None else store_in(location)


def _location(options: Mapping[str, Any]) -> Location | None:
    from iacdrift.recording import location_at

    found, target = location_at(options.get("history"), tables().get("history")), current_target()
    return found if found is None or target is None else evolve(found, target=target)


@frozen(slots=True)
class Keeper:
    """Keeps the reports of one command; `location` None: it doesn't. `channels`: whom `[[alert]]` names.

    `whole` False: only one finding is asked again, which says nothing of what else was learnt.
    """

    location: Location | None
    command: str
    channels: tuple[Channel, ...] = ()
    whole: bool = True

    @classmethod
    def of(cls, options: Mapping[str, Any], command: str) -> Keeper:
        """From the options; UsageError, before anything is sent, where the history they name is none, or an alert has no meaning."""
        channels: tuple[Channel, ...] = ()
        if command == "check" and tables().get("alert") is not None and not options.get("no_alerts"):
            from iacdrift.alerts.channel import channels_of

            channels = channels_of(tables()["alert"])
        whole = not click.get_current_context().params.get("finding")
        return cls(None if options.get("no_history") else _location(options), command, channels, whole)

    @property
    def modules(self) -> tuple[str, ...]:
        """Those that open the history."""
        from iacdrift.meanwhile import KEEPING

        return () if self.location is None else KEEPING

    @cached_property
    def store(self) -> Store | None:
        """The history; what opens it is loaded only now."""
        from iacdrift.recording import store_in

        return None if self.location is None else store_in(self.location)

    def finish(self, found: DriftReport, report: Report, options: Mapping[str, Any]) -> int:
        """Write the report, keep it, and end with its exit code.

        A history or an alert that fails takes nothing from the report: it is told behind it, as a failed write is (exit 2). A
        history that nobody asked for, and that can't be begun, is a remark in the report.
        """
        keeper, remark = self.begun()
        if remark is not None:
            found = evolve(found, notes=(*found.notes, remark))
        found, failed = keeper.annotated(found)
        keeper.end(found, (found,), keeper._with_past(report, found, failed), failed)
        return ExitCode.of(found.exit_code, options)

    def begun(self) -> tuple[Keeper, str | None]:
        """Itself, or one without a history and a remark, where nobody asked for the history and none can be begun."""
        unbegun = self.store.database.unbegun() if self.store is not None and not self.channels else None
        return (self, None) if unbegun is None else (evolve(self, location=None), f"no history is kept: {unbegun}")

    def end(self, value: object, reports: Sequence[DriftReport], report: Report, failed: list[str]) -> None:
        """Write the value, and keep its reports. OutputError with all that failed, here and before, once everything was tried."""
        try:
            report.write(value)
        except OutputError as error:
            failed.append(str(error))
        failed += self._keep(reports, report)
        if failed:
            raise OutputError("; ".join(dict.fromkeys(failed)))

    def _keep(self, reports: Sequence[DriftReport], report: Report) -> list[str]:
        """Keep what was written, and tell whom `[[alert]]` names. What failed, in sentences."""
        if self.store is None:
            if self.channels:
                report.say("alerts need the history, which is off: none was sent")
            return []
        try:
            for found in reports:
                self.store.store(found, self.command, self._announcer())
        except HistoryError as error:
            return [f"{error}; the report above is whole, but isn't kept" + (", and no alert was sent" if self.channels else "")]
        return self._delivered(report)

    def reminded(self, pipeline: Pipeline, part: ExpectedPart) -> Pipeline:
        """The pipeline with what the history knows that the scan shall ask again."""
        from iacdrift.recording import reminded

        return evolve(pipeline, settings=reminded(pipeline.settings, part, self.location))

    def _with_past(self, report: Report, found: DriftReport, failed: list[str]) -> Report:
        """The writer with the runs before this one, where it shows them; `failed` gets what couldn't be read."""
        if self.store is None or not report.shows("html"):
            return report
        from iacdrift.history.trend import earlier_runs

        try:
            return evolve(report, past=earlier_runs(self.store, found))
        except HistoryError as error:
            failed.append(str(error))
            return report

    def _announcer(self) -> Callable[[Session, Written], None] | None:
        if not self.channels:
            return None
        from iacdrift.alerts.announce import announcer

        return announcer(self.channels, current_target(), whole=self.whole)

    def _delivered(self, report: Report) -> list[str]:
        """Sends what waits, of earlier runs too. What failed, in sentences."""
        if not self.channels or self.store is None:
            return []
        from iacdrift.alerts.deliver import deliver

        try:
            done = deliver(self.store.database, self.channels)
        except HistoryError as error:
            return [f"{error}; alerts may be unsent, and are tried again by the next run"]
        report.say_each(f"alerts for {name!r} wait for the end of its quiet hours" for name in done.quiet)
        return list(done.problems)

    def annotated(self, found: DriftReport) -> tuple[DriftReport, list[str]]:
        """With what the history knows of it; and why it couldn't be asked."""
        try:
            return (found if self.store is None else self.store.annotated(found)), []
        except HistoryError as error:
            return found, [str(error)]
