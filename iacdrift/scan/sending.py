"""How fast one Nmap sends from this machine: measured on the sweeps of a run, and kept for the next one.

A forced rate that can't be reached makes the estimate wrong, and Nmap so busy with sending that it loses answers. The
loopback is no measure for it: there the machine answers itself as well.
"""

from __future__ import annotations

import json
from pathlib import Path

from platformdirs import user_cache_path

from iacdrift.scan.job import Job

ALWAYS = 20_000
"""Packets a second that are never put in question: a machine that is busy for once must not be slow for ever."""
_LONG = 2.0
"""Seconds of sending below which starting and waiting would be measured."""
_ROOM = 1.25
"""So much more than was reached before is tried, so that the figure can grow."""


def sent_a_second(job: Job, packets: int | None, seconds: float) -> int | None:
    """What this job reached, where it was to be as fast as it could; None where it says nothing about the machine."""
    forced = job.pace.min_rate
    if forced is None or forced <= ALWAYS or packets is None or packets < _LONG * forced or seconds <= 0:
        return None
    return round(packets / seconds)


def within_reach(rate: int, kept: int | None) -> int:
    """The rate, or what one process can send here if that is less."""
    return rate if kept is None else min(rate, max(ALWAYS, round(kept * _ROOM)))


def kept_speed(path: Path | None = None) -> int | None:
    """What an earlier run reached; None where nothing is kept or it can't be read."""
    try:
        found = json.loads((path or _file()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    speed = found.get("packets_per_second") if isinstance(found, dict) else None
    return speed if isinstance(speed, int) and not isinstance(speed, bool) and speed > 0 else None


def keep_speed(speed: int, path: Path | None = None) -> None:
    """Keep it if it is the most so far. A directory that can't be written is no reason to fail: it is measured again."""
    path = path or _file()
    if speed <= (kept_speed(path) or 0):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"packets_per_second": speed}), encoding="utf-8")
    except OSError:
        return


def _file() -> Path:
    return user_cache_path("iacdrift") / "sending.json"
