"""The HTML report as a text: what it holds, what it links to, and that nothing of a report becomes markup."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from attrs import evolve

from iacdrift.drift.report import DriftReport, ReportedHost
from iacdrift.drift.trend import EarlierRun
from iacdrift.errors import UsageError
from iacdrift.model.ports import PortSet
from iacdrift.outputs.headline import headline
from iacdrift.outputs.html import Link, render_body, render_page
from iacdrift.outputs.html_network import MOST_HOSTS, picture_of
from iacdrift.outputs.html_surface import MOST_COLUMNS, Cell, matrix_of
from iacdrift.outputs.html_template import environment
from iacdrift.outputs.registry import render
from tests.drift.scenes import OPEN, host, observed_host, run, surface
from tests.outputs import large, reports

MADE = {"drift": reports.drift, "in_sync": reports.in_sync, "incomplete": reports.incomplete, "hostile": reports.hostile}
FORGED = '</script></style><script>window.forged=1</script><img src=x onerror="window.forged=1">" onfocus="window.forged=1\u2028{{7*7}}'


def forged() -> DriftReport:
    """A report whose every text wants to be markup."""
    bad = evolve(OPEN, product=FORGED, version=FORGED, service=FORGED)
    web = host(owner=f"aws_instance.{FORGED}", name=FORGED)
    return reports.report(surface(web, notes=(FORGED,)), run(observed_host("8080", ("8080", bad)), **reports.TOLD))


class Page(HTMLParser):
    """All elements with their attributes, and the text of style and script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.code: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("style", "script"):
            self.code[self._inside] = self.code.get(self._inside, "") + data

    def every(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements for key, value in attributes.items() if key == name and value is not None]


@pytest.mark.parametrize("name", ["drift", "in_sync", "incomplete"])
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report-{name}.body.html", render_body(MADE[name]()))


def test_the_frame(golden: Callable[[str, str], None]) -> None:
    links = (Link("edge", "/targets/edge/", current=True), Link("<b>shop</b>", "/targets/shop/"))
    page = render_page(reports.in_sync(), live=True, links=links)
    short = re.sub(r"(?s)(<style>|<script>).*?(</style>|</script>)", r"\1…\2", page)
    golden("page.html", re.sub("sha256-[^&]*", "sha256-…", short.replace(render_body(reports.in_sync()), "…")))


@pytest.mark.parametrize("name", MADE)
def test_nothing_hostile_gets_through(name: str) -> None:
    text = render(MADE[name](), "html")
    assert not {character for character in text if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}


def test_no_text_of_a_report_becomes_markup() -> None:
    page = Page(render(forged(), "html"))
    assert [tag for tag, _ in page.elements if tag in ("script", "style", "img")] == ["style", "script"]
    assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on") or key == "style"]
    assert "\\u2028{{7*7}}" in render(forged(), "html")
    assert page.code == Page(render(reports.in_sync(), "html")).code


@pytest.mark.parametrize("name", MADE)
def test_the_policy_names_exactly_this_style_and_this_script(name: str) -> None:
    page = Page(render(MADE[name](), "html"))
    policy = next(attributes["content"] or "" for tag, attributes in page.elements if tag == "meta" and "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag, text in page.code.items():
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_fetched_and_every_link_leads_somewhere(name: str) -> None:
    page = Page(render(MADE[name](), "html"))
    assert not page.every("src")
    ids = Counter(page.every("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    assert [href for href in page.every("href") if href.removeprefix("#") not in ids] == []
    named = [*page.every("aria-labelledby"), *page.every("for")]
    assert [name for names in named for name in names.split() if name not in ids] == []


def test_the_first_heading_is_the_headline() -> None:
    for make in MADE.values():
        text = render(make(), "html")
        heading = re.sub(r"<[^>]*>", "", re.search(r"(?s)<h1>.*?</h1>", text).group())  # type: ignore[union-attr]
        assert " ".join(heading.split()) == headline(make())[0].replace(": ", " ", 1)


def test_only_reports_have_it() -> None:
    with pytest.raises(UsageError, match="html is for the reports"):
        render(surface(host(open="443")), "html")


def cells(report: DriftReport, owner: str) -> dict[int, Cell]:
    matrix = matrix_of(report)
    row = next(row for row in matrix.rows if row.owner == owner)
    return {port: cell for (protocol, port), cell in zip(matrix.columns, row.cells, strict=True) if protocol == "tcp"}


def test_the_surface_holds_expected_against_observed() -> None:
    web = cells(reports.drift(), "aws_instance.web")
    assert (web[443].expected, web[443].seen, web[443].severity) == ("open", "closed", "high")
    assert (web[8080].expected, web[8080].seen, web[8080].severity) == ("blocked", "open", "critical")
    assert (web[22].expected, web[22].seen) == ("allowed", "open")
    assert web[9001].seen == "undetermined"
    assert all(cell.finding for port, cell in web.items() if cell.severity)


def test_every_asked_port_is_in_a_cell_or_counted() -> None:
    report = reports.drift()
    matrix = matrix_of(report)
    for told in report.hosts:
        row = next(row for row in matrix.rows if row.address == (told.name or told.address))
        shown = sum(port in (told.tcp if protocol == "tcp" else told.udp).asked for protocol, port in matrix.columns)
        assert shown + sum(count for count, _, _ in row.rest) == len(told.tcp.asked) + len(told.udp.asked)


def test_what_is_ignored_is_not_as_the_code_says() -> None:
    report = reports.drift()
    exposed = next(item for item in report.findings if item.kind.value == "exposed")
    wide = evolve(exposed, ports=PortSet.parse("500-599"))
    shown = evolve(report, findings=(), ignored=(exposed.to_dict(), wide.to_dict(), {"id": "of a later version"}))
    cell = cells(shown, "aws_instance.web")[8080]
    assert (cell.mark, cell.finding) == ("⊘", None)
    assert cell.text.endswith("ignored by an exception: critical: exposed")
    rest = next(row for row in matrix_of(shown).rows if row.owner == "aws_instance.web").rest
    assert (100, "ignored: exposed (tcp/500-599)", "ignored") in rest
    assert sum(count for count, what, _ in rest if what == "as the code says") < 1000 - 100


def test_a_surface_that_is_too_wide_says_what_it_leaves_out() -> None:
    wide = observed_host("1-1000", ("100-199", OPEN))
    matrix = matrix_of(reports.report(surface(host(allowed="100-199")), run(wide, **reports.TOLD)))
    assert (len(matrix.columns), matrix.left_out) == (MOST_COLUMNS, 100 - MOST_COLUMNS)


def test_reports_without_expectations_still_have_a_surface() -> None:
    report = reports.drift()
    old = tuple(evolve(item, expected=None, way=()) for item in report.hosts)
    web = cells(evolve(report, hosts=old), "aws_instance.web")
    assert (web[8080].expected, web[8080].seen) == ("", "open")


def test_the_network_draws_the_way_of_every_finding_of_a_model() -> None:
    report = large.many(12)
    picture = picture_of(report)
    assert picture is not None
    assert set(picture.ways) == {finding.id for finding in report.findings}
    boxes, lines = {node.id for node in picture.nodes}, {edge.id for edge in picture.edges}
    for finding in report.findings:
        names = [part.partition(":")[0] for part in picture.ways[finding.id].split()]
        assert set(names) <= boxes
        assert {f"{before}-{after}" for before, after in pairwise(names)} <= lines
        answers = [part.partition(":")[2] for part in picture.ways[finding.id].split()]
        assert answers == [step.answer for step in finding.way]
    assert [head for _, head in picture.heads] == ["vantage", "route", "ACL, inbound", "ACL, answers", "groups", "host"]


def test_no_box_lies_on_another() -> None:
    picture = picture_of(large.many(50))
    assert picture is not None
    columns: dict[int, list[int]] = {}
    for node in picture.nodes:
        columns.setdefault(node.x, []).append(node.y)
    for rows in columns.values():
        assert all(after - before >= 40 for before, after in pairwise(sorted(rows)))


def test_a_network_that_is_too_large_says_what_it_leaves_out() -> None:
    report = large.many(12)
    first = next(item for item in report.hosts if item.way)
    more: list[ReportedHost] = [evolve(first, owner=f"aws_instance.n{number}", address=f"192.0.2.{number}") for number in range(100)]
    picture = picture_of(evolve(report, hosts=tuple(more), findings=()))
    assert picture is not None
    assert (sum(node.whole.startswith("aws_instance") for node in picture.nodes), picture.hidden) == (MOST_HOSTS, 100 - MOST_HOSTS)


def test_a_report_without_a_model_has_no_network() -> None:
    assert picture_of(reports.drift()) is None
    assert "names no ways" in render(reports.drift(), "html")


def test_the_history_is_told_to_those_who_do_not_see_it() -> None:
    past = tuple(EarlierRun(f"2026-01-0{day}T00:00:00Z", "drift", {"exposed": day}, {"aws_instance.web": day}) for day in (1, 2))
    text = render_body(reports.drift(), past=past)
    assert re.search(r'aria-label="exposed: findings in 3 runs, oldest first: 1, 2, \d+"', text)
    assert "No earlier run is at hand" in render_body(reports.drift())


def test_what_was_not_judged_is_all_there() -> None:
    report = reports.drift()
    away = {**report.findings[0].to_dict(), "ignored": {"reason": "until the move", "owner": "ops", "until": "2027-01-31"}}
    whole = evolve(report, ignored=(away,), carried=(evolve(report.findings[0], owner="aws_instance.carried"),))
    text = render_body(whole)
    for said in (
        "until the move",
        "ops",
        "2027-01-31",
        "aws_instance.carried",
        "aws_instance.db",
        "aws_globalaccelerator_accelerator.edge",
    ):
        assert said in text
    for said in (item.why for item in report.undetermined):
        assert said.partition("'")[0] in text
    assert all(note.partition("'")[0] in text for note in report.notes)


def test_names_may_be_parted_and_addresses_may_not() -> None:
    made = environment().from_string("{{ text | parted }}")
    assert made.render(text='module.a["b"].aws_instance.web 10.0.0.0/8') == (
        "module.<wbr>a[&#34;b&#34;].<wbr>aws_instance.<wbr>web 10.0.0.0/8"
    )
    assert made.render(text="a._<b>\u202e_x") == "a.<wbr>_&lt;b&gt;\\u202e_x"
    assert made.render(text=None) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-14T03:05:06Z", "2026-01-14 03:05:06 UTC"),
        ("2026-01-14T03:05:06.123+00:00", "2026-01-14 03:05:06 UTC"),
        ("2026-01-14T03:05:06+02:00", "2026-01-14T03:05:06+02:00"),
        ("<yesterday>", "&lt;yesterday&gt;"),
        (None, ""),
    ],
)
def test_times_are_read_by_people(text: str | None, shown: str) -> None:
    assert environment().from_string("{{ text | when }}").render(text=text) == shown
