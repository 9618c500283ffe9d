"""A scan plan for people: what would be sent, to whom, and how long that takes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from iacdrift.outputs.canvas import Canvas

_TOTALS = ("targets", "packets", "seconds", "packets_per_second", "scan_type")


def draw_plan(canvas: Canvas, plan: Any) -> None:
    """Draws whatever has a `to_dict` with `jobs`: one Nmap command line a job, then the rest of what it says."""
    shown: Mapping[str, Any] = plan.to_dict()
    jobs = shown.get("jobs") or ()
    canvas.line((f"{len(jobs)} Nmap run{'' if len(jobs) == 1 else 's'}", "bold"), _totals(shown), hang=2)
    for number, job in enumerate(jobs, 1):
        canvas.gap()
        canvas.line((f"{number}. {_job_title(job)}", "bold"), hang=3)
        canvas.line(_command(job), indent=3, hang=2)
    for name, value in shown.items():
        if name not in ("jobs", "schema", *_TOTALS) and value not in (None, "", [], {}, ()):
            _rest(canvas, name, value)


def _totals(shown: Mapping[str, Any]) -> str:
    told = [f"{name.replace('_', ' ')} {_number(shown[name])}" for name in _TOTALS if shown.get(name) not in (None, "", [])]
    return f": {', '.join(told)}" if told else ""


def _number(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"{len(value):,}"
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _job_title(job: Mapping[str, Any]) -> str:
    told = [f"{name.replace('_', ' ')} {_number(value)}" for name, value in job.items() if name not in ("argv", "command", "why", "ports")]
    return ", ".join([str(job["why"])] * ("why" in job) + [text for text in told if len(text) < 60])


def _command(job: Mapping[str, Any]) -> str:
    argv = job.get("argv") or job.get("command") or ()
    return argv if isinstance(argv, str) else shlex.join(str(word) for word in argv)


def _rest(canvas: Canvas, name: str, value: Any) -> None:
    canvas.heading(name.replace("_", " ").capitalize())
    items = value if isinstance(value, list | tuple) else [value]
    for item in items:
        told = ", ".join(f"{key} {_number(part)}" for key, part in item.items()) if isinstance(item, Mapping) else _number(item)
        canvas.line(told, indent=2, hang=2)
