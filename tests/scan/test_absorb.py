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


def looked() -> Ledger:
    """After a first look that 22 answered."""
    ledger = Ledger()
    absorb_batch(ledger, ((Job("look", "syn", (A,), P("22,80"), Pace(50, retries=0)), (told("22", "80"),)),))
    return ledger


def test_a_known_address_is_measured_by_what_was_known_before() -> None:
    ledger = looked()
    absorb_batch(ledger, ((SWEEP, (told("22,443", "1-21,23-442,444-2000"),)), (CONTROL, (told("22,443", ""),))))
    assert ledger.record(A).controls == Controls(2, 0)  # 443 wasn't known
    absorb_batch(ledger, ((SWEEP, (told("22", "1-21,23-2000"),)), (CONTROL, (told("22", "443"), told("22,443", "")))))
    assert ledger.record(A).controls == Controls(2 + 2 + 4, 1 + 1)
