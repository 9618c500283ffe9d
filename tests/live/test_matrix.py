"""Every kind of finding, on a network that has it and on the same network without it, through every filter and scan."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from iacdrift.drift.report import DriftReport, Finding, FindingKind
from tests.live.bed import Bed
from tests.live.matrix import CLEAN, KINDS, NOT_ASKED, SEVERITY, TABLE, Cell, Shown, document, port_of
from tests.live.networks import QUIET, WEB, Mode, Outcome, Wall, reports
from tests.needs import needs

DOCUMENT = Path(__file__).parents[2] / "docs" / "matrix.md"
ATONCE = 12
"""Networks under scan at the same time: nearly all of a scan is waiting."""

OWNER = {FindingKind.UNDECLARED_HOST: None, FindingKind.EVERYTHING_OPEN: QUIET}

Run = tuple[Mode, Wall, int]

live = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]
RUNS: list[Run] = [(mode, wall, family) for mode in reversed(Mode) for wall in Wall for family in (4, 6)]
CASES = [(kind, *run) for kind in KINDS for run in RUNS if TABLE[kind][run[1]][run[0]] is not NOT_ASKED]


def _name(*parts: object) -> str:
    return "-".join(str(getattr(part, "name", part)).lower().replace("_", "-") for part in parts)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Mapping[Run, Outcome]:
    """The reports of every network that a test of this session asks for."""
    asked = {item.callspec.params["run"] for item in request.session.items if "run" in getattr(item, "fixturenames", ())}
    runs = [run for run in RUNS if run in asked]
    with ThreadPoolExecutor(ATONCE) as pool:
        return dict(zip(runs, pool.map(_outcome, runs), strict=True))


def _outcome(run: Run) -> Outcome:
    mode, wall, family = run
    with Bed(hosts=3) as bed:
        return reports(bed, wall, mode, family)


def _findings(report: DriftReport, port: int, protocol: str, owner: str | None) -> dict[FindingKind, Finding]:
    mine = (found for found in report.findings if (found.protocol, found.owner) == (protocol, owner))
    return {found.kind: found for found in mine if port in found.ports}


@pytest.mark.parametrize(("kind", "run"), [pytest.param(case[0], case[1:], id=_name(*case), marks=live) for case in CASES])
def test_what_the_matrix_says_is_what_the_report_says(outcomes: Mapping[Run, Outcome], kind: FindingKind, run: Run) -> None:
    mode, wall, _ = run
    cell, port, protocol = TABLE[kind][wall][mode], port_of(kind, mode), "udp" if mode is Mode.UDP else "tcp"
    before, after = (_findings(report, port, protocol, OWNER.get(kind, WEB)) for report in (outcomes[run].clean, outcomes[run].drift))
    assert cell.shown is Shown.ALWAYS or kind not in before
    if cell.shown is Shown.TOLD:
        assert after[kind].severity is SEVERITY[kind]
    elif cell.shown in (Shown.UNSURE, Shown.HIDDEN):
        assert not after
        _is_listed(cell, outcomes[run].drift, port, protocol)
    else:
        assert cell.kind is not None
        assert cell.says in after[cell.kind].explanation
        assert (cell.kind in before) is (cell.shown is Shown.ALWAYS)


def _is_listed(cell: Cell, report: DriftReport, port: int, protocol: str) -> None:
    """Where nothing can be told the report shows the port all the same: as undetermined and why, or among the refused ones."""
    host = next(host for host in report.hosts if host.owner == WEB)
    seen = host.udp if protocol == "udp" else host.tcp
    if cell.shown is Shown.UNSURE:
        gaps = [gap for gap in report.undetermined if (gap.address, gap.protocol) == (host.address, protocol) and port in gap.ports]
        assert [cell.says in gap.why for gap in gaps] == [True]
    else:
        assert port in seen.closed | seen.filtered


@pytest.mark.parametrize("run", [pytest.param(run, id=_name(*run), marks=live) for run in RUNS])
def test_the_network_as_declared_is_never_more_than_it_can_be_shown_to_be(outcomes: Mapping[Run, Outcome], run: Run) -> None:
    mode, wall, _ = run
    report = outcomes[run].clean
    assert report.verdict is CLEAN[wall][mode]
    assert outcomes[run].drift.exit_code == 1


def test_the_document_is_the_table() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document()
