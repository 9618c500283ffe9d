"""What the docs must say: every option of the commands, and every field of the JSON that they write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from iacdrift.cli import cli
from iacdrift.drift.cloud_api import Changed, CloudApi
from iacdrift.drift.figure import SilenceCoverage
from iacdrift.drift.matrix import DriftMatrix
from iacdrift.drift.report import Coverage
from iacdrift.history import listing
from iacdrift.model.ports import PortSet
from iacdrift.scan.machine import Nmap
from iacdrift.scan.plan import plan_scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.observed import Answer, Certificate, Evidence
from tests.command import ROOT
from tests.drift.scenes import host, surface
from tests.outputs import reports

CHANGED = Changed("ann", "2026-01-14T03:04:05Z", "console", "sg-1", "e", "s")
GOLDEN = ROOT / "tests" / "golden"


@cache
def text(*names: str) -> str:
    """These pages, or README and all pages."""
    pages = [ROOT / name for name in names] or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return "\n".join(page.read_text() for page in pages)


def test_every_option_of_every_command_is_in_the_docs() -> None:
    missing = [
        f"{name} {option}"
        for name, command in cli.all_commands().items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
        if option.startswith("--") and not re.search(rf"{option}(?![a-z-])", text())
    ]
    assert missing == []


def fields(document: Any) -> Iterator[str]:
    """Every name in it, however deep; `cells` are named by their vantages."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from fields(list(value.values()) if name == "cells" else value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from fields(value)


def documents() -> dict[str, Any]:
    """One of each shape, with what is there only sometimes."""
    goldens = {
        name: json.loads((GOLDEN / f"{name}.json").read_text()) for name in ("report-drift", "report-incomplete", "surface", "preview")
    }
    nmap = Nmap("/usr/bin/nmap", (7, 93), True, PortSet.single(443), PortSet.single(53))
    drift = reports.drift()
    return goldens | {
        "scan plan": plan_scan(surface(host()), ScanSettings(ports="443", families=(4,)), nmap).to_dict(),
        "matrix": DriftMatrix.of({"office": drift}).to_dict(),
        "silence": {"silence": Coverage(silence=SilenceCoverage(0.1, 1, 0, 2, 0.0, 1, ("198.51.100.1",))).to_dict()},
        "answer": Answer(
            Evidence.OPEN, "", "198.51.100.1", 64, version="1", tunnel="ssl", certificate=Certificate((), None, None)
        ).to_dict(),
        "cloud": CloudApi(True, "", CHANGED, CHANGED, ("sgr-1",), "why").to_dict(),
        "history": dict.fromkeys((*listing._REPORT[1:], *listing._FINDING, *listing._LATER)),
        "resolved": dict.fromkeys(
            ("carried", "resolved", "settled", "in_code", "same_host", "way", "ended", "new", "first_seen", "ignored", "until")
        ),
    }


@pytest.mark.parametrize("name", documents())
def test_every_field_of_the_json_is_described(name: str) -> None:
    page = text("docs/json.md")
    assert sorted({field for field in fields(documents()[name]) if f"`{field}`" not in page}) == []


def test_every_schema_is_described() -> None:
    written = {
        found
        for path in (ROOT / "iacdrift").rglob("*.py")
        for found in re.findall(r"\"(iacdrift/[a-z-]+/1)\"", Path(path).read_text(encoding="utf-8"))
    }
    inner = {"iacdrift/journal/1", "iacdrift/resources/1"}  # read and written by iacdrift alone
    assert "iacdrift/report/1" in written
    assert {schema for schema in written - inner if f"`{schema}`" not in text("docs/json.md")} == set()
