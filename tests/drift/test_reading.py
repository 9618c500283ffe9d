"""Reports come back from their JSON as they were."""

from __future__ import annotations

import json

import pytest
from attrs import evolve, fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iacdrift.drift.declared import Declared, DeclaredPorts
from iacdrift.drift.in_code import InCode
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import (
    CloudApi,
    Coverage,
    DriftReport,
    Finding,
    FindingKind,
    HostPorts,
    ReportedHost,
    Severity,
    Undetermined,
    Verdict,
    WayBack,
)
from iacdrift.errors import SourceError
from iacdrift.model.because import Assumption, Because, Unmodelled
from iacdrift.model.ports import PortSet
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import Expectation, NotInView
from iacdrift.surface.observed import Answer, Certificate, Evidence
from iacdrift.surface.step import Passage, Step
from iacdrift.surface.vantage import Vantage, VantageKind
from tests.outputs import reports

words = st.text(max_size=6)
names = st.text(min_size=1, max_size=6)
ports = st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 300)), max_size=3).map(
    lambda runs: PortSet.of(port for first, length in runs for port in range(first, min(first + length, 65535) + 1))
)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def many(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(strategy, max_size=2).map(tuple)


answers = st.builds(
    Answer,
    st.sampled_from(Evidence),
    *(words, maybe(words), maybe(st.integers(0, 255)), st.sampled_from(["syn", "connect", "udp"])),
    *(maybe(words), maybe(words), maybe(words), maybe(words), st.booleans()),
    *(st.just(1), maybe(st.builds(Certificate, many(words), maybe(words), maybe(words)))),
)
becauses = many(st.builds(Because, words, words, maybe(words)))
findings = st.builds(
    Finding,
    *(words, st.sampled_from(FindingKind), st.sampled_from(Severity), maybe(words), maybe(words), words, ports, maybe(words)),
    *(st.sampled_from(Expectation), answers, becauses, words),
    *(st.builds(WayBack, words, words), words, maybe(names)),
    maybe(st.builds(CloudApi, maybe(st.booleans()), words)),
    maybe(words),
    maybe(st.booleans()),
    maybe(words),
    many(st.builds(Step, words, words, becauses)),
)
declared = st.builds(DeclaredPorts, ports, ports, ports)
host_ports = st.builds(HostPorts, ports, ports, ports, ports, ports)
ways = many(st.builds(Passage, words, words))
vantages = st.builds(
    Vantage, st.sampled_from(VantageKind), maybe(st.ip_addresses(v=4)), maybe(st.ip_addresses(v=6)), maybe(names), maybe(words)
)
whole = st.builds(
    DriftReport,
    *(st.sampled_from(Verdict), st.integers(0, 3), words, words, vantages, words, maybe(words)),
    many(st.builds(SourceInfo, words, words, maybe(words), maybe(words), maybe(st.integers()), maybe(words), maybe(words), maybe(names))),
    st.dictionaries(words, words | maybe(st.integers()) | st.lists(words, max_size=2), max_size=2),
    many(findings),
    many(
        st.builds(
            ReportedHost,
            maybe(words),
            words,
            host_ports,
            host_ports,
            maybe(words),
            maybe(st.builds(Declared, declared, declared)),
            ways,
            many(words),
        )
    ),
    st.builds(Coverage, *[st.integers(0, 99)] * 8),
    many(st.builds(Undetermined, maybe(words), words, ports, words, maybe(words), st.booleans())),
    many(st.builds(NotInView, words, words, words)),
    many(st.builds(Assumption, words, words)),
    many(st.builds(Unmodelled, words, many(words))),
    many(st.dictionaries(words, words, max_size=2)),
    words,
    many(words),
    maybe(words),
    st.sampled_from(Severity),
    many(findings),
    many(st.dictionaries(words, words, max_size=2)),
    many(findings),
    maybe(st.builds(InCode, st.frozensets(words, max_size=2), st.frozensets(words, max_size=2))),
)


@settings(suppress_health_check=list(HealthCheck), max_examples=60, deadline=None)
@given(whole)
def test_whatever_a_report_holds_comes_back(report: DriftReport) -> None:
    assert report_from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_every_field_is_told_by_the_strategy_above() -> None:
    assert len(fields(DriftReport)) == 25, "a new field needs its inverse and a place in `whole`"
    assert len(fields(Finding)) == 20, "a new field needs its inverse and a place in `findings`"
    assert len(fields(Answer)) == 12
    assert len(fields(ReportedHost)) == 8


@pytest.mark.parametrize("make", [reports.drift, reports.in_sync, reports.incomplete, reports.hostile])
def test_what_the_judge_said_comes_back(make) -> None:
    document = json.loads(make().to_json())
    assert report_from_dict(document).to_dict() == document


def test_keys_of_a_later_version_are_left_out() -> None:
    document = reports.drift().to_dict()
    assert report_from_dict({**document, "weather": "fine"}) == report_from_dict(document)


def test_a_difference_is_seen() -> None:
    report = reports.drift()
    other = evolve(report, findings=report.findings[1:])
    assert report_from_dict(other.to_dict()) != report_from_dict(report.to_dict())


@pytest.mark.parametrize("document", [{}, [], {"schema": "iacdrift/report/9"}, {"schema": "iacdrift/report/1", "verdict": "drift"}])
def test_anything_else_is_refused_with_a_sentence(document: object) -> None:
    with pytest.raises(SourceError, match="report"):
        report_from_dict(document)
