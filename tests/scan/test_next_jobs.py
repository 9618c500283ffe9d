from __future__ import annotations

from ipaddress import ip_address

from attrs import evolve

from iacdrift.scan.ledger import Controlled, Ledger
from iacdrift.scan.loss import Controls
from iacdrift.scan.next_jobs import Step, next_jobs
from iacdrift.scan.plan import ScanPlan, plan_scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P, host, machine, surface

A, B = ip_address("198.51.100.7"), ip_address("198.51.100.8")
OPEN, SILENT, CLOSED = Answer(Evidence.OPEN), Answer(Evidence.SILENT), Answer(Evidence.CLOSED)


def planned(*hosts: tuple[str, str], **options: object) -> ScanPlan:
    expected = surface(*(host(address, ports) for address, ports in hosts), vantage="internet")
    return plan_scan(expected, ScanSettings(**options), machine())  # type: ignore[arg-type]


def after(*stages: str) -> Ledger:
    ledger = Ledger()
    ledger.done = dict.fromkeys(stages, 99)
    ledger.batch = 1
    return ledger


def step(plan: ScanPlan, ledger: Ledger) -> Step:
    found = next_jobs(plan, ledger)
    assert found is not None
    return found


def test_a_first_look_comes_first_and_asking_twice_gives_the_same_answer() -> None:
    plan, ledger = planned((str(A), "443"), ports="1-65535"), Ledger()
    assert next_jobs(plan, ledger) == next_jobs(plan, ledger)
    found = step(plan, ledger)
    assert found.stage == "look"
    assert all(443 in job.ports and len(job.ports) < 64 for job in found.jobs)


def test_each_sort_of_host_is_swept_in_its_own_way_with_controls_beside_it() -> None:
    plan, ledger = planned((str(A), "443"), (str(B), "443"), ports="1-2000", rate=20_000), after("look")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("1-9"), CLOSED)))
    ledger.absorb(B, "tcp", ((P("1-9,443"), SILENT),))
    jobs = step(plan, ledger).jobs
    sweeps = {job.targets[0]: job.pace for job in jobs if job.stage == "sweep"}
    assert sweeps[A].min_rate is None
    assert sweeps[B].min_rate is not None
    pulses = [job for job in jobs if job.stage == "pulse"]
    assert {job.targets for job in pulses} == {(A,)}
    assert all(job.beside and job.pace.retries == 0 and job.rounds > 1 for job in pulses)
    assert all(1 <= pace.max_rate + sum(job.pace.max_rate for job in pulses) <= 2 * 20_000 for pace in sweeps.values())


def test_silence_calls_for_controls_and_further_probes_within_the_rate() -> None:
    plan, ledger = planned((str(A), "443"), ports="80-89,443", rate=1000), after("look", "sweep")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("80-89"), SILENT)), probes=2)
    found = step(plan, ledger)
    assert (found.stage, found.optional) == ("known", True)
    assert {job.stage for job in found.jobs} == {"known", "assure"}
    assert sum(job.pace.max_rate for job in found.jobs) <= 1000
    assert all(job.pace.retries == 0 for job in found.jobs)


def test_what_the_loss_asks_for_is_asked_and_no_more() -> None:
    plan, ledger = planned((str(A), "443"), ports="80-89,443"), after("look", "sweep", "known")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("80-89"), SILENT)), probes=2)
    record = ledger.record(A)
    record.controlled.append(Controlled(1, Controls(300, 30), 1000))
    (job,) = step(plan, ledger).jobs
    assert (job.stage, job.rounds, str(job.ports)) == ("assure", 3, "80-89,443")
    record.controlled[0] = Controlled(1, Controls(300, 0), 1000)
    assert step(plan, ledger).stage == "close"


def test_what_should_not_answer_is_looked_at_beside_the_second_probe_of_all_others() -> None:
    plan, ledger = planned((str(A), "443"), ports="1-65535", rate=10_000), after("look", "sweep", "known")
    ledger.absorb(A, "tcp", ((P("443,6379"), OPEN), (P("1-442,444-6378,6380-65535"), SILENT)))
    ledger.record(A).controlled.append(Controlled(1, Controls(300, 0), 1000))
    found = step(plan, ledger)
    first, look, *_ = found.jobs
    assert (found.stage, first.stage, look.stage) == ("assure", "assure", "confirm")
    assert (str(look.ports), look.pace.versions, look.beside) == ("6379", True, True)
    assert first.pace.max_rate + look.pace.max_rate <= 10_000
    assert first.single
    ledger.absorb(A, "tcp", ((P("6379"), OPEN),))
    ledger.look(A, P("6379"))
    ledger.done["assure"] = 99
    assert step(plan, ledger).stage != "confirm tcp"


def test_a_long_second_pass_waits_for_no_controls_but_has_them_beside_it() -> None:
    plan, ledger = planned((str(A), "443"), ports="1-65535", rate=10_000), after("look", "sweep")
    ledger.absorb(A, "tcp", ((P("443,6379"), OPEN), (P("1-442,444-6378,6380-65535"), SILENT)))
    ledger.record(A).controlled.append(Controlled(1, Controls(43, 0), 1000))
    found = step(plan, ledger)
    assert (found.stage, [job.stage for job in found.jobs]) == ("assure", ["assure", "pulse", "pulse", "confirm"])
    first, *beside = found.jobs
    assert first.rounds == 1  # with what comes beside it the controls will do for two probes
    assert all(job.beside for job in beside)
    assert sum(job.pace.max_rate for job in found.jobs) <= 10_000
    assert sum(job.pace.max_rate for job in beside if job.stage == "pulse") * 65_535 / 10_000 >= 43
    ledger.batch, ledger.done["assure"] = 2, 1
    ledger.absorb(A, "tcp", ((P("1-442,444-6378,6380-65535"), SILENT),))
    ledger.heard(A)
    ledger.record(A).controlled.append(Controlled(2, Controls(40, 0), 1000))
    assert {job.stage for job in step(plan, ledger).jobs} == {"known"}  # the few that were short, and no third probe


def test_where_the_controls_show_loss_the_second_pass_asks_as_often_as_it_wants() -> None:
    plan, ledger = planned((str(A), "443"), ports="1-65535", rate=10_000), after("look", "sweep")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("1-442,444-65535"), SILENT)))
    ledger.record(A).controlled.append(Controlled(1, Controls(60, 6), 1000))
    assert step(plan, ledger).jobs[0].rounds == 4


def test_what_is_as_declared_is_asked_no_more_questions_than_whether_it_still_answers() -> None:
    plan, ledger = planned((str(A), "80,443"), ports="declared"), after("look")
    ledger.absorb(A, "tcp", ((P("80,443"), OPEN),), probes=2)
    assert next_jobs(plan, ledger) is None  # no silence that a later answer would have to vouch for
    ledger.absorb(A, "tcp", ((P("8080"), SILENT),), probes=2)
    ledger.done |= {"known": 99, "assure": 99}
    assert step(plan, ledger).stage == "close"
    ledger.done["close"] = 1
    assert next_jobs(plan, ledger) is None


def test_a_rate_too_low_for_rounds_side_by_side_has_one_process_at_a_time() -> None:
    plan, ledger = planned((str(A), "443"), ports="80-89,443", rate=10), after("look", "sweep")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("80-89"), SILENT)), probes=2)
    jobs = [job for job in step(evolve(plan), ledger).jobs if job.stage == "known"]
    assert len(jobs) > 1
    assert all(job.rounds == 1 and not job.beside for job in jobs)


def test_a_second_pass_over_hosts_that_are_nearly_alike_is_one_job() -> None:
    plan, ledger = planned((str(A), "443"), (str(B), "443"), ports="1-9000", rate=5000), after("look", "sweep")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("1-442,444-9000"), SILENT)))
    ledger.absorb(B, "tcp", ((P("443,8080"), OPEN), (P("1-442,444-8079,8081-9000"), SILENT)))
    assert [job.targets for job in step(plan, ledger).jobs if job.stage == "assure"] == [(A, B)]
    ledger.absorb(B, "tcp", ((P("1-4000"), CLOSED),))
    assert len([job for job in step(plan, ledger).jobs if job.stage == "assure"]) == 2


def test_a_long_job_on_addresses_that_never_answered_has_controls_beside_it_on_one_that_did() -> None:
    silent = [ip_address(f"198.51.100.{n}") for n in range(20, 60)]
    plan, ledger = planned((str(A), "443"), *((str(a), "443") for a in silent), ports="1-900", rate=5000), after("look", "sweep", "known")
    ledger.absorb(A, "tcp", ((P("443"), OPEN), (P("1-442,444-900"), SILENT)))
    ledger.record(A).controlled += [Controlled(1, Controls(200, 0), 1000)] * 3  # it wants no more of them
    for address in silent:
        ledger.absorb(address, "tcp", ((P("1-900"), SILENT),))
    found = step(plan, ledger)
    assert found.stage == "assure"
    assert {job.targets for job in found.jobs if job.stage == "pulse"} == {(A,)}
