"""The HTML report in a real browser: it loads, filters, works by keyboard, in light and dark, and shows hostile text as text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from iacdrift.drift.report import DriftReport
from iacdrift.drift.trend import EarlierRun
from iacdrift.outputs.html import Link, render_body, render_page
from tests.needs import missing, needs
from tests.outputs import large, reports
from tests.outputs.test_html import forged

pytestmark = [needs("chromium")]
LIVE = "http://127.0.0.1:9"
"""Nothing listens there: the tests answer in the server's place, before anything is sent."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if missing("chromium"):
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Tests run as root in containers, where Chromium's own sandbox can't.
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield running
        running.close()


@cache
def fifty() -> DriftReport:
    """Fifty hosts of a real model, with one finding ignored."""
    report = large.many(50)
    away = {**report.findings[3].to_dict(), "ignored": {"reason": "until the move", "owner": "ops", "until": "2027-01-31"}}
    return evolve(report, ignored=(away,))


@cache
def five() -> DriftReport:
    """As many of them as a test of everything can look at."""
    whole = fifty()
    kinds = {item.kind: item for item in reversed(whole.findings)}
    return evolve(whole, hosts=whole.hosts[:5], findings=tuple(kinds.values())[::-1], undetermined=whole.undetermined[:3])


def past(report: DriftReport) -> tuple[EarlierRun, ...]:
    now = EarlierRun.of(report)
    return tuple(
        EarlierRun(f"2026-01-0{day}T00:00:00Z", verdict, {name: count // day for name, count in now.kinds.items()}, now.hosts)
        for day, verdict in ((1, "drift"), (2, "incomplete"), (3, "drift"))
    )


def until(page: Any, expression: str) -> None:
    """Waits for a JavaScript expression to hold; Playwright's own way would be stopped by the page's policy."""
    for _ in range(300):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never held: {expression}")


class Opened:
    """One page with everything that it asked for and complained of."""

    def __init__(self, browser: Any, folder: Path, report: DriftReport, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **context})
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        self.file = folder / "report.html"
        self.file.write_text(render_page(report, past=past(report)), encoding="utf-8")
        self.page.goto(self.file.as_uri())

    def cards(self) -> int:
        return self.page.locator(".finding:visible").count()

    def style(self, selector: str, name: str) -> str:
        return str(self.page.eval_on_selector(selector, f"element => getComputedStyle(element)['{name}']"))


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    made: list[Opened] = []

    def opener(report: DriftReport, **context: Any) -> Opened:
        made.append(Opened(browser, tmp_path, report, **context))
        return made[-1]

    yield opener
    for item in made:
        item.context.close()


@pytest.mark.parametrize("make", [reports.drift, reports.in_sync, reports.incomplete, reports.hostile, fifty])
def test_it_loads_without_the_network_and_without_a_complaint(opened: Any, make: Any) -> None:
    shown = opened(make())
    assert shown.asked == [shown.file.as_uri()]
    assert shown.said == []
    assert shown.page.locator("h1").count() == 1


def test_a_page_that_asks_or_runs_something_else_would_be_stopped(opened: Any) -> None:
    shown = opened(reports.drift())
    shown.page.evaluate(
        """() => {
          window.stopped = [];
          document.addEventListener('securitypolicyviolation', (event) => window.stopped.push(event.effectiveDirective));
          const image = document.createElement('img'); image.src = 'http://127.0.0.1:9/x.png'; document.body.append(image);
          const script = document.createElement('script'); script.textContent = 'window.forged = 1'; document.body.append(script);
          document.body.insertAdjacentHTML('beforeend', '<i id="inline" style="color:red" onclick="window.forged = 1">x</i>');
          document.getElementById('inline').click();
          fetch('http://127.0.0.1:9/').catch(() => {});
        }"""
    )
    until(shown.page, "window.stopped.length >= 4")
    assert {"img-src", "connect-src"} <= set(shown.page.evaluate("window.stopped"))
    assert shown.page.evaluate("window.forged") is None


@pytest.mark.parametrize("make", [forged, reports.hostile])
def test_hostile_texts_are_shown_as_text(opened: Any, make: Any) -> None:
    report = make()
    shown = opened(report)
    shown.page.click("text=Remarks")
    assert shown.page.evaluate("window.forged") is None
    assert shown.said == []
    assert shown.page.locator("img").count() == 0
    card = shown.page.locator(".finding").first.inner_text()
    told = (
        "</script></style><script>window.forged=1</script><img src=x"
        if make is forged
        else "\\x1b[2J\\x1b]0;owned\\x07\\x0d\\x0aIN SYNC\\u202e"
    )
    assert told in card
    assert not {character for character in card if character in "\x1b\u202e\u2028\u200b\x07"}


def test_the_filters(opened: Any) -> None:
    report = fifty()
    shown, whole = opened(report), len(report.findings)
    page = shown.page
    assert shown.cards() == whole
    page.locator("input[value=critical]").uncheck()
    mild = sum(item.severity.value != "critical" for item in report.findings)
    until(page, f"document.getElementById('matching').textContent === '{mild} of {whole}'")
    assert shown.cards() == mild
    page.select_option("#kind", "passable")
    passable = [item for item in report.findings if item.kind.value == "passable"]
    until(page, f"document.getElementById('matching').textContent === '{len(passable)} of {whole}'")
    page.select_option("#host", passable[0].owner)
    until(page, f"document.querySelectorAll('.finding:not([hidden])').length === {sum(i.owner == passable[0].owner for i in passable)}")
    page.get_by_role("button", name="Show all").click()
    until(page, f"document.getElementById('matching').textContent === '{whole} of {whole}'")
    page.fill("#search", "6379 EXPOSED")
    exposed = sum(item.kind.value == "exposed" and "6379" in str(item.to_dict()) for item in report.findings)
    assert 0 < exposed < whole
    until(page, f"document.getElementById('matching').textContent === '{exposed} of {whole}'")
    page.fill("#search", "nothing says this")
    until(page, "!document.getElementById('nothing').hidden")
    assert shown.cards() == 0


def test_a_cell_of_the_surface_opens_its_finding_even_if_it_is_filtered_away(opened: Any) -> None:
    shown = opened(fifty())
    page = shown.page
    page.fill("#search", "nothing says this")
    until(page, "!document.getElementById('nothing').hidden")
    cell = page.locator("a.cell.high").first
    name = cell.get_attribute("href")
    cell.click()
    until(page, f"document.querySelector('{name}').open")
    assert page.locator(name).is_visible()
    assert page.evaluate("document.activeElement.parentElement.id") == name.removeprefix("#")


def test_the_way_of_a_finding_is_drawn_in_the_network(opened: Any) -> None:
    report = fifty()
    page = opened(report).page
    boxes = "[...document.querySelectorAll('.network .node.on')].map(node => node.classList.contains('blocked'))"
    first = page.evaluate(boxes)
    assert len(first) == len(report.findings[0].way)
    assert sorted(first) == sorted(step.answer == "blocked" for step in report.findings[0].way)
    before = page.evaluate("[...document.querySelectorAll('.network .node.on')].map(node => node.id).sort().join()")
    last = report.findings[-1].id
    page.evaluate(f"document.getElementById('f-{last}').open = true")
    page.locator(f"[data-finding='{last}']").click()
    assert page.input_value("#way-of") == last
    assert page.evaluate("[...document.querySelectorAll('.network .node.on')].map(node => node.id).sort().join()") != before
    assert page.locator("#way-said li").count() == len(report.findings[-1].way)
    seen = page.evaluate(
        """() => { const frame = document.querySelector('.network').parentElement.getBoundingClientRect();
          return [...document.querySelectorAll('.network .node.on rect')].every(box => {
            const at = box.getBoundingClientRect(); return at.top >= frame.top && at.bottom <= frame.bottom; }); }"""
    )
    assert seen, "every box of the way is in the part of the picture that is shown"


def test_copy(opened: Any) -> None:
    shown = opened(reports.drift(), permissions=["clipboard-read", "clipboard-write"])
    finding = reports.drift().findings[0]
    page = shown.page
    page.locator(".finding").first.get_by_role("button", name="Copy: Revert in reality").click()
    until(page, "document.getElementById('said').textContent === 'Revert in reality: copied'")
    assert page.evaluate("navigator.clipboard.readText()") == finding.way_back.revert


def test_the_keyboard_alone(opened: Any) -> None:
    report = reports.drift()
    shown = opened(report)
    page = shown.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    reached: set[str] = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const at = document.activeElement; const style = getComputedStyle(at);
              return [at.tagName, at.id, at.textContent.slice(0, 30), style.outlineStyle]; }"""
        )
        if told[0] == "BODY":
            break
        assert told[3] != "none", f"the focus isn't seen on {told}"
        reached.add(told[1] or told[0])
    assert {"search", "kind", "host", "SUMMARY", "A", "PRE", "BUTTON", "INPUT"} <= reached
    second = page.locator(".finding > summary").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    assert page.locator(".finding").nth(1).get_attribute("open") is not None
    page.locator("input[value=high]").focus()
    page.keyboard.press("Space")
    high = sum(item.severity.value == "high" for item in report.findings)
    until(page, f"document.querySelectorAll('.finding[hidden]').length === {high}")


def test_light_and_dark_follow_the_system_and_the_button(opened: Any) -> None:
    light, dark = opened(reports.drift(), color_scheme="light"), opened(reports.drift(), color_scheme="dark")
    white, black = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
    assert (light.style("body", "backgroundColor"), dark.style("body", "backgroundColor")) == (white, black)
    button = light.page.get_by_role("button", name="Colours")
    button.click()
    assert button.inner_text() == "Colours: light"
    button.click()
    assert light.style("body", "backgroundColor") == black
    light.page.reload()
    assert light.style("body", "backgroundColor") == black


@pytest.mark.parametrize(
    ("make", "width", "scheme"),
    [
        *((made, *how) for made in (five,) for how in ((1280, "light"), (1280, "dark"), (400, "light"), (400, "dark"))),
        (reports.drift, 1280, "light"),
        (reports.hostile, 400, "dark"),
    ],
)
def test_anybody_can_use_it(opened: Any, make: Any, width: int, scheme: str) -> None:
    """axe-core: names of controls, contrast, landmarks, order of headings, tables, keyboard traps (WCAG 2.1 AA and good practice)."""
    from axe_playwright_python.sync_playwright import Axe

    shown = opened(make(), viewport={"width": width, "height": 900}, color_scheme=scheme)
    shown.page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
    found = Axe().run(shown.page).response["violations"]
    assert [(item["id"], item["nodes"][0]["target"], item["nodes"][0].get("failureSummary")) for item in found] == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width, "the page itself never scrolls sideways"


def test_axe_can_fail(opened: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = opened(reports.drift())
    shown.page.evaluate("document.querySelector('label[for=kind]').remove()")
    assert [item["id"] for item in Axe().run(shown.page).response["violations"]] == ["select-name"]


def test_a_change_arrives_without_a_reload(browser: Any) -> None:
    before, after = reports.in_sync(), fifty()
    bodies = [render_body(after)]
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route(
        f"{LIVE}/", lambda route: route.fulfill(content_type="text/html", body=render_page(before, live=True, links=[Link("edge", "./")]))
    )
    page.route(f"{LIVE}/body", lambda route: route.fulfill(content_type="text/html", body=bodies[-1]))
    told = [0]

    def events(route: Any) -> None:
        """One event for each report: on a busy machine a page that is renewed all the time can't be clicked."""
        news = "event: report\ndata: 1\n\n" if len(bodies) > told[0] else ": nothing new\n\n"
        told[0] = len(bodies)
        route.fulfill(content_type="text/event-stream", body=f"retry: 300\n{news}")

    page.route(f"{LIVE}/events", events)
    page.goto(f"{LIVE}/")
    page.evaluate("window.same = true")
    until(page, f"document.querySelectorAll('.finding').length === {len(after.findings)}")
    page.locator("input[value=critical]").uncheck()
    page.fill("#search", "passable")
    until(page, "document.querySelectorAll('.finding:not([hidden])').length < 60")
    bodies.append(render_body(evolve(after, findings=after.findings[:-1])))
    until(page, f"document.querySelectorAll('.finding').length === {len(after.findings) - 1}")
    assert page.evaluate("window.same") is True
    assert (page.input_value("#search"), page.is_checked("input[value=critical]")) == ("passable", False)
    assert page.evaluate("document.activeElement.id") == "search"
    assert page.locator(".finding:visible").count() < 60
    assert said == []
    context.close()
