"""Exceptions with an owner, a reason and an end: they take findings out of the verdict, never out of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from attrs import evolve, frozen

from iacdrift.drift.report import DriftReport, Finding, FindingKind
from iacdrift.drift.settings import JudgeSettings
from iacdrift.drift.verdict import decide
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet

PATTERNS = ("finding", "resource", "host", "port", "kind")
NEEDED = ("reason", "owner", "until")


@frozen(slots=True)
class Ignore:
    """One exception. It holds to the end of the day `until`, in UTC, for findings that match everything that is given.

    `finding`: an id. `resource`: a pattern of the owner. `host`: of the address or name. `ports`: the finding lies wholly in
    them. `protocol`: tcp or udp, where the port says it. `kind`: of the finding.
    """

    reason: str
    owner: str
    until: date
    finding: str | None = None
    resource: str | None = None
    host: str | None = None
    ports: PortSet | None = None
    protocol: str | None = None
    kind: FindingKind | None = None

    @classmethod
    def of(cls, table: Any, where: str = "[[ignore]]") -> Ignore:
        """From a table of the configuration file, or a dict. UsageError says what is missing or no value."""
        if isinstance(table, Ignore):
            return table
        if not isinstance(table, Mapping):
            raise UsageError(f"{where}: it is a table with {', '.join(NEEDED)} and one of {', '.join(PATTERNS)}")
        unknown = sorted(set(table) - {*PATTERNS, *NEEDED})
        if unknown:
            raise UsageError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join((*PATTERNS, *NEEDED))}")
        texts = {name: _text(table, name, where) for name in ("reason", "owner", "finding", "resource", "host", "kind")}
        for name in ("reason", "owner"):
            if not texts[name]:
                raise UsageError(f"{where}: {name} is missing: an exception has a reason, an owner and an end")
        if not any(table.get(name) not in (None, "") for name in PATTERNS):
            raise UsageError(f"{where}: nothing says what to ignore: give one of {', '.join(PATTERNS)}")
        ports, protocol = _port(table.get("port"), where)
        return cls(
            reason=texts["reason"] or "",
            owner=texts["owner"] or "",
            until=_day(table.get("until"), where),
            finding=texts["finding"],
            resource=texts["resource"],
            host=texts["host"],
            ports=ports,
            protocol=protocol,
            kind=_kind(texts["kind"], where),
        )

    def matches(self, finding: Finding) -> bool:
        """Whether this exception is about the finding, expired or not."""
        return (
            self.finding in (None, finding.id)
            and self.kind in (None, finding.kind)
            and self.protocol in (None, finding.protocol)
            and (self.ports is None or (bool(finding.ports) and not finding.ports - self.ports))
            and (self.resource is None or _like(self.resource, finding.owner))
            and (self.host is None or _like(self.host, finding.address) or _like(self.host, finding.name))
        )

    def __str__(self) -> str:
        """What it ignores, and whose it is: `kind passable, port 22 (ann, until 2027-01-31)`."""
        port = None if self.ports is None else f"{self.ports}{f'/{self.protocol}' if self.protocol else ''}"
        given = {"finding": self.finding, "resource": self.resource, "host": self.host, "port": port, "kind": self.kind and self.kind.value}
        what = ", ".join(value if name == "finding" else f"{name} {value}" for name, value in given.items() if value)
        return f"{what} ({self.owner}, until {self.until})"


def ignores_of(tables: Any) -> tuple[Ignore, ...]:
    """All exceptions of a configuration file's `[[ignore]]`, or of the keyword. UsageError names the one that is wrong."""
    if tables is None:
        return ()
    if isinstance(tables, (str, Mapping)) or not isinstance(tables, Iterable):
        raise UsageError("ignore must be a list of tables: write [[ignore]] in double brackets")
    return tuple(Ignore.of(table, f"[[ignore]] number {number}") for number, table in enumerate(tables, 1))


def without_ignored(report: DriftReport, ignores: Sequence[Ignore], today: date, settings: JudgeSettings) -> DriftReport:
    """The report with its exceptions applied, and judged again. Pure.

    What is ignored stands in `ignored`; an expired exception leaves the finding, which says so; one without a match is a
    remark. What wasn't learnt stays as it is: no exception makes an incomplete run complete.
    """
    if not ignores:
        return report
    kept, ignored = [], []
    for finding in report.findings:
        mine = [item for item in ignores if item.matches(finding)]
        valid = next((item for item in mine if item.until >= today), None)
        if valid is None:
            kept.append(_ended(finding, mine) if mine else finding)
        else:
            shown = {"reason": valid.reason, "owner": valid.owner, "until": valid.until.isoformat()}
            ignored.append({**finding.to_dict(), "ignored": shown})
    unused = tuple(
        f"the exception for {item} matches no finding of this run: remove it, if that is gone for good"
        for item in ignores
        if not any(item.matches(finding) for finding in report.findings)
    )
    verdict, exit_code, more = decide(kept, report.undetermined, report.coverage, settings)
    return evolve(
        report,
        verdict=verdict,
        exit_code=exit_code,
        findings=tuple(kept),
        undetermined=report.undetermined + more,
        ignored=(*report.ignored, *ignored),
        notes=(*report.notes, *unused),
    )


def _ended(finding: Finding, expired: Sequence[Ignore]) -> Finding:
    last = max(expired, key=lambda item: item.until)
    said = f"It was ignored until {last.until} ({last.owner}: {last.reason}); that exception has ended."
    return evolve(finding, explanation=f"{said} {finding.explanation}")


def _like(pattern: str, name: str | None) -> bool:
    # `aws_instance.web[0]` is an address before it is a pattern with a character class.
    return name is not None and (name == pattern or fnmatchcase(name, pattern))


def _text(table: Mapping[str, Any], name: str, where: str) -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{where}: {name} must be a text")
    return (value or "").strip() or None


def _day(value: Any, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if value in (None, ""):
        raise UsageError(f"{where}: until is missing: an exception has an end, such as until = 2027-01-31")
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"{where}: until is {value!r}, which is no date; such as 2027-01-31") from None


def _port(value: Any, where: str) -> tuple[PortSet | None, str | None]:
    if value in (None, ""):
        return None, None
    text, slash, protocol = str(value).partition("/")
    try:
        ports = PortSet.parse(text)
    except ValueError:
        ports = PortSet()
    if not ports or isinstance(value, bool) or (slash and protocol not in ("tcp", "udp")):
        raise UsageError(f"{where}: port is {value!r}; such as 8080, 8000-8010 or 53/udp")
    return ports, protocol or None


def _kind(text: str | None, where: str) -> FindingKind | None:
    try:
        return None if text is None else FindingKind(text)
    except ValueError:
        raise UsageError(f"{where}: kind is {text!r}; it is one of {', '.join(kind.value for kind in FindingKind)}") from None
