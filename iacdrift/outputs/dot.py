"""An expected surface in Graphviz's DOT language (graphviz.org, the DOT language)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from iacdrift.outputs.diagram import Card, Diagram, diagram_of

_COLORS = {"open": "#1a7f37", "allowed": "#0969da", "unknown": "#9a6700", "blocked": "#8c959f"}
_LINES = {"open": "bold", "allowed": "solid", "unknown": "dashed"}


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """The graph; `color` and `width` change nothing. UsageError for what is no expected surface."""
    del color, width
    return "\n".join(_lines(diagram_of(value))) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    numbers = count(1)
    yield "digraph surface {"
    yield '  graph [rankdir=LR, fontname="sans-serif"];'
    yield '  node [shape=box, style="rounded", fontname="sans-serif", fontsize=10];'
    yield '  edge [fontname="sans-serif", fontsize=9];'
    yield f"  vantage [shape=oval, label={_quoted(diagram.vantage)}];"
    for index, box in enumerate(diagram.boxes):
        yield f"  subgraph cluster_{index} {{"
        yield f"    label={_quoted(box.network, box.subnet)};"
        for card in box.cards:
            yield from _card(card, f"host{next(numbers)}")
        yield "  }"
    for index, text in enumerate(diagram.aside):
        yield f"  aside{index} [shape=note, label={_quoted(text)}];"
    yield "}"


def _card(card: Card, name: str) -> Iterator[str]:
    yield f'    {name} [color="{_COLORS[card.answers]}", label={_quoted(card.title, *card.addresses, *card.rules)}];'
    for kind, ports in card.chips:
        yield f'    vantage -> {name} [style={_LINES[kind]}, color="{_COLORS[kind]}", label={_quoted(f"{kind} {ports}")}];'


def _quoted(*lines: str) -> str:
    shown = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{shown}"'
