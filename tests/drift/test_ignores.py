"""Exceptions take findings out of the verdict, never out of the report, and never longer than their owner said."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from attrs import evolve

from iacdrift.drift.ignores import Ignore, ignores_of, without_ignored
from iacdrift.drift.report import DriftReport, Verdict
from iacdrift.drift.settings import JudgeSettings
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from tests.outputs import reports

TODAY = date(2026, 3, 1)
SAID = {"reason": "office VPN", "owner": "ann", "until": date(2026, 3, 1)}


def after(report: DriftReport, *tables: dict[str, object], today: date = TODAY) -> DriftReport:
    return without_ignored(report, ignores_of([SAID | table for table in tables]), today, JudgeSettings())


def of_kind(report: DriftReport, kind: str) -> list[str]:
    return [item.id for item in report.findings if item.kind.value == kind]


EVERYTHING = {"resource": "*"}, {"host": "*"}


def test_an_exception_holds_to_the_end_of_its_day_and_is_counted_with_owner_and_reason() -> None:
    report = reports.drift()
    [finding] = of_kind(report, "exposed")
    found = after(report, {"finding": finding})
    assert of_kind(found, "exposed") == []
    [ignored] = found.ignored
    assert ignored["id"] == finding
    assert ignored["ignored"] == {"reason": "office VPN", "owner": "ann", "until": "2026-03-01"}
    assert len(found.findings) + len(found.ignored) == len(report.findings)
    assert found.notes == report.notes


def test_an_expired_one_is_a_finding_again_and_says_so() -> None:
    report = reports.drift()
    [finding] = of_kind(report, "exposed")
    found = after(report, {"finding": finding}, today=date(2026, 3, 2))
    assert found.ignored == ()
    [again] = [item for item in found.findings if item.id == finding]
    assert again.explanation.startswith("It was ignored until 2026-03-01 (ann: office VPN); that exception has ended.")


def test_one_that_matches_nothing_is_reported() -> None:
    found = after(reports.in_sync(), {"kind": "exposed", "port": 9})
    assert any("the exception for port 9, kind exposed (ann, until 2026-03-01) matches no finding" in note for note in found.notes)
    assert found.verdict is Verdict.IN_SYNC


def test_ignoring_everything_leaves_what_was_not_learnt() -> None:
    report = reports.drift()
    assert any(item.required for item in report.undetermined)
    found = after(report, *EVERYTHING)
    assert found.findings == ()
    assert found.undetermined == report.undetermined
    assert (found.verdict, found.exit_code) == (Verdict.INCOMPLETE, 3)


def test_ignoring_everything_of_a_complete_run_is_in_sync() -> None:
    report = evolve(reports.drift(), undetermined=())
    found = after(report, *EVERYTHING)
    assert (found.verdict, found.exit_code) == (Verdict.IN_SYNC, 0)
    assert len(found.ignored) == len(report.findings)


@pytest.mark.parametrize(
    ("table", "matches"),
    [
        ({"resource": "aws_instance.web"}, True),
        ({"resource": "aws_instance.*"}, True),
        ({"resource": "aws_instance"}, False),
        ({"host": "198.51.100.*"}, True),
        ({"host": "10.*"}, False),
        ({"port": 8080}, True),
        ({"port": "8000-8100/tcp"}, True),
        ({"port": "8080/udp"}, False),
        ({"port": 22}, False),
        ({"kind": "exposed"}, True),
        ({"kind": "passable"}, False),
        ({"kind": "exposed", "port": 22}, False),
    ],
)
def test_patterns_must_all_match(table: dict[str, object], matches: bool) -> None:
    [finding] = [item for item in reports.drift().findings if item.kind.value == "exposed"]
    assert Ignore.of(SAID | table).matches(finding) is matches


def test_a_port_pattern_never_hides_more_than_it_names() -> None:
    finding = evolve(reports.drift().findings[0], ports=PortSet.parse("22-23"))
    assert not Ignore.of(SAID | {"port": 22}).matches(finding)
    assert Ignore.of(SAID | {"port": "22-23"}).matches(finding)


def test_an_index_is_an_address_before_it_is_a_pattern() -> None:
    finding = evolve(reports.drift().findings[0], owner="aws_instance.web[0]")
    assert Ignore.of(SAID | {"resource": "aws_instance.web[0]"}).matches(finding)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"reason": ""}, "reason is missing"),
        ({"owner": " "}, "owner is missing"),
        ({"until": None}, "until is missing"),
        ({"until": "31.1.2027"}, "no date"),
        ({"until": 2027}, "no date"),
        ({"kind": "odd"}, "it is one of exposed"),
        ({"port": "http"}, "such as 8080"),
        ({"port": "22/icmp"}, "such as 8080"),
        ({"port": 70000}, "such as 8080"),
        ({"wheather": "fine"}, "unknown key 'wheather'"),
        ({"resource": 7}, "must be a text"),
        ({"resource": None}, "nothing says what to ignore"),
    ],
)
def test_a_wrong_one_is_refused_with_its_number(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as error:
        ignores_of([SAID | {"resource": "x"}, SAID | {"resource": "x"} | table])
    assert str(error.value).startswith("[[ignore]] number 2: ")


@pytest.mark.parametrize("tables", ["x", {"reason": "y"}, 7])
def test_anything_but_a_list_is_refused(tables: object) -> None:
    with pytest.raises(UsageError, match="double brackets"):
        ignores_of(tables)


def test_days_come_as_toml_dates_times_and_text() -> None:
    days = [date(2027, 1, 31), datetime(2027, 1, 31, 12), "2027-01-31"]
    assert {Ignore.of(SAID | {"kind": "exposed", "until": day}).until for day in days} == {date(2027, 1, 31)}
