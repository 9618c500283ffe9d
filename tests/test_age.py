"""How old the record is: each kind of source says when it was written, the report says how long that was before the run."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from iacdrift import expected_surface
from iacdrift.drift.report import DriftReport, Verdict
from iacdrift.errors import SourceError
from iacdrift.outputs.registry import render
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.vantage import Vantage

DATA = Path(__file__).parent / "data"
OLD = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
WEB, PULUMI = DATA / "terraform" / "web-tier", DATA / "pulumi" / "edge-and-bastion"


def aged(tmp_path: Path, source: Path, kind: str = "") -> str:
    """A copy that was last written long ago."""
    path = tmp_path / source.name
    path.write_bytes(source.read_bytes())
    os.utime(path, (OLD.timestamp(), OLD.timestamp()))
    return f"{kind}{path}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (WEB / "terraform.tfstate", OLD.isoformat()),  # the file's time: a state says none
        (DATA / "terraform" / "edge-and-bastion" / "noop-plan.json", None),  # the plan's own timestamp
        (PULUMI / "export.json", "2026-11-22T17:32:50.479034223Z"),  # the time of the stack's last operation
        (PULUMI / "checkpoint.json", "2026-11-22T17:32:50.479034223Z"),
        (PULUMI / "preview-clean.json", OLD.isoformat()),
        (DATA / "cloudformation" / "web-tier" / "template.yaml", OLD.isoformat()),
    ],
)
def test_every_kind_says_when_it_was_written_and_is_refused_when_old(source: Path, said: str | None, tmp_path: Path) -> None:
    expected = said or json.loads(source.read_text())["timestamp"]
    named = aged(tmp_path, source)
    [info] = read_sources([named]).sources
    assert info.written_at == expected
    with pytest.raises(SourceError, match=r"was written .* ago, and --max-age allows 0 seconds"):
        expected_surface(named, vantage="internet", max_age=0.0)
    expected_surface(named, vantage="internet", max_age=1e10)


def test_interfaces_of_a_file_and_a_live_preview_have_an_age_too(tmp_path: Path) -> None:
    path = tmp_path / "interfaces.json"
    path.write_text('{"NetworkInterfaces": []}')
    assert read_sources([aged(tmp_path, WEB / "terraform.tfstate"), path]).sources[1].written_at
    preview = json.loads((PULUMI / "preview-clean.json").read_text())
    [info] = read_sources([preview]).sources
    modified = {step["oldState"]["modified"] for step in preview["steps"] if "oldState" in step}
    assert info.written_at == max(modified), "no file tells it: when the stack was last recorded does"


def report(written: str | None, started: str = "2026-05-02T12:00:00+00:00") -> DriftReport:
    sources = (SourceInfo("tfstate", "terraform.tfstate", written_at=written),)
    return DriftReport(Verdict.IN_SYNC, 0, started, started, Vantage.parse("internet"), sources=sources)


@pytest.mark.parametrize(
    ("written", "seconds", "words"),
    [
        ("2026-04-29T12:00:00Z", 259200, "written 2026-04-29T12:00:00Z (3 days before)"),
        ("2026-05-02T11:55:00Z", 300, "(5 minutes before)"),
        ("2026-05-02T13:55:00Z", None, "written 2026-05-02T13:55:00Z\n"),
        (None, None, "terraform.tfstate\n"),
    ],
)
def test_the_report_says_how_old_the_record_is(written: str | None, seconds: int | None, words: str) -> None:
    told: dict[str, Any] = report(written).to_dict()
    [source] = told["sources"]
    assert source.get("age_seconds") == seconds
    assert words in render(report(written), "text")
