"""Addresses that never answer rest on others: on what those lost at the same time, and at the same pace."""

from __future__ import annotations

from ipaddress import ip_address

from iacdrift.model.ports import PortSet
from iacdrift.scan.absorb import absorb_batch
from iacdrift.scan.assurance import doubts, figure
from iacdrift.scan.facts import XmlHost
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.ledger import Ledger
from iacdrift.surface.expected import Address
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

MUTE, FIRST, SECOND = (ip_address(f"198.51.100.{n}") for n in (1, 2, 3))
SIX = ip_address("2001:db8::1")
OPEN, SILENT = Answer(Evidence.OPEN), Answer(Evidence.SILENT)
ASKED, KNOWN = P("8000-8003"), P("1-100")


def asked(ledger: Ledger, rate: int, lost: dict[Address, int], *, mute: bool = True, stage: str = "assure") -> None:
    """One batch of single probes: the mute address is silent, each of the others answers all known ports but so many."""
    pace, targets = Pace(rate, rate, retries=0), (*lost, *([MUTE] if mute else []))
    job = Job(stage, "syn", targets, KNOWN | ASKED, pace)
    hosts = [_host(address, PortSet.of(range(1, 101 - count)), job) for address, count in lost.items()]
    absorb_batch(ledger, [(job, (*hosts, *([_host(MUTE, PortSet(), job)] if mute else [])))])


def _host(address: Address, opened: PortSet, job: Job) -> XmlHost:
    groups = ((opened, OPEN), (job.ports - opened, SILENT))
    return XmlHost(address, up=True, timed_out=False, tcp=tuple((ports, answer) for ports, answer in groups if ports))


def believed(ledger: Ledger) -> str:
    return str(figure(ledger, MUTE, ASKED, (FIRST, SECOND), 0.9999)[1])


def begun(ledger: Ledger, *others: Address) -> None:
    asked(ledger, 5000, dict.fromkeys(others, 0), stage="look")


def test_silence_rests_on_controls_of_others_at_the_same_time() -> None:
    ledger = Ledger()
    begun(ledger, FIRST)
    asked(ledger, 5000, {FIRST: 0})
    assert believed(ledger) == str(ASKED)


def test_what_the_others_lost_too_fast_still_speaks_against_this_silence() -> None:
    """The other's own controls begin anew, slower; the silence of this one was met at the old pace."""
    ledger = Ledger()
    begun(ledger, FIRST)
    asked(ledger, 5000, {FIRST: 80})
    asked(ledger, 50, {FIRST: 0}, mute=False, stage="known")
    ledger.record(MUTE).since = 0
    assert ledger.record(FIRST).controls.lost == 0
    assert believed(ledger) == ""


def test_where_the_way_rations_whoever_never_answered_begins_anew_slower() -> None:
    ledger = Ledger()
    begun(ledger, FIRST, SECOND)
    asked(ledger, 5000, {FIRST: 80, SECOND: 70})
    asked(ledger, 50, {FIRST: 0, SECOND: 0}, mute=False, stage="known")
    record = ledger.record(MUTE)
    assert (record.since, record.borne) == (4, 1000)
    assert believed(ledger) == ""
    ((_, why),) = doubts(record, ASKED, figure(ledger, MUTE, ASKED, (FIRST, SECOND), 0.9999)[0], 0.9999)
    assert why.startswith("they were asked faster than the way")
    for _ in range(2):
        asked(ledger, 1000, {FIRST: 0, SECOND: 0})
    assert believed(ledger) == str(ASKED)


def test_one_host_that_rations_slows_nobody_else_down() -> None:
    ledger = Ledger()
    others = [ip_address(int(FIRST) + n) for n in range(10)]
    begun(ledger, *others)
    asked(ledger, 5000, dict.fromkeys(others, 0) | {FIRST: 80})
    asked(ledger, 50, {FIRST: 0}, mute=False, stage="known")
    assert ledger.record(FIRST).borne is not None
    assert ledger.record(MUTE).borne is None


def test_silence_since_nobody_answered_any_more_is_void() -> None:
    ledger = Ledger()
    begun(ledger, FIRST)
    asked(ledger, 5000, {FIRST: 0})
    asked(ledger, 5000, {FIRST: 0})
    before = figure(ledger, MUTE, ASKED, (FIRST,), 0.9999)[0]
    for _ in range(3):
        asked(ledger, 5000, {FIRST: 100})
    after = figure(ledger, MUTE, ASKED, (FIRST,), 0.9999)[0]
    assert before is not None
    assert after is not None
    assert before.probes == after.probes
