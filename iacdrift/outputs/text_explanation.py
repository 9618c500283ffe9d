"""The way of one packet for people: stage by stage, what decides and where it stands in the code."""

from __future__ import annotations

from typing import Any

from iacdrift.outputs.canvas import Canvas
from iacdrift.outputs.text_surface import place
from iacdrift.surface.expected import ExpectedHost
from iacdrift.surface.vantage import Vantage

_STYLE = {"admitted": "green", "blocked": "red", "unknown": "yellow"}


def draw_explanation(canvas: Canvas, explanation: Any) -> None:
    """Draws an explanation: `.vantage`, `.host`, `.protocol`, `.port`, `.expectation`, `.steps` with `.stage`, `.answer`, `.because`."""
    packet = f"{explanation.protocol}/{explanation.port}"
    canvas.line((f"{packet} to {_host(explanation.host)}", "bold"), f" from {_vantage(explanation.vantage)}", hang=2)
    canvas.line("expected: ", (_word(explanation.expectation), "bold"))
    for number, step in enumerate(explanation.steps, 1):
        answer = _word(step.answer)
        canvas.line(f"{number}. {_word(step.stage)}: ", (answer, _STYLE.get(answer, "")), indent=2, hang=3)
        canvas.because(step.because, 5)


def _word(value: Any) -> str:
    """The text of an enum member, or of a text."""
    return str(getattr(value, "value", value))


def _host(host: Any) -> str:
    if isinstance(host, ExpectedHost):
        return f"{host.address or host.name or host.status.value} ({host.owner})"
    return str(host)


def _vantage(vantage: Any) -> str:
    return place(vantage) if isinstance(vantage, Vantage) else str(vantage)
