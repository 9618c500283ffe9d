"""Controls beside a long job."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from attrs import evolve

from iacdrift.scan.job import Job, Pace
from iacdrift.scan.jobs import Wants
from iacdrift.scan.manner import Manner
from iacdrift.scan.pulse import pulse_job
from tests.scan.conftest import P

HOSTS = tuple(ip_address(f"198.51.100.{n}") for n in range(1, 101))
MANNER = Manner("syn", 20_000)


def known(*lists: str) -> Wants:
    """Each host in turn answers on the next of these ports."""
    return {address: P(lists[number % len(lists)]) for number, address in enumerate(HOSTS)}


def job(*targets: object, ports: str = "1-1000") -> Job:
    return Job("sweep", "syn", targets, P(ports), Pace(20_000, 20_000, retries=0))  # type: ignore[arg-type]


def test_the_job_and_its_controls_share_the_rate() -> None:
    for told in (known("22,80"), known("22", "80", "443", "8080", "3389"), known("22", "")):
        main, *pulses = pulse_job(told, job(*HOSTS), 5.0, MANNER)
        assert pulses
        assert main.pace.min_rate == main.pace.max_rate
        assert main.pace.max_rate + sum(pulse.pace.max_rate for pulse in pulses) <= 20_000
        assert all(pulse.beside and pulse.single for pulse in pulses)


@pytest.mark.parametrize(("retries", "controls"), [(1, 86), (0, 43)])
def test_every_host_that_answers_gets_enough_controls_for_two_probes_a_port_in_one_job_or_in_two(retries: int, controls: int) -> None:
    sweep = job(*HOSTS)
    _, *pulses = pulse_job(known("22,80"), evolve(sweep, pace=evolve(sweep.pace, retries=retries)), 5.0, MANNER)
    assert {address for pulse in pulses for address in pulse.targets} == set(HOSTS)
    for address in HOSTS:
        mine = [pulse for pulse in pulses if address in pulse.targets]
        assert sum(5.0 * pulse.pace.max_rate / len(pulse.targets) for pulse in mine) >= controls
        assert sum(pulse.rounds * len(pulse.ports) for pulse in mine) >= controls


def test_who_has_enough_controls_gets_none_beside_a_second_pass() -> None:
    needed = dict.fromkeys(HOSTS[:2], 50)
    _, *pulses = pulse_job(known("22,80"), job(*HOSTS), 5.0, MANNER, needed)
    assert {address for pulse in pulses for address in pulse.targets} == set(HOSTS[:2])
    assert all(sum(5.0 * pulse.pace.max_rate / 2 for pulse in pulses) >= 50 for _ in HOSTS[:2])
    assert pulse_job(known("22,80"), job(*HOSTS), 5.0, MANNER, {}) == (job(*HOSTS),)


def test_one_host_costs_little_of_the_rate() -> None:
    main, *pulses = pulse_job(known("22,80"), job(HOSTS[0], ports="1-65535"), 3.4, MANNER)
    assert main.pace.max_rate == 19_900
    assert len(pulses) == 2


def test_silent_targets_are_vouched_for_by_others_and_nobody_by_nobody() -> None:
    _, *pulses = pulse_job(known("22", ""), job(HOSTS[1]), 5.0, MANNER)
    assert {address for pulse in pulses for address in pulse.targets} <= set(HOSTS[::2])
    assert pulses
    assert pulse_job({}, job(HOSTS[1]), 5.0, MANNER) == (job(HOSTS[1]),)
