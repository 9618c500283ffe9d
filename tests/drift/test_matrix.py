"""Rows of several vantages: alike ports together, nothing that is blocked and silent everywhere, unknown never dropped."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from iacdrift.drift.judge import judge
from iacdrift.drift.matrix import Cell, DriftMatrix, ExpectedMatrix, Row, says
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import DriftReport
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from iacdrift.outputs.registry import render
from iacdrift.scan.portion import unseen
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts, ObservedSurface
from iacdrift.surface.vantage import Vantage

WEB = ip_address("198.51.100.7")
PORTS = PortSet.parse("22,80,8080")


def surface(vantage: str, *open_ports: int) -> ExpectedSurface:
    host = ExpectedHost("aws_instance.web", "x", WEB, tcp=ExpectedPorts(open=PortSet.of(open_ports)))
    return ExpectedSurface(Vantage.parse(vantage), (host,))


OFFICE, INTERNET = surface("203.0.113.9", 22, 80), surface("internet", 80)


def report(expected: ExpectedSurface, *open_ports: int) -> DriftReport:
    opened = PortSet.of(open_ports)
    groups = ((opened, Answer(Evidence.OPEN, confirmed=True, service="ssh")), (PORTS - opened, Answer(Evidence.SILENT)))
    seen = ObservedHost(WEB, ObservedPorts(PORTS, groups), answered_before=True, answered_after=True)
    return judge(expected, ObservedSurface({WEB: seen}))


IN_SYNC = DriftMatrix.of({"office": report(OFFICE, 22, 80), "internet": report(INTERNET, 80)})


def rows(matrix: DriftMatrix | ExpectedMatrix) -> dict[str, str]:
    return {str(row.ports): says(row, matrix.names) for row in matrix.rows}


def test_reachable_from_the_office_not_from_the_internet_as_declared() -> None:
    assert rows(IN_SYNC) == {
        "22": "reachable from office, not from internet, as declared",
        "80": "reachable from office and internet, as declared",
    }
    assert (IN_SYNC.verdict.value, IN_SYNC.exit_code) == ("in_sync", 0)


def test_a_finding_stands_in_the_cell_of_its_vantage_and_the_worst_code_wins() -> None:
    matrix = DriftMatrix.of({"office": report(OFFICE, 22, 80), "internet": report(INTERNET, 80, 8080), "branch": nobody()})
    assert (matrix.verdict.value, matrix.exit_code) == ("drift", 1)
    (row,) = [row for row in matrix.rows if 8080 in row.ports]
    assert [cell.finding for cell in row.cells[:2]] == [None, "exposed"]
    assert "not as declared from internet" in says(row, matrix.names)


def nobody() -> DriftReport:
    return judge(OFFICE, unseen(OFFICE.hosts, "nobody stands there"))


def test_a_vantage_that_nobody_stands_at_is_undetermined_and_never_as_declared() -> None:
    matrix = DriftMatrix.of({"office": nobody(), "internet": report(INTERNET, 80)})
    assert (matrix.verdict.value, matrix.exit_code) == ("incomplete", 3)
    assert rows(matrix)["22"] == "not reachable from internet, not known from office, as declared, where it could be seen"
    assert all(cell.text == "undetermined, open in the code" for row in matrix.rows for cell in row.cells[:1])
    silent = Row("a", None, None, "tcp", PORTS, (Cell("open", "undetermined"), Cell("blocked", "undetermined")))
    assert says(silent, ("a", "b")) == "not known from a and b"


def test_the_expected_matrix_needs_no_packets_and_knows_what_is_out_of_view() -> None:
    matrix = ExpectedMatrix.of({"office": OFFICE, "internet": INTERNET, "none": ExpectedSurface(Vantage.parse("internet"))})
    assert rows(matrix) == {
        "22": "reachable from office, not from internet, not known from none, as the code says",
        "80": "reachable from office and internet, not known from none, as the code says",
    }
    assert [cell.text for cell in matrix.rows[0].cells] == ["open", "blocked", "not in view"]


def test_the_json_holds_each_report_unchanged() -> None:
    document = json.loads(render(IN_SYNC, "json"))
    assert document["schema"] == "iacdrift/matrix/1"
    assert [entry["name"] for entry in document["reports"]] == document["vantages"] == ["office", "internet"]
    assert [report_from_dict(entry["report"]) for entry in document["reports"]] == list(IN_SYNC.reports)
    assert document["matrix"][0]["cells"]["internet"] == {"expected": "blocked", "observed": "filtered", "finding": None}
    assert json.loads(IN_SYNC.to_json()) == document
    expected = ExpectedMatrix.of({"office": OFFICE, "internet": INTERNET})
    assert json.loads(expected.to_json())["surfaces"][1]["surface"] == INTERNET.to_dict()


def test_text_and_markdown_show_host_and_port_by_vantage() -> None:
    text = render(IN_SYNC, "text")
    assert "IN SYNC seen from 2 vantages" in text
    assert "  tcp/22  reachable from office, not from internet, as declared\n    office    open, as declared\n" in text
    table = render(IN_SYNC, "markdown")
    assert "| `aws_instance.web` `198.51.100.7` | `tcp/22` | open, as declared | silent, as declared |" in table
    assert render(ExpectedMatrix.of({"office": OFFICE, "internet": INTERNET}), "text").startswith("Expected from 2 vantages")
    with pytest.raises(UsageError):
        render(IN_SYNC, "sarif")


def test_a_hostile_name_stays_text() -> None:
    bad = ExpectedHost("x|y`\x1b[2J", "x", WEB, tcp=ExpectedPorts(open=PortSet.single(80)))
    matrix = ExpectedMatrix.of({"a|b": ExpectedSurface(Vantage.parse("internet"), (bad,)), "c": INTERNET})
    for form in ("text", "markdown"):
        assert "\x1b" not in render(matrix, form)
    row = next(line for line in render(matrix, "markdown").splitlines() if "x\\|y" in line)
    assert row.replace("\\|", "").count("|") == 5
