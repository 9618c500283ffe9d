"""An expected surface as a self-contained SVG: no script, no font, no network; light and dark by the viewer's choice."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from attrs import frozen

from iacdrift.outputs.diagram import Box, Card, Diagram, diagram_of

WIDE = 360
GAP = 20
LINE = 17
HEAD = 64
MOST_CHARACTERS = 50

_STYLE = """
  svg { background: #ffffff; font-family: ui-sans-serif, system-ui, sans-serif; }
  text { fill: #1f2328; font-size: 12px; } .small { font-size: 11px; fill: #59636e; } .title { font-weight: 600; }
  .box { fill: #f6f8fa; stroke: #d1d9e0; } .card { fill: #ffffff; stroke: #8c959f; } .way { stroke: #8c959f; fill: none; }
  .open { stroke: #1a7f37; } .allowed { stroke: #0969da; } .unknown { stroke: #9a6700; stroke-dasharray: 4 3; }
  .blocked { stroke: #d1d9e0; }
  text.open { fill: #1a7f37; stroke: none; } text.allowed { fill: #0969da; stroke: none; } text.unknown { fill: #9a6700; stroke: none; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #f0f6fc; } .small { fill: #9198a1; }
    .box { fill: #151b23; stroke: #3d444d; } .card { fill: #0d1117; }
    .open { stroke: #3fb950; } .allowed { stroke: #4493f8; } .unknown { stroke: #d29922; } .blocked { stroke: #3d444d; }
    text.open { fill: #3fb950; } text.allowed { fill: #4493f8; } text.unknown { fill: #d29922; }
  }
"""


@frozen(slots=True)
class _Placed:
    box: Box
    x: int
    y: int
    high: int


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """The picture; `color` and `width` change nothing. UsageError for what is no expected surface."""
    del color, width
    return "\n".join(_lines(diagram_of(value))) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    placed, wide, high = _layout(diagram)
    total = high + LINE * (len(diagram.aside) + 1) + GAP
    size = f'viewBox="0 0 {wide} {total}" width="{wide}" height="{total}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">'
    yield f'<title id="title">Expected surface from {escape(diagram.vantage)}</title>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect class="card" x="{GAP}" y="{GAP}" width="{WIDE}" height="32" rx="16"/>'
    yield _text(GAP + 16, GAP + 20, f"from {diagram.vantage}", "title")
    yield from (line for index, (kind, what) in enumerate(_LEGEND) for line in _legend(index, kind, what))
    for item in placed:
        yield from _box(item)
    for index, text in enumerate(diagram.aside):
        yield _text(GAP, high + LINE * (index + 1), text, "small", 140)
    yield "</svg>"


_LEGEND = (("open", "must answer"), ("allowed", "may answer"), ("unknown", "can't be told"))


def _legend(index: int, kind: str, what: str) -> Iterator[str]:
    x = GAP * 2 + WIDE + index * 130
    yield f'<line class="{kind}" x1="{x}" y1="{GAP + 16}" x2="{x + 24}" y2="{GAP + 16}" stroke-width="3"/>'
    yield _text(x + 30, GAP + 20, what, "small")


def _layout(diagram: Diagram) -> tuple[list[_Placed], int, int]:
    """Boxes into the shortest of up to three columns; width and height of the whole in pixels."""
    columns = [HEAD + GAP] * max(1, min(3, len(diagram.boxes)))
    placed = []
    for box in diagram.boxes:
        column = columns.index(min(columns))
        high = 44 + sum(_card_height(card) + 10 for card in box.cards)
        placed.append(_Placed(box, GAP + column * (WIDE + GAP), columns[column], high))
        columns[column] += high + GAP
    return placed, max(GAP + len(columns) * (WIDE + GAP), 2 * WIDE + 4 * GAP), max(columns)


def _card_height(card: Card) -> int:
    return 12 + LINE * (1 + len(card.addresses) + max(1, len(card.chips)) + len(card.rules))


def _box(item: _Placed) -> Iterator[str]:
    yield f'<rect class="box" x="{item.x}" y="{item.y}" width="{WIDE}" height="{item.high}" rx="6"/>'
    yield _text(item.x + 12, item.y + 18, item.box.network, "title")
    yield _text(item.x + 12, item.y + 34, item.box.subnet, "small")
    y = item.y + 44
    for card in item.box.cards:
        yield from _card(card, item.x + 10, y)
        y += _card_height(card) + 10


def _card(card: Card, x: int, y: int) -> Iterator[str]:
    yield f'<g><rect class="card {card.answers}" x="{x}" y="{y}" width="{WIDE - 20}" height="{_card_height(card)}" rx="4"/>'
    lines = [(card.title, "title"), *((address, "small") for address in card.addresses)]
    lines += [(f"{kind} {ports}", kind) for kind, ports in card.chips] or [("nothing may answer", "small")]
    lines += [(rule, "small") for rule in card.rules]
    for index, (text, style) in enumerate(lines):
        yield _text(x + 10, y + 18 + index * LINE, text, style)
    yield "</g>"


def _text(x: int, y: int, text: str, style: str, longest: int = MOST_CHARACTERS) -> str:
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f'<text class="{style}" x="{x}" y="{y}">{escape(shown)}</text>'
