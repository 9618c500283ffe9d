"""Templates of alerts: plain names in braces, nothing that could reach into an object; every value is one safe line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType

from iacdrift.errors import UsageError
from iacdrift.outputs.safe import safe

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "event": "new, worse, resolved, incomplete or complete",
        "severity": "critical, high, medium, low or note; of incomplete runs high",
        "kind": "the kind of finding, such as exposed",
        "target": "what is watched",
        "count": "how many findings have this cause",
        "protocol": "tcp or udp",
        "ports": "ports, such as 8080",
        "hosts": "where, a few of them",
        "resource": "what in the code decides",
        "at": "its file and line",
        "explanation": "what was seen, of the first finding",
        "finding": "the id of the first finding",
        "report": "the number of the report in the history",
        "time": "when the report was finished",
        "summary": "all of it in one line",
    }
)
SUBJECT = "[iacdrift] {summary}"
BODY = """{summary}

{explanation}

target:  {target}
where:   {hosts}
decides: {resource} {at}
finding: {finding}
report:  {report}, {time}
"""

_CALLS = re.compile(r"(?<=[@<])(?=everyone|here|channel|all|[!@#])", re.IGNORECASE)
"""Where a chat service would take a name from the network for a call to everybody (`@everyone`, `<!channel>`)."""


def checked(template: str, what: str) -> str:
    """The template itself. UsageError where it names a field that there isn't, or more than a name."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise UsageError(f"{what}: {error}; a brace itself is written twice") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in FIELDS or form or conversion):
            raise UsageError(f"{what}: {{{name}}} is no field; known are {', '.join(FIELDS)}")
    return template


def filled(template: str, values: Mapping[str, object]) -> str:
    """The text. Values are hostile (banners, names); the template's own line breaks stay, those of values don't."""
    return "".join(literal + ("" if name is None else shown(values.get(name, ""))) for literal, name, _, _ in Formatter().parse(template))


def shown(value: object) -> str:
    """One safe line that calls nobody."""
    return _CALLS.sub(" ", safe(value, 1000))
