"""An expected surface as a Mermaid flowchart, for README files and reviews (mermaid.js.org, flowchart syntax)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import count
from typing import Any

from iacdrift.outputs.diagram import Card, Diagram, diagram_of

_ARROWS = {"open": "==>", "allowed": "-->", "unknown": "-.->"}
_STYLES = (
    "classDef open fill:#dff3e4,stroke:#1a7f37,color:#0b2e13",
    "classDef allowed fill:#ddf4ff,stroke:#0969da,color:#0a3069",
    "classDef unknown fill:#fff8c5,stroke:#9a6700,color:#4d2d00",
    "classDef blocked fill:#f6f8fa,stroke:#8c959f,color:#424a53",
)


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """The flowchart; `color` and `width` change nothing. UsageError for what is no expected surface."""
    del color, width
    return "\n".join(_lines(diagram_of(value))) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    numbers, edges = count(1), list[str]()
    yield "flowchart LR"
    yield f'  vantage(["{_text(diagram.vantage)}"])'
    for index, box in enumerate(diagram.boxes):
        yield f'  subgraph box{index}["{_text(box.network)}<br/>{_text(box.subnet)}"]'
        for card in box.cards:
            name = f"host{next(numbers)}"
            yield f'    {name}["{_label(card)}"]:::{card.answers}'
            edges.extend(f'  vantage {_ARROWS[kind]}|"{_text(kind)} {_text(ports)}"| {name}' for kind, ports in card.chips)
        yield "  end"
    yield from edges
    for index, text in enumerate(diagram.aside):
        yield f'  aside{index}["{_text(text)}"]:::blocked'
    yield from (f"  {style}" for style in _STYLES)


def _label(card: Card) -> str:
    parts = [
        f"<b>{_text(card.title)}</b>",
        *(_text(address) for address in card.addresses),
        *(f"<i>{_text(rule)}</i>" for rule in card.rules),
    ]
    return "<br/>".join(parts)


def _text(text: str) -> str:
    """Text that ends no label: HTML entities, with Mermaid's own `#` and quotes as codes."""
    return escape(text, quote=False).replace("#", "#35;").replace('"', "#quot;").replace("`", "#96;")
