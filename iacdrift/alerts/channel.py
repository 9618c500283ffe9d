"""`[[alert]]` tables of the configuration file: where alerts go, and which ones."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from attrs import evolve, frozen

from iacdrift.alerts.quiet import Quiet
from iacdrift.alerts.secret import Secret, secret_of
from iacdrift.alerts.template import BODY, SUBJECT, checked
from iacdrift.drift.report import Severity
from iacdrift.errors import UsageError

EVENTS = ("new", "worse", "resolved", "incomplete")
"""`incomplete` stands for `complete` too, which ends it."""

_PLACES = ("url", "url_env", "url_file", "webhook", "webhook_env", "webhook_file", "secret_env", "secret_file")
_KEYS = (*_PLACES, "name", "severity", "targets", "events", "quiet", "timezone", "incomplete_after", "subject", "body")


@frozen(slots=True)
class Channel:
    """One receiver. `url`: any that apprise understands; or `webhook`, signed with `secret` where there is one.

    `severity`: the mildest that it wants; `targets`: patterns of names, empty for all; `incomplete_after`: runs in a row, None
    for never.
    """

    name: str
    url: Secret | None = None
    webhook: Secret | None = None
    secret: Secret | None = None
    severity: Severity = Severity.LOW
    targets: tuple[str, ...] = ()
    events: tuple[str, ...] = EVENTS
    quiet: Quiet | None = None
    incomplete_after: int | None = 3
    subject: str = SUBJECT
    body: str = BODY

    def wants(self, event: str, severity: Severity, target: str) -> bool:
        """Whether such an alert is for it."""
        wanted = "incomplete" if event == "complete" else event
        named = not self.targets or any(fnmatchcase(target, pattern) for pattern in self.targets)
        return wanted in self.events and severity.at_least(self.severity) and named


def channels_of(tables: object) -> tuple[Channel, ...]:
    """All channels, in the file's order. UsageError names the table and the key that has no meaning."""
    if tables is None:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise UsageError("alerts are written as [[alert]] with url_env, url or webhook below it")
    channels = tuple(_named_channel(table, number) for number, table in enumerate(tables, start=1))
    names = [channel.name for channel in channels]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"[[alert]] {twice}: two alerts have this name; give them names of their own")
    return channels


def _named_channel(table: Mapping[str, Any], number: int) -> Channel:
    written = {str(key).replace("-", "_"): value for key, value in table.items()}
    name = written.get("name", written.get("url_env", written.get("webhook_env", f"alert-{number}")))
    if not isinstance(name, str) or not name:
        raise UsageError(f"[[alert]] number {number}: name must be a text")
    try:
        return _channel(name, written)
    except UsageError as error:
        raise UsageError(f"[[alert]] {name}: {error}") from None


def _channel(name: str, table: Mapping[str, Any]) -> Channel:
    for key in table:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            more = "; a secret is named by secret_env or secret_file" if key == "secret" else f"; is {near[0]!r} meant?" if near else ""
            raise UsageError(f"unknown key {key!r}{more or '; known are ' + ', '.join(_KEYS)}")
    url, webhook = secret_of(table, "url", plain=True), secret_of(table, "webhook", plain=True)
    secret = secret_of(table, "secret", plain=False)
    if (url is None) == (webhook is None):
        raise UsageError("give one of url (apprise) and webhook, or url_env, url_file, webhook_env, webhook_file")
    if secret is not None and webhook is None:
        raise UsageError("a secret signs a webhook: give webhook instead of url")
    made = Channel(name, url, webhook, secret)
    return evolve(made, quiet=_quiet(table), **_filters(table), **_texts(table))


def _filters(table: Mapping[str, Any]) -> dict[str, Any]:
    severities = [severity.value for severity in Severity]
    severity = table.get("severity", "low")
    if severity not in severities:
        raise UsageError(f"severity = {severity!r}: it is one of {', '.join(severities)}")
    events = _names(table, "events") or EVENTS
    for event in events:
        if event not in EVENTS:
            raise UsageError(f"events: {event!r} is none of {', '.join(EVENTS)}")
    after = table.get("incomplete_after", 3)
    if isinstance(after, bool) or not isinstance(after, int) or after < 0:
        raise UsageError("incomplete_after must be a number of runs, 0 for never")
    return {
        "severity": Severity(severity),
        "events": tuple(events),
        "targets": _names(table, "targets"),
        "incomplete_after": after or None,
    }


def _names(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(item, str) and item for item in values):
        raise UsageError(f"{key} must be a text or a list of texts")
    return tuple(values)


def _quiet(table: Mapping[str, Any]) -> Quiet | None:
    hours, zone = table.get("quiet"), table.get("timezone", "UTC")
    if not isinstance(zone, str):
        raise UsageError("timezone must be a text, such as Europe/Berlin")
    if hours is None:
        return None
    if not isinstance(hours, str):
        raise UsageError("quiet must be a text, such as 22:00-07:00")
    return Quiet.parse(hours, zone)


def _texts(table: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: table[key] for key in ("subject", "body") if key in table}
    for key, value in given.items():
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{key} must be a text")
    return {key: checked(value, key) for key, value in given.items()}
