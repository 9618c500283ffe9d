"""Thousands of silent ports: asked at an even rate, not again where their silence is sure, and in few large jobs."""

from __future__ import annotations

from ipaddress import ip_address

from iacdrift.model.ports import PortSet
from iacdrift.scan.argv import arguments
from iacdrift.scan.calm import calm_jobs, certain, gentle_jobs
from iacdrift.scan.jobs import LONGEST, look_jobs
from iacdrift.scan.ledger import Controlled, Ledger
from iacdrift.scan.loss import Controls
from iacdrift.scan.manner import Manner
from iacdrift.scan.resting import controls_elsewhere
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P, machine

MANNER = Manner("syn", 20_000)
FIRST = ip_address("198.18.0.1")
MANY = tuple(ip_address(int(FIRST) + n) for n in range(5000))
WITNESS = ip_address("198.51.100.1")
EIGHT = P("22,80,443,3306,5432,6379,8080,8443")
OPEN, SILENT = Answer(Evidence.OPEN), Answer(Evidence.SILENT)


def asked(probes: int, controls: Controls | None = None) -> Ledger:
    ledger = Ledger()
    ledger.batch = 1
    ledger.absorb(WITNESS, "tcp", ((P("22"), OPEN),))
    for address in MANY[:100]:
        ledger.absorb(address, "tcp", ((EIGHT, SILENT),), probes)
    if controls:
        ledger.record(WITNESS).controlled.append(Controlled(1, controls, 20_000))
    return ledger


def test_many_silent_ports_have_a_forced_rate_that_is_slow_for_each_host_and_few_are_left_to_nmap() -> None:
    wants = dict.fromkeys(MANY[:100], EIGHT)
    (job,) = gentle_jobs("confirm", "syn", wants, {}, wants, MANNER)
    assert job.pace.min_rate == job.pace.max_rate == 1000
    few = dict.fromkeys(MANY[:2], EIGHT)
    assert [job.pace.min_rate for job in gentle_jobs("confirm", "syn", few, {}, few, MANNER)] == [None]


def test_what_answered_is_asked_carefully_all_the_same() -> None:
    wants = dict.fromkeys(MANY[:100], EIGHT)
    careful, calm = gentle_jobs("confirm", "syn", wants, {}, dict.fromkeys(wants, EIGHT - P("22")), MANNER)
    assert (str(careful.ports), careful.pace.min_rate, careful.pace.retries) == ("22", None, 3)
    assert calm.ports == EIGHT - P("22")


def test_an_even_rate_stays_within_every_cap() -> None:
    (job,) = calm_jobs("close", "syn", dict.fromkeys(MANY[:100], EIGHT), Manner("syn", 400, network_rate=50))
    assert job.pace.max_rate <= 50


def test_silence_is_sure_after_as_many_probes_as_the_loss_elsewhere_wants() -> None:
    for probes, controls, sure in ((2, Controls(300, 0), EIGHT), (1, Controls(300, 0), PortSet()), (2, Controls(300, 30), PortSet())):
        assert certain(asked(probes, controls), MANY[0], (WITNESS,), MANNER) == sure
    assert certain(asked(2), MANY[0], (WITNESS,), MANNER) == PortSet()


def test_many_silent_ports_together_call_for_controls_and_few_for_probes() -> None:
    ledger = asked(2)
    few = controls_elsewhere(ledger, {MANY[0]: P("22")}, (WITNESS,), (), MANNER)
    many = controls_elsewhere(ledger, dict.fromkeys(MANY[:100], P("1-9999")), (WITNESS,), (), MANNER)
    assert few.get(WITNESS, 0) < many[WITNESS]


def test_a_long_first_look_asks_once_and_in_jobs_that_last_no_longer_than_a_sweep() -> None:
    jobs = look_jobs(dict.fromkeys(MANY, EIGHT), True, MANNER)
    assert [len(job.targets) for job in jobs] == [4096, 904]
    assert {job.pace.retries for job in jobs} == {0}
    words = arguments(jobs[0], machine())
    assert words[words.index("--min-hostgroup") + 1] == "4096"
    slow = look_jobs(dict.fromkeys(MANY, EIGHT), True, Manner("syn", 1000))
    assert all(len(job.targets) * 8 <= 1000 * LONGEST for job in slow)
    assert {job.pace.retries for job in look_jobs(dict.fromkeys(MANY[:100], EIGHT), True, MANNER)} == {1}
