"""The registry, the promises of the JSON, and what the views must never let through."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import iacdrift
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from iacdrift.outputs.registry import FORMATS, render
from iacdrift.outputs.safe import safe
from iacdrift.scan.machine import Nmap
from iacdrift.scan.plan import plan_scan
from iacdrift.scan.settings import ScanSettings
from tests.drift.scenes import HOLLOW, OPEN, host, judged, observed_host, surface
from tests.outputs import reports

SCHEMA = json.loads((Path(__file__).parent / "report.schema.json").read_text())
MADE = {"drift": reports.drift, "in_sync": reports.in_sync, "incomplete": reports.incomplete, "hostile": reports.hostile}


@pytest.mark.parametrize("name", MADE)
def test_the_json_keeps_its_promise(name: str) -> None:
    report = MADE[name]()
    read = json.loads(render(report, "json"))
    assert read == report.to_dict() == json.loads(report.to_json())
    Draft202012Validator(SCHEMA).validate(read)


def test_the_schema_can_fail() -> None:
    broken = reports.drift().to_dict()
    del broken["coverage"]
    assert list(Draft202012Validator(SCHEMA).iter_errors(broken))


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"one of .*json.*text"):
        render(reports.in_sync(), "yaml")
    assert set(FORMATS) >= {"text", "json"}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("width", [40, 80, 100, 140])
def test_lines_keep_to_the_width(name: str, width: int) -> None:
    text = render(MADE[name](), "text", width=width)
    assert max(map(len, text.splitlines())) <= width
    assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("name", MADE)
def test_colour_only_when_asked(name: str) -> None:
    report = MADE[name]()
    assert "\x1b" not in render(report, "text")
    assert "\x1b[" in render(report, "text", color=True)
    assert render(report, "json", color=True) == render(report, "json")


def _strip(text: str) -> str:
    """The text without the colours that rich writes (select graphic rendition, nothing else)."""
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_hostile_reaches_the_terminal(form: str, color: bool) -> None:
    text = _strip(render(reports.hostile(), form, color=color))
    assert not {character for character in text if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}
    assert "\nIN SYNC" not in text


def test_markup_in_a_name_stays_text() -> None:
    report = judged(host(owner="aws_instance.[bold]x[/bold]"), observed_host("80", ("80", OPEN)))
    assert "[bold]x[/bold]" in render(report, "text", color=True)


@given(st.text())
def test_safe_text_is_one_printable_line(text: str) -> None:
    shown = safe(text)
    assert len(shown.splitlines()) <= 1
    assert all(character.isprintable() for character in shown)
    assert len(shown) <= 400


def test_safe_text_keeps_what_people_write() -> None:
    assert safe("Grüße, 東京 ok") == "Grüße, 東京 ok"
    assert safe("\x1b[31m") == "\\x1b[31m"
    assert safe("a\u202eb\nc") == "a\\u202eb\\x0ac"
    assert safe("x" * 500).endswith("…")


def test_the_headline_claims_no_more_than_was_judged() -> None:
    two = surface(host(open="443"), host("198.51.100.8", "aws_instance.b", open="443"))
    seen = observed_host("1-100,443", ("443", OPEN), ("1-100", evolve(HOLLOW, evidence=HOLLOW.evidence.SILENT)))
    less = observed_host("443", ("443", OPEN), address="198.51.100.8")
    first = render(judged(two, seen, less), "text").splitlines()[0]
    assert first == "IN SYNC on 1 to 101 of 65,536 ports of 2 hosts"
    assert render(reports.in_sync(), "text").splitlines()[1].startswith("matches the state; not proven against the code")
    assert "IN SYNC" not in render(reports.incomplete(), "text")
    assert PortSet.parse("443")


def test_every_finding_tells_all_that_is_needed_to_act() -> None:
    report = reports.drift()
    flat = " ".join(render(report, "text", width=400).split())
    for finding in report.findings:
        assert finding.id in flat
        assert finding.reproduce in flat
        for line in (finding.way_back.revert + "\n" + finding.way_back.adopt).split("\n"):
            assert " ".join(line.split()) in flat
        for reason in finding.because:
            assert reason.resource in flat
            assert reason.at is None or reason.at in flat


def test_the_text_of_a_real_scan_plan_counts_its_hosts() -> None:
    shop = iacdrift.expected_surface(Path(iacdrift.__file__).parent / "demo" / "stack" / "plan.json", vantage="internet")
    said = render(plan_scan(shop, ScanSettings(ports="22,443"), nmap=Nmap("nmap", (7, 93), raw=True)), "text", width=200).splitlines()[0]
    assert "on 2 hosts" in said
    assert "at most 1,000 packets a second" in said
