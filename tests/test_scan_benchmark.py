"""The benchmark of scans counts right: limits, goals, what the other scanners print, and the page's section."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from benchmarks.scan.cases import CASES, QUICK, Case
from benchmarks.scan.commands import of_masscan, of_nmap, of_rustscan
from benchmarks.scan.figures import better, credible, figures, rows
from benchmarks.scan.ours import Promise, Verdict
from benchmarks.scan.page import section, section_of, with_section
from benchmarks.scan.rounds import OURS, Outcome, Sample
from iacdrift.model.ports import PortSet

TWO = (IPv4Address("198.51.100.11"), IPv4Address("198.51.100.12"))
CASE = Case("case", "2 hosts", 2, PortSet.span(1, 100), 10, PortSet.of((22, 80)), PortSet.single(443), every=2)


def by_name(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def test_the_limit_is_two_probes_a_silent_port_and_one_an_answering_one() -> None:
    assert CASE.packets == 2 * (2 + 98 * 2)
    assert by_name("silent").packets == 2 * 65_535 - 8
    assert by_name("refusing").packets == 65_535
    assert by_name("declared").limit == 100 * 8 / 5000


def test_the_goal_is_a_share_of_a_long_limit_and_a_second_beyond_a_short_one() -> None:
    assert by_name("hosts").goal == pytest.approx(1.1 * by_name("hosts").limit)
    assert by_name("declared").goal == pytest.approx(1.16)


def test_under_loss_a_port_is_asked_until_a_miss_is_rare() -> None:
    assert [by_name(name).probes for name in ("silent", "loss-1", "loss-5")] == [2, 3, 4]


def test_every_listener_is_among_the_ports_that_are_asked() -> None:
    strays = {case.name: case.strays - case.ports for case in (*CASES, *QUICK)}
    assert not any(strays.values())
    assert not any((case.declared | case.idle) - case.ports for case in CASES if not case.refuses)
    assert len(by_name("refusing-open").listening(0)) == 1005


def test_what_listens_is_said_host_by_host() -> None:
    apart = Case("case", "", 2, PortSet.span(1, 500), 10, PortSet.single(22), PortSet.single(443), every=2)
    assert apart.truth(TWO) == {(str(TWO[0]), 22), (str(TWO[0]), 443), (str(TWO[1]), 22)}


def test_what_others_print_is_understood() -> None:
    assert of_nmap("Host: 198.51.100.11 ()\tPorts: 22/open/tcp//ssh///, 25/closed/tcp//smtp///, 80/open/tcp//http///\n") == {
        ("198.51.100.11", 22),
        ("198.51.100.11", 80),
    }
    assert of_nmap("Host: 198.51.100.11 ()\tStatus: Up\n") == frozenset()
    assert of_masscan("#masscan\nopen tcp 22 198.51.100.11 1767225600\n# end\n") == {("198.51.100.11", 22)}
    assert of_rustscan("198.51.100.11 -> [22,80]\n198.51.100.12 -> [443]\n") == {
        ("198.51.100.11", 22),
        ("198.51.100.11", 80),
        ("198.51.100.12", 443),
    }


def test_more_misses_than_claimed_are_told_from_bad_luck() -> None:
    assert [credible(expected) for expected in (0.0, 0.04, 0.1, 1.0)] == [0, 0, 1, 3]


def outcome(**others: Sample) -> Outcome:
    truth = CASE.truth(TWO)
    verdict = Verdict(truth, frozenset(), "drift", 5e-5)
    mine = Sample(45.0, 1.0, 400, 420, truth, verdict=verdict, promise=Promise(420, 44.0), start_up=1.0)
    return Outcome(CASE, truth, {OURS: (mine,)} | {name: (sample,) for name, sample in others.items()}, {"zmap": "asks one port a run"})


def test_a_scanner_is_better_only_where_it_is_faster_and_finds_as_much_and_invents_nothing() -> None:
    truth = CASE.truth(TWO)
    assert better(outcome(quick=Sample(40.0, 1.0, found=truth))) == ("quick",)
    assert better(outcome(slow=Sample(50.0, 1.0, found=truth))) == ()
    assert better(outcome(half=Sample(40.0, 1.0, found=frozenset(list(truth)[:2])))) == ()
    assert better(outcome(wild=Sample(40.0, 1.0, found=truth | {("198.51.100.11", 9)}))) == ()
    assert better(outcome(ended=Sample(40.0, 1.0, stopped=True))) == ()


def test_undetermined_ports_are_not_found_and_not_missed_either() -> None:
    truth = CASE.truth(TWO)
    unsure = frozenset([(str(TWO[0]), 22)])
    verdict = Verdict(truth - unsure, unsure, "incomplete", None)
    held = figures(Outcome(CASE, truth, {OURS: (Sample(9.0, 1.0, found=truth - unsure, verdict=verdict),)}), OURS)
    assert (held.found, held.missed, held.false) == (len(truth) - 1, 0, 0)


def test_what_must_hold_is_held_against_the_figures() -> None:
    met = {row.what.removeprefix("… "): row.met for row in rows(outcome(quick=Sample(40.0, 1.0, found=CASE.truth(TWO))))}
    assert met == {
        "2 hosts: verdict / limit": "no",
        "listeners not found": "yes",
        "false opens": "yes",
        "scanners both faster and as complete": "no",
        "`plan-scan`'s packets off by": "yes",
        "its seconds off by": "yes",
    }


def test_the_section_takes_the_place_of_the_earlier_one_and_nothing_else() -> None:
    text = section([outcome()], 5)
    assert "| 2 hosts, 10/s | 39.60 s | 1.14 x |" in text
    assert "asks one port a run" in text
    once = with_section("# Benchmarks\n\n| a table |\n", "earlier figures\n")
    twice = with_section(once, text)
    assert twice.startswith("# Benchmarks\n\n| a table |\n\n")
    assert "earlier figures" not in twice
    assert section_of(twice) == text
    assert with_section("# Benchmarks\n", section_of("no section")) == "# Benchmarks\n"


def test_a_run_that_fails_is_no_result_and_shown_as_a_failure() -> None:
    truth = CASE.truth(TWO)
    failed = Outcome(CASE, truth, {OURS: (Sample(1.0, 1.0, failed="an error"),), "masscan": (Sample(1.0, 1.0, failed="too"),)})
    assert {row.met for row in rows(failed) if "not found" in row.what} == {"no"}
    assert better(failed) == ()
    assert "| case | masscan | failed after 1.0 s |" in section([failed], 5)
