"""What the pytest plugin does once a fixture asks: one reading, one scan a session, and what is said of one host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import evolve, frozen

from iacdrift.assertion import ExpectedPart, Pipeline, expected_part
from iacdrift.cli_exit import sentence
from iacdrift.cli_record import tabled, with_baseline
from iacdrift.counterexample import counterexample, what_is_missing
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import DriftReport, Finding, Severity, Verdict
from iacdrift.errors import (
    IacDriftError,
    IncompleteScanError,
    NetworkDriftError,
    OutputError,
    ScanError,
    ScopeError,
    SourceError,
    UsageError,
)
from iacdrift.options import expect_options
from iacdrift.pytest_plugin import arguments

_CHECK = pytest.StashKey[click.Context]()
_PART = pytest.StashKey[ExpectedPart]()
_KINDS = {kind.__name__: kind for kind in (OutputError, ScanError, ScopeError, SourceError, UsageError)}
NOBODY = "nobody's"
"""The item of what answers and belongs to no host; there is one where `sweep` looks for such."""


@frozen(slots=True)
class HostKey:
    """Which host an item is about. `problem`: why there is none, raised in the setup of the one item that stands for all."""

    id: str
    owner: str | None = None
    address: str | None = None
    name: str | None = None
    problem: str | None = None


def options_of(config: pytest.Config) -> Mapping[str, Any]:
    """The options of `iacdrift check` as this session has them. UsageError where one has no meaning or no source is given."""
    found = _check_of(config).params
    if not found["sources"]:
        raise UsageError("no source is given: --iacdrift-from FILE, iacdrift_from in the ini file, or from in iacdrift.toml")
    return found


def _check_of(config: pytest.Config) -> click.Context:
    """`iacdrift check` as it would be called, which knows the configuration file's tables too."""
    if _CHECK not in config.stash:
        from iacdrift.cli import check, cli

        try:
            config.stash[_CHECK] = check.make_context("check", arguments(config), parent=click.Context(cli, info_name="iacdrift"))
        except click.ClickException as error:
            raise UsageError(sentence(error)) from error
    return config.stash[_CHECK]


def part_of_session(config: pytest.Config) -> ExpectedPart:
    """The expected surface, read once a process."""
    if _PART not in config.stash:
        options = options_of(config)
        config.stash[_PART] = expected_part(options["sources"], options["vantage"], **expect_options(options))
    return config.stash[_PART]


def host_keys(config: pytest.Config) -> list[HostKey]:
    """Every host in view, sorted by id: never none, so that a test of no host can't pass.

    CollectError where the sources can't be read; with `--iacdrift-no-scan` one item that is skipped.
    """
    try:
        keys = _keys(config)
    except IacDriftError as error:
        if config.getoption("iacdrift_no_scan"):
            return [HostKey("no-scan")]
        raise pytest.Collector.CollectError(f"iacdrift: {error}") from error
    return keys or [HostKey("no-host", problem="no host is in view of this vantage: " + "; ".join(part_of_session(config).surface.gaps))]


def _keys(config: pytest.Config) -> list[HostKey]:
    options = options_of(config)
    if options.get("egress_url") and tuple(options["vantage"]) in ((), ("auto",)):
        # asking where this machine stands would send something; which hosts there are doesn't depend on it
        surface = expected_part(options["sources"], "internet", **expect_options({**options, "egress_url": None})).surface
    else:
        surface = part_of_session(config).surface
    keys = [
        HostKey(
            "-".join(filter(None, (host.owner, str(host.address) if host.address else host.name or host.status.value))),
            host.owner,
            str(host.address) if host.address else None,
            host.name,
        )
        for host in surface.hosts
    ]
    more = [HostKey(NOBODY)] if options.get("sweep") and keys else []
    return sorted(dict.fromkeys(keys), key=lambda key: key.id) + more


def report_of_session(config: pytest.Config, base: Path) -> DriftReport:
    """The report of the session's one scan: the first process that asks scans, all others read what it found.

    `base` is this process's base directory of temporary files; that of xdist's workers lies in the shared one.
    """
    worker: Mapping[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None:
        return _scanned(config)
    place = base.parent / f"iacdrift-{worker['testrunuid']}.json"
    with _lock(place.with_suffix(".lock")):
        if not place.exists():
            place.write_text(json.dumps(_outcome(config)), encoding="utf-8")
    return _read(json.loads(place.read_text(encoding="utf-8")))


def _scanned(config: pytest.Config) -> DriftReport:
    options = options_of(config)
    with _check_of(config).scope(cleanup=False):  # the exceptions of `[[ignore]]` and a baseline count here as well
        part = part_of_session(config)
        return with_baseline(Pipeline.of({**options, **tabled()}), part, options).check(part)


def _outcome(config: pytest.Config) -> dict[str, Any]:
    """The report, or why there is none: nobody tries again what failed."""
    try:
        return {"report": _scanned(config).to_dict()}
    except IacDriftError as error:
        return {"error": type(error).__name__, "text": str(error)}


def _read(outcome: Mapping[str, Any]) -> DriftReport:
    if "report" in outcome:
        return report_from_dict(outcome["report"])
    raise _KINDS.get(outcome["error"], IacDriftError)(outcome["text"])


def _lock(path: Path) -> AbstractContextManager[Any]:
    try:
        from filelock import FileLock
    except ImportError as error:
        raise UsageError("one scan for all workers of xdist needs filelock: pip install 'iacdrift[pytest]'") from error
    return FileLock(path)


def refuse_incomplete(report: DriftReport) -> None:
    """IncompleteScanError where something that had to be known wasn't learnt, and the user doesn't allow that."""
    __tracebackhide__ = True
    if report.verdict is Verdict.INCOMPLETE and report.exit_code:
        raise IncompleteScanError(what_is_missing(report), report)


def refuse_drift(report: DriftReport, config: pytest.Config) -> None:
    """NetworkDriftError with the counterexample where the network isn't what the code says."""
    __tracebackhide__ = True
    if report.verdict is Verdict.DRIFT:
        raise NetworkDriftError(counterexample(report, _threshold(config)), report)


def _threshold(config: pytest.Config) -> Severity:
    return Severity(options_of(config)["fail_on"])


@frozen(slots=True)
class NetworkHost:
    """One host of the model, and the findings on it. `report`: the whole report, with only these findings."""

    id: str
    owner: str | None
    address: str | None
    name: str | None
    findings: tuple[Finding, ...]
    report: DriftReport
    fail_on: Severity

    @classmethod
    def of(cls, key: HostKey, report: DriftReport, config: pytest.Config) -> NetworkHost:
        """The host of an item. IncompleteScanError where something about it, or about the whole run, wasn't learnt."""
        __tracebackhide__ = True
        mine = evolve(report, findings=tuple(finding for finding in report.findings if _about(key, finding, report)))
        if key.problem:
            raise IncompleteScanError(key.problem, mine)
        options = options_of(config)
        missing = tuple(
            item for item in report.undetermined if item.required and ((item.owner, item.address) == (None, None) or _is(key, item))
        )
        threshold = Severity(options["fail_on"])
        drifted = any(finding.severity.at_least(threshold) for finding in mine.findings)
        if missing and not drifted and not options["allow_incomplete"]:
            raise IncompleteScanError(what_is_missing(evolve(mine, undetermined=missing)), mine)
        return cls(key.id, key.owner, key.address, key.name, mine.findings, mine, threshold)

    def assert_in_sync(self) -> None:
        """NetworkDriftError with this host's findings, where one is as severe as `fail_on`."""
        __tracebackhide__ = True
        if any(finding.severity.at_least(self.fail_on) for finding in self.findings):
            raise NetworkDriftError(counterexample(self.report, self.fail_on), self.report)


def _about(key: HostKey, finding: Finding, report: DriftReport) -> bool:
    """Whether a finding is about this host; what is about no host of the report is the item's of nobody."""
    if key.id != NOBODY:
        return _is(key, finding)
    return finding.owner is None or not any(host.owner == finding.owner for host in report.hosts)


def _is(key: HostKey, item: Any) -> bool:
    """The same address, or where one of the two has none the same owner."""
    if key.address is not None and item.address is not None:
        return bool(key.address == item.address)
    return key.owner is not None and bool(key.owner == item.owner)


def properties(told: str) -> Iterator[tuple[str, str]]:
    """The verdict for JUnit, out of the report's JSON."""
    report = json.loads(told)
    yield "iacdrift_verdict", report["verdict"]
    yield "iacdrift_findings", " ".join(finding["id"] for finding in report["findings"])
    yield "iacdrift_vantage", json.dumps(report["vantage"])
