"""`[watch]` of the configuration file, and when each target is looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from attrs import frozen

from iacdrift.alerts.secret import Secret, secret_of
from iacdrift.errors import UsageError
from iacdrift.model.moment import span
from iacdrift.targets import SCHEDULE, Target

_KEYS = (*SCHEDULE, "packets-per-hour", "packets-per-day", "serve", "hosts", "token-env", "token-file")
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw]?)")
_EVERY, _FULL_EVERY, _FULL_PORTS = "15m", "1d", "all"
SHORTEST = 1.0


@frozen(slots=True)
class Schedule:
    """When a target is looked at. `seconds`: between two looks, about; `full`: None where never all of it is asked."""

    often: BaseTrigger
    seconds: float
    full: BaseTrigger | None
    full_ports: str
    full_seconds: float = 86400.0


@frozen(slots=True)
class WatchSettings:
    """What holds for the whole watch. Packets: None for no limit. `serve`: `ADDRESS:PORT`; `hosts`: further names in its Host header."""

    defaults: Mapping[str, Any]
    packets_per_hour: int | None = None
    packets_per_day: int | None = None
    serve: str | None = None
    hosts: tuple[str, ...] = ()
    token: Secret | None = None

    @classmethod
    def of(cls, table: object) -> WatchSettings:
        """From the table. UsageError names the key that has no meaning."""
        if table is None:
            return cls({})
        if not isinstance(table, Mapping):
            raise UsageError('[watch] must be a table, such as: [watch] and below it every = "10m"')
        given = {str(key).replace("_", "-"): value for key, value in table.items()}
        for key in given:
            if key not in _KEYS:
                near = get_close_matches(key, _KEYS, n=1)
                raise UsageError(
                    f"[watch]: unknown key {key!r}" + (f"; is {near[0]!r} meant?" if near else f"; known are {', '.join(_KEYS)}")
                )
        hosts = given.get("hosts", [])
        if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
            raise UsageError("[watch]: hosts must be a list of names")
        serve = given.get("serve")
        if serve is not None and not isinstance(serve, str):
            raise UsageError("[watch]: serve must be a text, such as 127.0.0.1:8765")
        token = secret_of({key.replace("-", "_"): value for key, value in given.items()}, "token", plain=False)
        limits = (_number(given, "packets-per-hour"), _number(given, "packets-per-day"))
        return cls({key: given[key] for key in SCHEDULE if key in given}, *limits, serve, tuple(hosts), token)


def schedule_of(target: Target, settings: WatchSettings) -> Schedule:
    """The target's own schedule, else the watch's, else every 15 minutes and all ports once a day. UsageError names the key."""
    own = target.schedule
    given = {**settings.defaults, **own}
    # An interval of its own takes the place of the watch's cron, and the other way round.
    for one, other in (("every", "cron"), ("cron", "every")):
        if one in own and other not in own:
            given.pop(other, None)
    where = f"[[target]] {target.name}"
    if "every" in given and "cron" in given:
        raise UsageError(f"{where}: every and cron are both given: choose one")
    full_ports = given.get("full-ports", _FULL_PORTS)
    if not isinstance(full_ports, str):
        raise UsageError(f"{where}: full-ports must be a text, as --ports takes it")
    full = given.get("full-every", _FULL_EVERY)
    slow = None if full in ("never", False, 0) else _interval(where, "full-every", full, None)
    rarely = (slow, full_ports, seconds(where, "full-every", full) if slow else 0.0)
    if "cron" in given:
        return Schedule(_cron(where, given["cron"]), 3600.0, *rarely)
    every = given.get("every", _EVERY)
    return Schedule(_interval(where, "every", every, given.get("jitter")), seconds(where, "every", every), *rarely)


def seconds(where: str, key: str, value: object) -> float:
    """`90`, `15m`, `12h`, `7d`. UsageError for anything else, and for less than a second."""
    match = _DURATION.fullmatch(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    found = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if found < SHORTEST:
        raise UsageError(f"{where}: {key} = {value!r} is no duration of a second or more, such as 90, 15m, 12h, 7d")
    return found


def _interval(where: str, key: str, value: object, jitter: object) -> IntervalTrigger:
    length = seconds(where, key, value)
    # Short intervals promise how soon something is seen; long ones are spread, so that targets don't all begin at once.
    spread = length * 0.05 if length >= 60 else 0.0
    if jitter is not None:
        spread = 0.0 if jitter == 0 else seconds(where, "jitter", jitter)
    return IntervalTrigger(seconds=length, jitter=min(spread, length / 2) or None, timezone="UTC")


def _cron(where: str, text: object) -> CronTrigger:
    try:
        return CronTrigger.from_crontab(str(text), timezone="UTC")
    except ValueError as error:
        raise UsageError(f"{where}: cron = {text!r}: {error}; five fields, in UTC, such as */10 * * * *") from None


def _number(given: Mapping[str, Any], key: str) -> int | None:
    value = given.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise UsageError(f"[watch]: {key} must be a number of packets")
    return value


_CRONTAB = ("minute", "hour", "day", "month", "day_of_week")


def told(trigger: BaseTrigger | None) -> str:
    """When it looks, for people: `every 10 minutes`, a crontab's five fields, or `never`."""
    if isinstance(trigger, IntervalTrigger):
        return f"every {span(trigger.interval.total_seconds())}"
    if isinstance(trigger, CronTrigger):
        fields = {field.name: str(field) for field in trigger.fields}
        return f"{' '.join(fields[name] for name in _CRONTAB)} (cron, UTC)"
    return "never"
