"""The door between a report's texts and a page: everything in `{{ }}` is made safe once, then escaped once."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from iacdrift.drift.wording import few
from iacdrift.outputs.safe import safe, safe_lines

_FILES = files("iacdrift.outputs") / "html_page"
TEMPLATES = ("page.html.j2", "body.html.j2", "matrix.html.j2", "parts.html.j2")
_JOINTS = re.compile(r"(?<=[./])(?=[A-Za-z_])")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")
SHORT, LONG = 120, 1500
"""Characters of what stands in a line with others, and of a finding's sentences; every other text is cut where `safe` cuts it."""


@cache
def environment() -> Environment:
    """The templates, with escaping switched on for all of them."""
    made = Environment(
        loader=DictLoader({name: static(name) for name in TEMPLATES}),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Our own files, whose hashes the policy names: nothing of a report is in them.
    made.globals.update(style=Markup(static("page.css")), script=Markup(static("page.js")))  # noqa: S704
    made.filters.update(lines=lines, few=few, long=_long, short=_short, whole=_whole, parted=_parted, when=_when)
    return made


@cache
def static(name: str) -> str:
    """The text of a file that comes with the package."""
    return (_FILES / name).read_text(encoding="utf-8")


def lines(text: str) -> Markup:
    """A text of our own making (a command, a block of code) with its line breaks, each line made safe, none cut."""
    return Markup("\n").join(escape(line) for line in safe_lines(text))


def _long(text: str) -> Markup:
    return escape(safe(text, LONG))


def _short(text: str | None) -> Markup:
    return escape("" if text is None else safe(text, SHORT))


def _parted(text: str | None) -> Markup:
    """A text with names of resources, which may be parted behind dots and slashes where a line is too short for them."""
    return Markup("<wbr>").join(escape(part) for part in _JOINTS.split(safe(text or "")))


def _when(text: str | None) -> Markup:
    """A time as people write it: `2026-01-14 03:05:06 UTC`; anything else as it is."""
    found = _TIME.fullmatch(text or "")
    return escape(f"{found[1]} {found[2]} UTC" if found else safe(text or ""))


def _whole(text: str) -> Markup:
    """Text of our own making that must not be cut: a policy, a list of boxes."""
    return escape(safe(text, None))


def policy(*, live: bool = False) -> str:
    """The content security policy: nothing but this style and this script; a live page may ask its own server."""
    parts = [
        "default-src 'none'",
        f"style-src {_hash('page.css')}",
        f"script-src {_hash('page.js')}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*parts, "connect-src 'self'"] if live else parts)


def _hash(name: str) -> str:
    return f"'sha256-{b64encode(sha256(static(name).encode()).digest()).decode()}'"


def _shown(value: object) -> object:
    """What `{{ }}` writes: markup that the templates made themselves as it is, everything else as one safe line."""
    if value is None:
        return ""
    return value if isinstance(value, Markup) else safe(value)
