"""Diagrams: what they show, kept; readable for fifty hosts; whatever a state calls its resources."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

import iacdrift
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from iacdrift.outputs.diagram import diagram_of
from iacdrift.outputs.registry import render
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from iacdrift.surface.vantage import Vantage
from tests.outputs import reports

PLAN = Path(__file__).parents[1] / "data" / "terraform" / "edge-and-bastion" / "plan-after-drift.json"
FORMS = ["mermaid", "dot", "svg"]


@pytest.mark.parametrize("form", FORMS)
def test_edge_and_bastion(form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"edge-and-bastion.{form}", render(iacdrift.expected_surface(PLAN, vantage="aws_instance.bastion"), form))


def host(number: int, owner: str, port: str = "443") -> ExpectedHost:
    address = ip_address("198.51.100.0") + number
    return ExpectedHost(
        owner, "plan.json", address, tcp=ExpectedPorts(allowed=PortSet.parse(port)), within=("aws_vpc.v", f"aws_subnet.s{number % 2}")
    )


def surface(*hosts: ExpectedHost) -> ExpectedSurface:
    return ExpectedSurface(Vantage.parse("internet"), hosts)


def test_fifty_hosts_alike_are_a_card_a_subnet() -> None:
    found = diagram_of(surface(*(host(n, f'module.web["{n}"].aws_instance.web[{n}]') for n in range(50))))
    assert [len(box.cards) for box in found.boxes] == [1, 1]
    assert found.boxes[0].cards[0].title == "module.web.aws_instance.web (25)"
    assert found.boxes[0].cards[0].addresses[-1] == "and 21 more"


def test_hosts_that_differ_in_what_they_answer_share_no_card() -> None:
    found = diagram_of(surface(host(0, "aws_instance.web[0]"), host(2, "aws_instance.web[1]", "22")))
    assert [card.chips for card in found.boxes[0].cards] == [(("allowed", "tcp 443"),), (("allowed", "tcp 22"),)]


def texts(element: Element) -> list[str]:
    return [node.text or "" for node in element.iter() if node.tag.endswith("text")]


HOSTILE = 'x</text><script>alert(1)</script>"];\x1b[31m\nclick host1 "javascript:alert(1)"'


@pytest.mark.parametrize("form", FORMS)
def test_a_hostile_name_stays_text(form: str) -> None:
    said = render(surface(host(0, HOSTILE)), form)
    assert "\x1b" not in said
    assert not any(line.lstrip().startswith("click") for line in said.splitlines())
    if form == "svg":
        assert any("<script>" in text for text in texts(fromstring(said)))
        assert "<script" not in said
    if form == "mermaid":
        assert "<script" not in said
        assert 'x"]' not in said
    if form == "dot":
        assert '\\"];' in said


@pytest.mark.parametrize("form", FORMS)
def test_a_report_is_no_diagram(form: str) -> None:
    with pytest.raises(UsageError, match="iacdrift expect"):
        render(reports.drift(), form)


def test_what_is_not_in_view_is_counted() -> None:
    said = render(iacdrift.expected_surface(PLAN, vantage="internet"), "svg")
    assert "addresses are not in view" in said


def test_the_readme_shows_the_demo_s_diagram_as_it_is_drawn() -> None:
    root = Path(__file__).parents[2]
    shown = (root / "README.md").read_text().partition("```mermaid\n")[2].partition("```")[0]
    assert shown == render(iacdrift.expected_surface(root / "iacdrift" / "demo" / "stack" / "plan.json", vantage="internet"), "mermaid")
