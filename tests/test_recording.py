"""From Python a report is kept only where `history` says so; baselines and exceptions are keywords too."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from iacdrift import check_network_drift
from iacdrift.assertion import Pipeline, expected_part
from iacdrift.drift.baseline import KINDS, Baseline
from iacdrift.errors import HistoryError, UsageError
from iacdrift.history import asking
from iacdrift.recording import compared, keeping, store_at
from tests.stored import PLAN, scanned


def test_nothing_is_kept_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("IACDRIFT_HISTORY", str(tmp_path / "h.db"))
    report = object()
    assert keeping({})(report) is report  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_keywords_go_through_the_pipeline(tmp_path: Path) -> None:
    before, later = scanned(tmp_path), scanned(tmp_path, open_ports=[8080, 8443], hour=1)
    part = expected_part([PLAN], "internet")
    plain = Pipeline.of({})
    baseline = Baseline.of("mine", "2026-01-01T00:00:00Z", part.surface, plain.read(part, [before], None))
    entry = {"kind": "exposed", "reason": "known", "owner": "ann", "until": date(2099, 1, 1)}
    options = {"ignore": [entry], "baseline": baseline, "history": tmp_path / "h.db"}
    pipeline = Pipeline.of(compared(options, part))
    report = keeping(options)(pipeline.judge(part, pipeline.read(part, [later], None)))
    assert [item["kind"] for item in report.ignored] == ["exposed"]
    assert [str(item.ports) for item in report.findings if item.kind in KINDS] == ["8443"]
    assert all(item.first_seen for item in report.findings)
    store = store_at(tmp_path / "h.db")
    assert store is not None
    assert asking.report(store.database)[1] == report


def test_a_report_that_cannot_be_kept_comes_with_the_error(tmp_path: Path) -> None:
    part = expected_part([PLAN], "internet")
    pipeline = Pipeline.of({})
    report = pipeline.judge(part, pipeline.read(part, [scanned(tmp_path)], None))
    with pytest.raises(HistoryError) as error:
        keeping({"history": tmp_path})(report)
    assert error.value.report == report


@pytest.mark.parametrize("options", [{"ignore": [{"kind": "exposed"}]}, {"history": "nothing9://x"}])
def test_wrong_keywords_are_refused_before_anything_is_sent(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        check_network_drift(PLAN, **options)  # type: ignore[arg-type]
