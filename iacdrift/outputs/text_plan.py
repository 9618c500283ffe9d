"""A scan plan for people: what would be sent, to whom, and how long that takes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from iacdrift.outputs.canvas import Canvas

_DRAWN = ("schema", "nmap", "scan_type", "packets_per_second", "targets", "jobs", "packets", "seconds")


def draw_plan(canvas: Canvas, plan: Any) -> None:
    """Draws whatever has a `to_dict` of `iacdrift/scan-plan/1`: one Nmap command line a job, then the rest of what it says."""
    shown: Mapping[str, Any] = plan.to_dict()
    jobs = shown.get("jobs") or ()
    runs = _plural(len(jobs), "Nmap run")
    hosts = _plural(len(shown.get("targets") or ()), "host")
    canvas.line((runs, "bold"), f" on {hosts}: {_spent(shown)}{_scanner(shown)}", hang=2)
    for number, job in enumerate(jobs, 1):
        canvas.gap()
        canvas.line((f"{number}. {_title(job)}", "bold"), hang=3)
        canvas.line(_command(job), indent=3, hang=2)
    for name, value in shown.items():
        if name not in _DRAWN and value:
            _rest(canvas, name, value)


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _spent(shown: Mapping[str, Any]) -> str:
    return f"{_plural(shown.get('packets', 0), 'packet')}, about {shown.get('seconds', 0):,} seconds"


def _scanner(shown: Mapping[str, Any]) -> str:
    told = (
        f"Nmap {shown['nmap']}" if shown.get("nmap") else "",
        f"{shown['scan_type']} scan" if shown.get("scan_type") else "",
        f"at most {shown['packets_per_second']:,} packets a second" if shown.get("packets_per_second") else "",
    )
    return "".join(f", {text}" for text in told if text)


def _title(job: Mapping[str, Any]) -> str:
    stage = f"{job.get('stage', 'scan')}: {job.get('scan', '')} scan".replace(":  scan", "")
    return f"{stage}, {_plural(len(job.get('targets', ())), 'target')}, {_spent(job)}"


def _command(job: Mapping[str, Any]) -> str:
    return shlex.join(str(word) for word in job.get("command", ()))


def _rest(canvas: Canvas, name: str, value: Any) -> None:
    canvas.heading(name.replace("_", " ").capitalize())
    for item in value if isinstance(value, list | tuple) else (value,):
        canvas.line(str(item), indent=2, hang=2)
