"""What one batch of jobs teaches."""

from __future__ import annotations

from ipaddress import ip_address

from iacdrift.scan.absorb import absorb_batch
from iacdrift.scan.facts import XmlHost
from iacdrift.scan.job import PULSE, Job, Pace
from iacdrift.scan.ledger import Ledger
from iacdrift.scan.loss import Controls
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

A = ip_address("198.51.100.7")
OPEN, SILENT = Answer(Evidence.OPEN), Answer(Evidence.SILENT)
SWEEP = Job("sweep", "syn", (A,), P("1-2000"), Pace(5000, 5000, retries=0))
CONTROL = Job(PULSE, "syn", (A,), P("22,443"), Pace(50, None, retries=0), rounds=9, beside=True)


def told(opened: str, silent: str) -> XmlHost:
    groups = tuple((P(ports), answer) for ports, answer in ((opened, OPEN), (silent, SILENT)) if ports)
    return XmlHost(A, up=True, timed_out=False, tcp=groups)


def controls(*batch: tuple[Job, tuple[XmlHost, ...]]) -> Controls:
    ledger = Ledger()
    absorb_batch(ledger, batch)
    return ledger.record(A).controls


def test_of_a_new_address_each_job_is_measured_by_what_answered_the_others() -> None:
    swept = (SWEEP, (told("22,443,6379", "1-21,23-442,444-6378"),))
    assert controls(swept) == Controls(0, 0)  # nobody else says what should have answered
    assert controls(swept, (CONTROL, (told("22,443", ""), told("22", "443")))) == Controls(2 + 4, 1)
    assert controls(swept, (CONTROL, (told("", "22,443"),) * 3)) == Controls(6, 6)  # the sweep alone got an answer: the way is lossy


def test_what_should_answer_and_never_does_is_no_control() -> None:
    swept = (SWEEP, (told("22", "1-21,23-2000"),))
    beside = (CONTROL, (told("22", "443"),) * 5)
    assert controls(swept, beside) == Controls(1 + 5, 0)


def test_a_sweep_that_misses_what_answers_beside_it_didnt_ask_anything() -> None:
    ledger = Ledger()
    absorb_batch(ledger, ((SWEEP, (told("", "1-2000"),)), (CONTROL, (told("22,443", ""),) * 30)))
    assert ledger.record(A).probes(P("1-2000"), so_far=True) == {0: P("1-2000")}
    absorb_batch(ledger, ((SWEEP, (told("22,443", "1-21,23-442,444-2000"),)), (CONTROL, (told("22,443", ""),) * 30)))
    assert ledger.record(A).probes(P("1-21"), so_far=True) == {1: P("1-21")}


def test_a_known_address_is_measured_by_what_was_known_before() -> None:
    ledger = Ledger()
    absorb_batch(ledger, ((Job("look", "syn", (A,), P("22,80"), Pace(50, retries=0)), (told("22", "80"),)),))
    absorb_batch(ledger, ((SWEEP, (told("22,443", "1-21,23-442,444-2000"),)), (CONTROL, (told("22,443", ""),))))
    assert ledger.record(A).controls == Controls(2, 0)  # 443 wasn't known
