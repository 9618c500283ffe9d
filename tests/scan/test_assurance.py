"""Whose controls speak for the silence of an address that has none of its own."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from iacdrift.scan.assurance import measured
from iacdrift.scan.ledger import Controlled, Ledger, Quiet
from iacdrift.scan.loss import NO_CONTROLS, Controls
from tests.scan.conftest import P

SILENT, ANSWERS = ip_address("198.51.100.1"), ip_address("198.51.100.2")
SHORT, LONG = 1, 2
WELL, BADLY = Controls(300, 0), Controls(100, 40)
"""Short jobs lose nothing; the long one loses, because what rations connections has had enough by then."""


@pytest.fixture
def ledger() -> Ledger:
    """A short job, then a long one, each with controls on the address that answers."""
    made = Ledger()
    made.batch, made.long = LONG, {LONG}
    record = made.record(ANSWERS)
    record.first, record.last = SHORT, LONG
    record.controlled += [Controlled(SHORT, WELL, 1000), Controlled(LONG, BADLY, 1000)]
    return made


def silent_in(ledger: Ledger, *batches: int) -> Controls:
    ledger.record(SILENT).quiet[:] = [Quiet(batch, P("80"), 1) for batch in batches]
    return measured(ledger, SILENT, (ANSWERS,)).controls


def test_silence_of_short_jobs_rests_on_all_controls(ledger: Ledger) -> None:
    assert silent_in(ledger, SHORT) == WELL + BADLY


def test_silence_of_a_long_job_rests_on_controls_of_long_jobs_alone(ledger: Ledger) -> None:
    assert silent_in(ledger, SHORT, LONG) == BADLY
    assert measured(ledger, SILENT, (ANSWERS,)).where == (ANSWERS,)


def test_silence_of_a_long_job_without_controls_of_its_kind_rests_on_nothing(ledger: Ledger) -> None:
    ledger.record(ANSWERS).controlled.pop()
    assert silent_in(ledger, LONG) == NO_CONTROLS
    found = measured(ledger, SILENT, (ANSWERS,))
    assert (found.where, found.probes_for(0.9999)) == ((), None)


def test_a_long_job_that_no_longer_counts_asks_for_nothing(ledger: Ledger) -> None:
    ledger.batch, ledger.record(ANSWERS).last = 3, 3
    ledger.record(ANSWERS).controlled.append(Controlled(3, WELL, 1000))
    ledger.record(SILENT).since = 3
    assert silent_in(ledger, LONG, 3) == WELL


def test_short_and_long_are_not_mixed_up_where_the_loss_is_reckoned_once_for_many(ledger: Ledger) -> None:
    other = ip_address("198.51.100.3")
    ledger.record(other).quiet.append(Quiet(SHORT, P("80"), 1))
    assert silent_in(ledger, LONG) == BADLY
    others = (ANSWERS,)
    assert [measured(ledger, address, others).controls for address in (other, SILENT, other)] == [WELL + BADLY, BADLY, WELL + BADLY]


def test_an_address_with_controls_of_its_own_needs_nobody_elses(ledger: Ledger) -> None:
    record = ledger.record(SILENT)
    record.first, record.last = SHORT, LONG
    record.controlled.append(Controlled(SHORT, WELL, 1000))
    assert silent_in(ledger, LONG) == WELL
    assert measured(ledger, SILENT, (ANSWERS,)).where == ()
