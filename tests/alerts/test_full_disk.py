"""A disk that is full, for real: nothing stored is lost, nothing is sent that can't be marked, at most one alert comes twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.alerts.on_a_full_disk import ALERTS
from tests.history.small_disk import in_a_small_disk, small_disk


def told(directory: Path, what: str) -> dict[str, Any]:
    done = in_a_small_disk(directory, f"python3 -m tests.alerts.on_a_full_disk {what}\n")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@small_disk
def test_the_outbox(tmp_path: Path) -> None:
    found = told(tmp_path, "outbox")
    assert "the disk is full; what it held is safe" in found["full"]
    assert (found["sent while full"], found["waiting while full"]) == (0, {"waiting": ALERTS})
    assert "the disk is full" in found["full again"]
    assert found["sent until then"] == 10
    assert found["sent in the end"] == ALERTS - 9, "the tenth couldn't be marked, and is sent once more"
    assert found["left"] == {}
    every = [f"{n:032x}" for n in range(ALERTS)]
    assert found["arrived"] == [*every[:10], *every[9:]]


@small_disk
def test_the_watch(tmp_path: Path) -> None:
    found = told(tmp_path, "watch")
    assert "the disk is full; what it held is safe; the report is shown, but isn't kept, and no alert was queued" in found["said"][1]
    assert found["shown while full"] == 1
    assert not found["lost"]
    assert found["reports"] == 3
    assert found["arrived"] == ["new"], "what opened while the disk was full is told once, by the first look that can be kept"
