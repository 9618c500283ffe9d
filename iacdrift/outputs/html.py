"""A drift report as one HTML file: no network, no framework, keyboard and screen readers, light and dark.

The same page is served live: `render_page(report, live=True)` is the whole document, which asks for `EVENTS` (server-sent
events; each one called `report` says that there is another report) and then for `BODY`, which is `render_body(report)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from iacdrift.drift.report import DriftReport
from iacdrift.outputs.headline import headline
from iacdrift.outputs.html_template import environment, policy
from iacdrift.outputs.only_reports import report_only

EVENTS = "events"
BODY = "body"
"""Where a live page asks, relative to its own address (of one target: `/targets/NAME/` asks `/targets/NAME/events`)."""


@frozen(slots=True)
class Link:
    """Another page of the same watch, such as that of another target; `text` and `href` may be hostile."""

    text: str
    href: str
    current: bool = False


@frozen(slots=True)
class EarlierRun:
    """One stored run, for the small pictures of the history: how many findings of each kind, and of each host (its owner or address)."""

    finished_at: str
    verdict: str
    kinds: dict[str, int]
    hosts: dict[str, int]


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """The file; `color` and `width` change nothing. UsageError for a value that is no report."""
    del color, width
    return render_page(report_only(value, "html"))


def render_page(report: DriftReport, *, live: bool = False, past: Sequence[EarlierRun] = (), links: Sequence[Link] = ()) -> str:
    """The whole document. `past`: the runs before this one, oldest first. `links`: where else to look, on a live page."""
    body = render_body(report, past=past)
    told = {"body": body, "live": live, "links": links, "policy": policy(live=live), "events": EVENTS, "fragment": BODY}
    return environment().get_template("page.html.j2").render(title=headline(report)[0], **told)


def render_body(report: DriftReport, *, past: Sequence[EarlierRun] = ()) -> str:
    """What lies inside the page's `main`, and changes from run to run."""
    from markupsafe import Markup

    shown = environment().get_template("body.html.j2").render(report=report, headline=headline(report)[0], past=past)
    return Markup(shown)  # noqa: S704 - the template escapes
