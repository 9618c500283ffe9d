"""A drift report as one HTML file: no network, no framework, keyboard and screen readers, light and dark.

The same page is served live: `render_page(report, live=True)` is the whole document, which listens to `EVENTS` (server-sent
events; each one called `report` says that there is another report) and then asks for `BODY`, which is `render_body(report)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen
from markupsafe import Markup

from iacdrift.drift.matrix import DriftMatrix, ExpectedMatrix
from iacdrift.drift.report import DriftReport, Finding, Severity, Undetermined
from iacdrift.drift.trend import EarlierRun
from iacdrift.outputs.headline import headline, qualified
from iacdrift.outputs.html_matrix import render_matrix
from iacdrift.outputs.html_network import Picture, picture_of
from iacdrift.outputs.html_surface import Matrix, matrix_of
from iacdrift.outputs.html_template import environment, policy
from iacdrift.outputs.html_trend import Trend, trend_of
from iacdrift.outputs.only_reports import fails, report_only
from iacdrift.outputs.text_surface import place

__all__ = ["BODY", "EVENTS", "EarlierRun", "Link", "policy", "render", "render_body", "render_page"]

EVENTS = "events"
BODY = "body"
"""Where a live page asks, relative to its own address (of one target: `/targets/NAME/` asks `/targets/NAME/events`)."""


@frozen(slots=True)
class Link:
    """Another page of the same watch, such as that of another target; `text` may be hostile, `href` is of our own making."""

    text: str
    href: str
    current: bool = False


@frozen(slots=True)
class Shown:
    """What the body's template shows of one report."""

    report: DriftReport
    verdict: str
    rest: str
    warning: str | None
    place: str
    severities: tuple[tuple[str, int], ...]
    kinds: tuple[str, ...]
    hosts: tuple[str, ...]
    surface: Matrix
    network: Picture | None
    trend: Trend | None

    @classmethod
    def of(cls, report: DriftReport, past: Sequence[EarlierRun]) -> Shown:
        """Everything that is worked out before it is drawn."""
        verdict, rest = _split(headline(report)[0])
        counts = Counter(finding.severity for finding in report.findings)
        return cls(
            report=report,
            verdict=verdict,
            rest=rest,
            warning=qualified(report),
            place=place(report.vantage),
            severities=tuple((severity.value, counts[severity]) for severity in Severity if counts[severity]),
            kinds=tuple(dict.fromkeys(finding.kind.value for finding in report.findings)),
            hosts=tuple(sorted({host_of(finding) for finding in report.findings})),
            surface=matrix_of(report),
            network=picture_of(report),
            trend=trend_of(report, past),
        )

    @property
    def needed(self) -> Iterator[Undetermined]:
        """What had to be known and wasn't learnt."""
        return (item for item in self.report.undetermined if item.required)

    @property
    def beside(self) -> Iterator[Undetermined]:
        """What wasn't judged, and had not to be."""
        return (item for item in self.report.undetermined if not item.required)

    def fails(self, finding: Finding) -> bool:
        """Whether it counts as drift."""
        return fails(finding, self.report)


def host_of(finding: Finding) -> str:
    """The host of a finding as the filter names it."""
    return finding.owner or finding.name or finding.address or "nobody's"


def render(value: Any, *, color: bool = False, width: int = 100) -> str:
    """The file; `color` and `width` change nothing. UsageError for a value that is neither a report nor a matrix of several."""
    del color, width
    if isinstance(value, DriftMatrix | ExpectedMatrix):
        return render_matrix(value)
    return render_page(report_only(value, "html"))


def render_page(report: DriftReport, *, live: bool = False, past: Sequence[EarlierRun] = (), links: Sequence[Link] = ()) -> str:
    """The whole document. `past`: the runs before this one, oldest first. `links`: where else to look, on a live page."""
    body = Markup(render_body(report, past=past))  # noqa: S704 - the template has escaped it
    told = {"body": body, "live": live, "links": links, "policy": policy(live=live), "events": EVENTS, "fragment": BODY}
    return environment().get_template("page.html.j2").render(title=headline(report)[0], version=report.version, **told)


def render_body(report: DriftReport, *, past: Sequence[EarlierRun] = ()) -> str:
    """What lies inside the page's `main`, and changes from run to run."""
    return environment().get_template("body.html.j2").render(shown=Shown.of(report, past), report=report, host_of=host_of)


def _split(sentence: str) -> tuple[str, str]:
    """`DRIFT`, `5 findings …`; `IN SYNC`, `on …`: no word of the headline is lost."""
    verdict, colon, rest = sentence.partition(": ")
    return (verdict, rest) if colon and verdict.isupper() else ("IN SYNC", sentence.removeprefix("IN SYNC "))
