"""What a plan says of a network that is as the code says."""

from __future__ import annotations

import pytest

from iacdrift.scan.foresight import sort_ahead
from iacdrift.scan.jobs import Sort
from iacdrift.scan.plan import ScanPlan, plan_scan
from iacdrift.scan.settings import ScanSettings
from tests.scan.conftest import host, machine, surface


def planned(opened: str, allowed: str = "", **options: object) -> ScanPlan:
    expected = surface(host("198.51.100.7", opened, allowed=allowed), vantage="internet")
    return plan_scan(expected, ScanSettings(**options), machine(), None)  # type: ignore[arg-type]


def asked(plan: ScanPlan, *stages: str) -> int:
    return sum(one.packets for one in plan.jobs if one.job.protocol == "tcp" and one.job.stage in stages)


def seconds(plan: ScanPlan) -> float:
    return sum(one.seconds for one in plan.jobs if one.job.protocol == "tcp")


def test_what_should_answer_is_asked_once_and_what_should_not_twice() -> None:
    assert asked(planned("80,443", ports="80,443"), "look") == 2
    assert asked(planned("80", ports="80,443"), "look") == 3
    assert asked(planned("80", "443", ports="80,443"), "look") == 2


def test_a_silent_host_is_swept_in_two_passes_and_the_second_leaves_out_what_answers() -> None:
    plan = planned("443", ports="all", rate=20_000)
    assert 65_535 <= asked(plan, "assure") <= 1.01 * 65_535
    assert 65_536 <= asked(plan, "sweep") <= 1.02 * 65_536
    assert seconds(plan) == pytest.approx(2 * 65_535 / 20_000, rel=0.3)


def test_a_host_on_which_everything_is_admitted_refuses_and_is_asked_once() -> None:
    plan = planned("443", "1-65535", ports="all", rate=20_000)
    assert {sort_ahead(task) for task in plan.tasks} == {Sort.REFUSING}
    assert asked(plan, "assure") == 0
    assert seconds(plan) < 0.7 * seconds(planned("443", ports="all", rate=20_000))


def test_controls_beside_a_sweep_are_counted_as_they_are_sent() -> None:
    with_known, without = planned("443", ports="1-20000", rate=20_000), planned("", ports="1-20000", rate=20_000)
    more = asked(with_known, "sweep") - asked(without, "sweep")
    assert 86 <= more <= 400


def test_what_comes_behind_the_jobs_is_counted_where_it_will_come() -> None:
    everything_answers = planned("80,443", ports="80,443")
    assert everything_answers.seconds == pytest.approx(sum(one.seconds for one in everything_answers.jobs))
    silent = planned("80", ports="80,443")
    assert silent.seconds > sum(one.seconds for one in silent.jobs)
    refusing = planned("443", "1-65535", ports="1-65535", rate=20_000)
    assert refusing.seconds - sum(one.seconds for one in refusing.jobs) == pytest.approx(0.5)


def test_nmap_at_its_own_pace_isnt_reckoned_faster_than_it_is() -> None:
    fast, slow = (planned("443", "1-65535", ports="all", rate=rate) for rate in (200_000, 100_000))
    assert seconds(fast) == pytest.approx(seconds(slow), rel=0.05)
    assert seconds(fast) > 65_535 / 50_000
