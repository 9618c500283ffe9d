"""What the benchmarks measure is worth measuring: the made-up estate is read without a doubt, and its size is as said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest

from benchmarks import nmap_xml, stack
from iacdrift.drift.judge import judge
from iacdrift.drift.report import FindingKind, Verdict
from iacdrift.providers.translate import translate
from iacdrift.scan.xml import read_nmap_xml
from iacdrift.sources.read import read_sources
from iacdrift.surface.expect import expect
from iacdrift.surface.vantage import Vantage

INTERNET = Vantage.parse("internet")


@pytest.mark.parametrize("size", [1000, 10_000])
def test_the_estate_has_the_size_and_the_proportions_that_it_says(size: int) -> None:
    raw = stack.plan(size)
    changes = orjson.loads(raw)["resource_changes"]
    kinds = Counter(change["type"] for change in changes)
    assert len({change["address"] for change in changes}) == len(changes)
    assert size * 0.98 < len(changes) < size * 1.02
    assert len(raw) < 1500 * size
    assert kinds["aws_instance"] == size // 10
    assert sum(count for kind, count in kinds.items() if kind.endswith("_rule") and "acl" not in kind) == size // 2
    assert abs(kinds["aws_security_group"] - size // 20) <= 1


def test_the_estate_is_understood() -> None:
    surface = expect(translate(read_sources([orjson.loads(stack.plan(1000))])), INTERNET)
    assert not surface.gaps
    assert {item.type for item in surface.unmodelled} == set(stack.NEW)
    reached = [host for host in surface.hosts if host.tcp.allowed or host.tcp.open]
    assert 10 < len(reached) < len(surface.hosts)


def test_the_earlier_scan_is_in_sync_and_the_later_one_drifts_on_every_hundredth_host(tmp_path: Path) -> None:
    expected = expect(translate(read_sources([nmap_xml.expectations(200)])), INTERNET)
    reports = []
    for later in (False, True):
        path = tmp_path / "scan.xml"
        path.write_text(nmap_xml.scan(200, later=later))
        reports.append(judge(expected, read_nmap_xml([path], expected)))
    assert [report.verdict for report in reports] == [Verdict.IN_SYNC, Verdict.DRIFT]
    assert Counter(finding.kind for finding in reports[1].findings) == {FindingKind.EXPOSED: 2, FindingKind.MISSING: 2}
