"""The keywords of the Python door: the command line's options under Python's names, sorted by the stage that they steer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from iacdrift.drift.baseline import Baseline
    from iacdrift.drift.settings import JudgeSettings
    from iacdrift.scan.settings import ScanSettings

Paths = Mapping[str, Path | str] | Iterable[tuple[str, Path | str]]
Texts = Iterable[str] | str


class ExpectOptions(TypedDict, total=False):
    """What steers the expected surface. `max_age` in seconds; `family` is 4, 6 or "both"."""

    code: Path | str | None
    states: Paths
    outputs: Paths
    family: int | str
    only: Texts
    skip: Texts
    strict: bool
    require_code: bool
    max_age: float | None
    egress_url: str | None
    parameters: Mapping[str, str] | Iterable[tuple[str, str]]
    parameter_files: Iterable[Path | str]
    stacks: Texts
    verify_owner: bool
    resolve: str | None
    regions: Texts


class CheckOptions(ExpectOptions, total=False):
    """What steers the scan and the verdict beyond the keywords that `check_network_drift` spells out.

    `ignore`: tables as `[[ignore]]` has them. `history`: a file or URL in which the report is kept; without it nothing is.
    `baseline`: its name in that history (without one: the user's own), or the baseline itself. `executor`: what runs the scan, any
    `concurrent.futures.Executor` or `dask://HOST:PORT`; `here`, `proofs`: as `--here` and `--proof`.
    """

    rate: int
    host_rate: int | None
    network_rate: int | None
    confidence: float
    sweep: Texts
    timeout: float | None
    scan_type: str
    evidence: Path | str | None
    resume: Path | str | None
    nmap: str | None
    certificates: bool
    strict_listeners: bool
    allow_unaddressed: bool
    refresh: bool
    cloud_api: bool
    refresh_json: Iterable[Path | str]
    ignore: Iterable[Mapping[str, Any]]
    history: str | Path | None
    baseline: Baseline | str | None
    executor: Executor | str | None
    here: str | None
    proofs: Texts


def unknown_keywords(options: Mapping[str, object], known: type) -> list[str]:
    """The keywords that no stage knows; a misspelt `fail_on` must not pass for a check."""
    return sorted(set(options) - set(known.__annotations__) - _inherited(known))


def expect_options(options: Mapping[str, Any]) -> ExpectOptions:
    """The part of all options that steers the expected surface."""
    return {name: options[name] for name in ExpectOptions.__annotations__ if name in options}  # type: ignore[return-value]


def families(family: int | str | None) -> tuple[int, ...]:
    """The IP versions that `--family` names. UsageError for anything but 4, 6 and both."""
    from iacdrift.errors import UsageError

    chosen = {"4": (4,), "6": (6,), "both": (4, 6)}.get(str(family or "both"))
    if chosen is None:
        raise UsageError(f"--family {family}: it is 4, 6 or both")
    return chosen


def texts(value: Texts | None) -> tuple[str, ...]:
    """One text or many, as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def scan_settings(options: Mapping[str, Any]) -> ScanSettings:
    """The part of all options that decides what is sent. UsageError where a value has no meaning."""
    from iacdrift.scan.settings import ScanSettings

    speed = ("rate", "host_rate", "network_rate", "confidence")
    names = ("ports", *speed, "scope", "controls", "sweep", "settle", "timeout", "scan_type", "evidence", "resume", "nmap", "certificates")
    return ScanSettings(**{name: options[name] for name in names if name in options}, families=families(options.get("family")))


def judge_settings(options: Mapping[str, Any]) -> JudgeSettings:
    """The part of all options that decides on the verdict. UsageError where a value has no meaning."""
    from iacdrift.drift.settings import JudgeSettings

    names = ("fail_on", "allow_incomplete", "allow_unaddressed", "strict_listeners")
    return JudgeSettings(**{name: options[name] for name in names if name in options})


def _inherited(known: type) -> set[str]:
    return {name for base in getattr(known, "__orig_bases__", ()) for name in getattr(base, "__annotations__", {})}
