"""Several vantages as one page: every row and finding is there, and nothing of them becomes markup."""

from __future__ import annotations

import pytest

from iacdrift.drift.matrix import DriftMatrix, ExpectedMatrix
from iacdrift.errors import UsageError
from iacdrift.outputs.registry import render
from tests.drift.scenes import host, surface
from tests.outputs import reports
from tests.outputs.test_html import FORGED, Page, forged


def test_each_vantage_has_a_column_and_its_findings() -> None:
    drifted, calm = reports.drift(), reports.in_sync()
    page = render(DriftMatrix.of({"office": drifted, "internet": calm}), "html")
    assert "<title>DRIFT seen from 2 vantages</title>" in page
    assert '<th scope="col">office</th><th scope="col">internet</th>' in page
    assert page.count('<span class="pill') == len(drifted.findings) + len(calm.findings)
    assert "reachable from office and internet" in page
    assert "From internet" in page


def test_what_is_expected_has_the_same_table() -> None:
    page = render(ExpectedMatrix.of({"office": surface(host(open="22,443")), "internet": surface(host(open="443"))}), "html")
    assert "EXPECTED seen from 2 vantages" in page
    assert "reachable from office, not from internet, as the code says" in page


def test_nothing_of_a_report_or_a_vantage_becomes_markup() -> None:
    plain = Page(render(DriftMatrix.of({"a": reports.incomplete(), "b": reports.drift()}), "html"))
    evil = Page(render(DriftMatrix.of({FORGED: forged(), "b": forged()}), "html"))
    assert {tag for tag, _ in evil.elements} <= {tag for tag, _ in plain.elements}
    assert [tag for tag, _ in evil.elements if tag in ("script", "style")] == ["style", "script"]
    assert evil.code == plain.code


def test_what_is_no_matrix_and_no_report_is_refused() -> None:
    with pytest.raises(UsageError):
        render(surface(host(open="443")), "html")
