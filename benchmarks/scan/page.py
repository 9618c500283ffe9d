"""The section of docs/benchmarks.md that holds the scans; the rest of the page belongs to others."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.compare import Row
from benchmarks.measure import machine
from benchmarks.scan.figures import Figures, figures, rows
from benchmarks.scan.peers import PEERS
from benchmarks.scan.rounds import OURS, Outcome

_START, _END = "<!-- scans -->\n", "<!-- /scans -->\n"
_NAMES = (OURS, *(peer.name for peer in PEERS))
_INTRO = """## Scans

Written by `python -m benchmarks --only scan` (root): scanner, router and hosts are network namespaces. Everybody asks the same ports at the
same rate, and a silent port equally often: twice, and under loss as often as a miss of one in 10,000 takes. The limit is the fewest packets
that answer the question, divided by the rate. `iacdrift check` is the whole command, from the file that says what should be to the report,
with sweep, controls, confirmation and service detection; the others only list open ports, the hand-offs with a service's name. Packets
are counted by the router. Times are medians of {rounds} rounds, ports are counted over all of them.

masscan waits one second for late answers (ten by itself) and repeats every probe a second later, also where an answer came; with few ports
it sends far more than was asked for. zmap asks one port a run. RustScan has no rate: its batch holds it to the same one where ports are
silent.{cut}

Taken on {machine}; load of the machine while it was measured: {load}.
"""
_CUT = """

`iacdrift check` and Nmap with the right flags are measured in every round, the others in the first; the fast rate and the 8 silent hosts
beside Nmap only; hand-offs in three cases; and who takes more than 2.5 times the limit (and 15 s) is stopped. `--everybody` leaves
nothing out."""


def section(outcomes: Sequence[Outcome], count: int, *, everybody: bool = False) -> str:
    """The whole section: ratios, what must hold, every figure."""
    loads = [sample.load for outcome in outcomes for held in outcome.samples.values() for sample in held]
    cut = "" if everybody else _CUT
    intro = _INTRO.format(rounds=count, cut=cut, machine=machine(), load=f"{min(loads):.1f} to {max(loads):.1f}")
    return "\n".join((intro, _ratios(outcomes), _goals(outcomes), _details(outcomes)))


def with_section(page: str, text: str) -> str:
    """The page with this section in place of the one that it has."""
    before, _, rest = page.partition(_START)
    return f"{before.rstrip()}\n\n{_START}{text}{_END}{rest.partition(_END)[2]}" if text else page


def section_of(page: str) -> str:
    """The section that a page has; empty where it has none."""
    return page.partition(_START)[2].partition(_END)[0]


def line(row: Row) -> str:
    """One row of what must hold."""
    unit = f" {row.unit}" if row.unit else ""
    figure = f"{row.figure:.0f}" if row.goal == int(row.goal or 0) and not row.unit else f"{row.figure:.2f}"
    return f"| {row.what} | {figure}{unit} | at most {row.goal:g}{unit} | {row.met} | {row.aside} |"


def _ratios(outcomes: Sequence[Outcome]) -> str:
    head = f"| times the limit | limit | {' | '.join(_NAMES)} |\n|---|---|{'---|' * len(_NAMES)}\n"
    return "### Time on the clock / limit\n\n" + head + "".join(_ratio(outcome) for outcome in outcomes)


def _ratio(outcome: Outcome) -> str:
    case = outcome.case
    cells = [_times(outcome, name) for name in _NAMES]
    return f"| {case.title}, {case.rate:,}/s | {case.limit:.2f} s | {' | '.join(cells)} |\n"


def _times(outcome: Outcome, name: str) -> str:
    if name not in outcome.samples:
        return "-"
    found = figures(outcome, name)
    ratio = f"{found.seconds / outcome.case.limit:.2f} x"
    if found.stopped or found.failed:
        return "failed" if found.failed else f"over {ratio}"
    return ratio if found.recall == 1 else f"{ratio}, {found.recall:.2%} found"


def _goals(outcomes: Sequence[Outcome]) -> str:
    head = "| | measured | goal | met | |\n|---|---|---|---|---|\n"
    return "### What must hold\n\n" + head + "".join(f"{line(row)}\n" for outcome in outcomes for row in rows(outcome))


def _details(outcomes: Sequence[Outcome]) -> str:
    head = "| case | scanner | time | SYNs | packets | found | false opens | rounds | load |\n|---|---|---|---|---|---|---|---|---|\n"
    return "### Every figure\n\n" + head + "".join(detail(outcome) for outcome in outcomes)


def detail(outcome: Outcome) -> str:
    """The lines of one case."""
    text = "".join(_detail(outcome, name, figures(outcome, name)) for name in _NAMES if name in outcome.samples)
    return text + "".join(f"| {outcome.case.name} | {name} | left out: {why} | | | | | | |\n" for name, why in outcome.left_out.items())


def _detail(outcome: Outcome, name: str, found: Figures) -> str:
    if found.stopped or found.failed:
        sent = f"{'failed after' if found.failed else 'stopped at'} {found.seconds:.1f} s | {found.probes:,.0f} | {found.packets:,.0f}"
        return f"| {outcome.case.name} | {name} | {sent} | | | {found.rounds} | {found.load:.1f} |\n"
    share = f"{found.found:,} of {found.there:,}"
    sent = f"{found.seconds:.2f} s | {found.probes:,.0f} | {found.packets:,.0f}"
    return f"| {outcome.case.name} | {name} | {sent} | {share} | {found.false} | {found.rounds} | {found.load:.1f} |\n"
