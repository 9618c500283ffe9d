"""A sweep that misses known answers proves nothing of the ports that it calls silent."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from attrs import evolve

from iacdrift.model.ports import PortSet
from iacdrift.scan.absorb import absorb_batch
from iacdrift.scan.canaries import flooded, with_canaries
from iacdrift.scan.facts import XmlHost
from iacdrift.scan.job import PULSE, Job, Pace
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.loss import Controls
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

A, B = ip_address("198.51.100.7"), ip_address("198.51.100.8")
OPEN, SILENT = Answer(Evidence.OPEN), Answer(Evidence.SILENT)
SWEEP = Job("sweep", "syn", (A, B), P("1000-1999"), Pace(1000, 1000, retries=1))


def known(ports: str = "22,80,443") -> Ledger:
    """Both hosts answered on these ports."""
    ledger = Ledger()
    for address in (A, B):
        ledger.absorb(address, "tcp", ((P(ports), OPEN),))
    return ledger


def heard(address: object, opened: str, job: Job) -> XmlHost:
    opens = P(opened)
    return XmlHost(address, up=True, timed_out=False, tcp=((opens, OPEN), (job.ports - opens, SILENT)))  # type: ignore[arg-type]


def asked(ledger: Ledger, port: int) -> set[int]:
    """How many counted probes the port was silent to, on each host."""
    return {next(iter(ledger.record(address).probes(PortSet.single(port), so_far=True))) for address in (A, B)}


def test_a_long_sweep_asks_known_answers_as_well() -> None:
    job = with_canaries(known(), SWEEP)
    assert str(job.ports) == "22,80,443,1000-1999"
    short = Job("sweep", "syn", (A,), P("1000-1009"), Pace(1000))
    assert with_canaries(known(), short) == short
    many = with_canaries(known("1-900"), SWEEP)
    assert len(SWEEP.ports) < len(many.ports) <= len(SWEEP.ports) + 6


def test_a_sweep_that_hears_them_counts() -> None:
    ledger = known()
    job = with_canaries(ledger, SWEEP)
    absorb_batch(ledger, [(job, (heard(A, "22,80,443", job), heard(B, "22,80,443", job)))])
    assert asked(ledger, 1500) == {2}


def test_what_processes_beside_it_lose_as_well_is_loss_and_no_deafness() -> None:
    ledger = known()
    job = with_canaries(ledger, evolve(SWEEP, pace=Pace(1000, 1000, retries=0)))
    sweep = (job, (heard(A, "22", job), heard(B, "443", job)))
    pulse = Job(PULSE, "syn", (A, B), P("22,80,443"), Pace(100, retries=0), beside=True)
    lossy = (pulse, tuple(heard(address, "80" if turn % 2 else "", pulse) for turn in range(40) for address in (A, B)))
    for address in (A, B):
        ledger.record(address).lossy = True  # found before: it has nothing to do with speed
    absorb_batch(ledger, [sweep, lossy])
    assert asked(ledger, 1500) == {1}


def test_single_probes_to_known_answers_are_controls() -> None:
    ledger = known()
    job = with_canaries(ledger, evolve(SWEEP, pace=Pace(1000, 1000, retries=0)))
    absorb_batch(ledger, [(job, (heard(A, "22,80,443", job), heard(B, "22,80,443", job)))])
    assert {ledger.record(address).controls for address in (A, B)} == {Controls(3, 0)}


def test_more_answers_a_second_than_nmap_takes_in_void_the_silence_beside_them() -> None:
    ledger = known()
    fast = evolve(SWEEP, pace=Pace(50_000, 50_000, retries=0))
    assert flooded(fast, (heard(A, "1000-1900", fast), heard(B, "1000", fast)))
    assert not flooded(fast, (heard(A, "1000-1099", fast), heard(B, "1000", fast)))
    assert not flooded(SWEEP, (heard(A, "1000-1900", SWEEP), heard(B, "1000-1900", SWEEP)))
    absorb_batch(ledger, [(fast, (heard(A, "1000-1900", fast), heard(B, "1000-1900", fast)))])
    assert asked(ledger, 1950) == {0}


@pytest.mark.parametrize("second", ["", "22"])
def test_a_sweep_that_misses_them_counts_as_not_asked(second: str) -> None:
    ledger = known()
    job = with_canaries(ledger, SWEEP)
    absorb_batch(ledger, [(job, (heard(A, "22,80,443", job), heard(B, second, job)))])
    assert asked(ledger, 1500) == {0}


def test_what_it_did_hear_is_learnt_and_what_it_missed_is_no_news_of_the_port() -> None:
    ledger = known()
    job = with_canaries(ledger, SWEEP)
    absorb_batch(ledger, [(job, (heard(A, "1234", job), heard(B, "", job)))])
    assert str(ledger.contested(A, "tcp")) == ""
    opened = {str(ports) for ports, answer in ledger.belief(A, "tcp") if answer.evidence is Evidence.OPEN}
    assert opened == {"22,80,443", "1234"} or opened == {"22,80,443,1234"}


def test_other_stages_are_not_judged_by_it() -> None:
    ledger = known()
    job = Job("confirm", "syn", (A,), P("443,1500"), Pace(1000))
    absorb_batch(ledger, [(job, (heard(A, "", job),))])
    assert str(ledger.contested(A, "tcp")) == "443"
