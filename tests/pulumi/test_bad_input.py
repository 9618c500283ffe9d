"""What can't be judged is one sentence and exit code 2 on the command line, never a pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import iacdrift, refused

EXPORT = json.loads((Path(__file__).parents[1] / "data" / "pulumi" / "edge-and-bastion" / "export.json").read_text())
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:hidden:hidden"}
PENDING = [{"type": "creating", "resource": {}}]


def network(**changed: Any) -> dict[str, Any]:
    return {"network": {"schema": "iacdrift/expectation/1", "host": "127.0.0.1", "open": ["443/tcp"], **changed}}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (EXPORT | {"version": 2}, "an export of version 2; 3 and 4 are read"),
        (EXPORT | {"deployment": EXPORT["deployment"] | {"pending_operations": PENDING}}, "1 pending operation"),
        (network(host=SECRET), "host: it is a secret"),
        (network(schema="iacdrift/expectation/9"), "iacdrift/expectation/9"),
        (network(hosts="127.0.0.1"), "hosts: unknown key"),
        ({"url": "https://shop"}, "holds no expectation"),
    ],
    ids=["version 2", "pending", "encrypted", "another schema", "unknown key", "no expectation"],
)
def test_it_is_one_sentence(tmp_path: Path, content: dict[str, Any], sentence: str) -> None:
    file = tmp_path / "stack.json"
    file.write_text(json.dumps(content))
    said = refused(iacdrift("check", "--from", f"pulumi:{file}", "--vantage", "internet"))
    assert sentence in said
    assert "hidden" not in said
