"""Every format by its name, and the one way to render anything: `render(value, "text")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from iacdrift.errors import UsageError

Renderer = Callable[..., str]
"""Called as `renderer(value, color=bool, width=int)`; the text ends with a line break."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "text": "iacdrift.outputs.text:render",
        "json": "iacdrift.outputs.json:render",
        "markdown": "iacdrift.outputs.markdown:render",
        "mermaid": "iacdrift.outputs.mermaid:render",
        "dot": "iacdrift.outputs.dot:render",
        "svg": "iacdrift.outputs.svg:render",
        "junit": "iacdrift.outputs.junit:render",
        "sarif": "iacdrift.outputs.sarif:render",
        "github": "iacdrift.outputs.github:render",
        "gitlab": "iacdrift.outputs.gitlab:render",
        "events": "iacdrift.outputs.events:render",
        "prometheus": "iacdrift.outputs.prometheus:render",
        "html": "iacdrift.outputs.html:render",
    },
)


def render(value: Any, format: str, *, color: bool = False, width: int = 100) -> str:  # noqa: A002 - it is the option's name
    """A report, an expected surface, an explanation or a scan plan as text of this format. UsageError for an unknown one."""
    return _renderer(format)(value, color=color, width=width)


def _renderer(name: str) -> Renderer:
    try:
        module, function = FORMATS[name].split(":")
    except KeyError:
        raise UsageError(f"--format {name!r}: it is one of {', '.join(sorted(FORMATS))}") from None
    renderer: Renderer = getattr(import_module(module), function)
    return renderer
