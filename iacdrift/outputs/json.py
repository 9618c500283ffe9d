"""JSON as promised in interfaces: whatever has a `to_dict`."""

from __future__ import annotations

import json
from typing import Any

from iacdrift.outputs.safe import safe_json


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """Indented ASCII JSON and a line break; `color` and `width` change nothing."""
    return safe_json(json.dumps(value.to_dict(), indent=2)) + "\n"
