from __future__ import annotations

from ipaddress import ip_address

from attrs import evolve

from iacdrift.drift.figure import SilenceCoverage, silence_of
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import Verdict
from iacdrift.outputs.registry import render
from iacdrift.settle import joined
from iacdrift.surface.observed import ObservedPorts, SilenceFigure
from tests.drift.scenes import OPEN, OTHER, SILENT, host, judged, observed_host, ports, run

SURE = SilenceFigure(0.01, 300, 0, 2, 1e-4)
LESS_SURE = SilenceFigure(0.05, 64, 1, 4, 6.25e-6, (ip_address(OTHER),))
WHY = "too few probes for this loss"


def test_a_silence_that_isnt_sure_enough_is_incomplete_and_the_rest_is_in_sync() -> None:
    seen = observed_host("80-89", ("80", OPEN), ("81-89", SILENT), silence=SURE, doubted=((ports("85-86"), WHY),))
    report = judged(host(open="80"), seen)
    assert report.verdict is Verdict.INCOMPLETE
    assert [(str(gap.ports), gap.why) for gap in report.undetermined] == [("85-86", WHY)]
    assert judged(host(open="80"), observed_host("80-89", ("80", OPEN), ("81-89", SILENT), silence=SURE)).verdict is Verdict.IN_SYNC


def test_an_expected_port_whose_silence_is_doubted_is_no_alarm_either() -> None:
    seen = observed_host("80-81", ("80", OPEN), ("81", SILENT), silence=SURE, doubted=((ports("81"), WHY),))
    report = judged(host(open="80-81"), seen)
    assert (report.verdict, report.findings) == (Verdict.INCOMPLETE, ())


def test_silence_before_the_last_answer_stands_though_the_host_is_gone_at_the_end() -> None:
    seen = observed_host(
        "80-89", ("80", OPEN), ("81-89", SILENT), answered_after=False, silence=SURE, doubted=((ports("88-89"), "banned"),)
    )
    report = judged(host(open="80"), seen)
    assert [str(gap.ports) for gap in report.undetermined] == ["88-89"]
    lost = observed_host("80-89", ("80", OPEN), ("81-89", SILENT), answered_after=False)
    assert [str(gap.ports) for gap in judged(host(open="80"), lost).undetermined] == ["81-89"]


def test_the_report_tells_the_worst_figure_and_comes_back_from_its_json() -> None:
    first = observed_host("80-89", ("80", OPEN), ("81-89", SILENT), silence=SURE)
    second = observed_host("80-89", ("81-89", SILENT), address=OTHER, answers=False, silence=LESS_SURE)
    report = judged(host(open="80"), first)
    shown = report.to_dict()["coverage"]
    figures = {"loss": 0.01, "controls": 300, "lost": 0, "probes": 2, "miss": 0.0001, "elsewhere": 0, "measured_on": []}
    assert shown["silence"] == figures  # type: ignore[index]
    assert report_from_dict(report.to_dict()).coverage == report.coverage
    both = silence_of([first, second])
    assert both is not None
    assert (both.loss, both.probes, both.miss, both.controls) == (0.05, 2, 1e-4, 300)
    assert (both.elsewhere, both.measured_on) == (1, (OTHER,))
    assert SilenceCoverage.from_dict(both.to_dict()) == both
    assert SilenceCoverage.from_dict({"loss": 0.01, "controls": 300, "lost": 0, "probes": 2, "miss": 1e-4}).measured_on == ()


def test_people_are_told_where_the_loss_was_measured_and_that_udp_has_no_figure() -> None:
    seen = observed_host("80-89", ("81-89", SILENT), address=OTHER, answers=False, silence=LESS_SURE)
    text = " ".join(render(judged(host(OTHER), seen, observed_host("80", ("80", OPEN))), "text").split())
    asked = evolve(seen, udp=ObservedPorts(ports("53")))
    assert "silence over UDP has no figure" in " ".join(render(judged(host(OTHER), asked), "text").split())
    assert f"for 1 address that never answered the loss was measured on {OTHER}" in text
    assert "UDP" not in text.partition("silence")[2].partition("Taken for granted")[0]


def test_a_run_without_silence_has_no_figure() -> None:
    assert "silence" not in judged(host(open="80"), observed_host("80", ("80", OPEN))).to_dict()["coverage"]  # type: ignore[operator]


def test_a_host_that_went_down_before_it_was_asked_again_doesnt_make_an_exposed_port_right() -> None:
    before = observed_host("80-89", ("80", OPEN), ("85", OPEN), ("81-84,86-89", SILENT), silence=SURE)
    gone = observed_host("85", ("85", SILENT), answers=False, silence=LESS_SURE)
    report = judged(host(open="80"), joined(run(before), run(gone)).hosts[before.address])
    assert report.verdict is not Verdict.IN_SYNC
    assert "85" in [str(gap.ports) for gap in report.undetermined]


def test_what_was_doubted_and_is_believed_when_asked_again_is_doubted_no_more() -> None:
    before = observed_host("80-89", ("80", OPEN), ("81-89", SILENT), silence=SURE, doubted=((ports("85-86"), WHY),))
    again = observed_host("80,85", ("80", OPEN), ("85", SILENT), silence=LESS_SURE)
    both = joined(run(before), run(again)).hosts[before.address]
    assert [str(held) for held, _ in both.doubted] == ["86"]
    assert both.silence == SURE
