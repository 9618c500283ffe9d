from __future__ import annotations

from ipaddress import ip_address

from iacdrift.scan.job import Pace
from iacdrift.scan.jobs import LONGEST, MOST_TARGETS, SAFE_MIN_RATE, Sort, careful_jobs, grouped, jobs_for, sort_of, sweep_jobs
from iacdrift.scan.manner import Manner
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

MANNER = Manner("syn", 50_000)
A, B, SIX = ip_address("198.51.100.1"), ip_address("198.51.100.2"), ip_address("2001:db8::1")
OPEN, CLOSED = Answer(Evidence.OPEN), Answer(Evidence.CLOSED)
SILENT, ROUTER = Answer(Evidence.SILENT), Answer(Evidence.REJECTED_ON_THE_WAY)


def test_hosts_are_sorted_by_their_first_look() -> None:
    assert sort_of(((P("1-9"), SILENT),)) is Sort.SILENT
    assert sort_of(((P("1-9"), ROUTER),)) is Sort.SILENT
    assert sort_of(((P("80"), OPEN), (P("1-9"), SILENT))) is Sort.SILENT
    assert sort_of(((P("80-90"), OPEN), (P("1-9"), SILENT))) is Sort.MIXED
    assert sort_of(((P("80"), OPEN), (P("1-9"), CLOSED))) is Sort.REFUSING
    assert sort_of(((P("80-90"), OPEN), (P("1-9"), CLOSED))) is Sort.REFUSING
    assert sort_of(((P("80"), CLOSED), (P("1-9"), SILENT))) is Sort.MIXED
    assert sort_of(((P("80-90"), OPEN),)) is Sort.MIXED
    assert sort_of(()) is Sort.SILENT


def test_equal_hosts_share_a_run_and_families_dont() -> None:
    jobs = jobs_for("sweep", "syn", {A: P("80"), SIX: P("80"), B: P("80")}, Pace(1000), MANNER)
    assert [job.targets for job in jobs] == [(A, B), (SIX,)]


def test_a_rate_is_forced_only_where_nothing_is_lost_by_it() -> None:
    sorts = {A: Sort.SILENT, B: Sort.REFUSING, SIX: Sort.MIXED}
    jobs = {job.targets: job.pace for job in sweep_jobs(dict.fromkeys((A, B, SIX), P("1-9")), sorts, MANNER)}
    assert jobs[(A,)].min_rate == 50_000
    assert jobs[(B,)].min_rate is None
    assert jobs[(SIX,)].min_rate == SAFE_MIN_RATE
    assert all(pace.max_rate == 50_000 for pace in jobs.values())
    assert {address: jobs[(address,)].retries for address in sorts} == {A: 0, B: 3, SIX: 0}


def test_many_different_lists_are_merged_within_bounds() -> None:
    wants = {ip_address(int(A) + n): P("1-100") | P(str(1000 + n)) for n in range(100)}
    groups = grouped(wants)
    assert len(groups) < 100
    assert sorted(address for addresses, _ in groups for address in addresses) == sorted(wants)
    for addresses, ports in groups:
        assert all(wants[address] - ports == P("") for address in addresses)
        needed = sum(len(wants[address]) for address in addresses)
        assert len(addresses) * len(ports) <= max(1.5 * needed, 512)


def test_few_different_lists_stay_exact() -> None:
    assert grouped({A: P("80"), B: P("443")}) == (((A,), P("80")), ((B,), P("443")))


def test_a_job_has_a_bounded_number_of_targets() -> None:
    wants = {ip_address(int(A) + n): P("80") for n in range(MOST_TARGETS + 1)}
    assert [len(job.targets) for job in jobs_for("look", "syn", wants, Pace(1000), MANNER)] == [MOST_TARGETS, 1]


def test_detection_runs_in_parallel_where_many_ports_listen() -> None:
    many, few = P("1-100"), P("1-3")
    jobs = careful_jobs("confirm", "syn", {A: many}, {A: many}, MANNER)
    assert (jobs[0].pace.versions, jobs[0].pace.parallel) == (True, 100)
    jobs = careful_jobs("confirm", "syn", {A: few}, {A: few}, MANNER)
    assert (jobs[0].pace.versions, jobs[0].pace.parallel) == (True, None)
    jobs = careful_jobs("confirm", "syn", {A: many}, {}, MANNER)
    assert not jobs[0].pace.versions


def test_service_detection_on_several_hosts_shares_one_run_for_it_waits_on_all_of_them_at_once():
    wants = {A: P("80"), B: P("443")}
    (job,) = careful_jobs("confirm", "syn", wants, wants, MANNER)
    assert (job.targets, job.ports) == ((A, B), P("80,443"))


def test_the_ports_of_incidents_come_first_and_no_sweep_lasts_long() -> None:
    jobs = sweep_jobs({A: P("1-65535")}, {}, Manner("syn", 1000), P("6379,27017"))
    assert P("6379,27017") - jobs[0].ports == P("")
    assert sum(len(job.ports) for job in jobs) == 65535
    assert all(len(job.ports) * job.probes <= 1000 * LONGEST for job in jobs)


def test_caps_hold_for_one_address_and_for_one_network() -> None:
    near, far, beyond = [ip_address(int(A) + n) for n in range(4)], ip_address("203.0.113.1"), ip_address("192.0.2.1")
    forced, free = Pace(1000, 1000, retries=1), Pace(1000, None, retries=3)
    hosts = Manner("syn", 1000, host_rate=100)
    assert hosts.capped(forced, near).max_rate == hosts.capped(forced, near).min_rate == 300
    assert hosts.capped(free, near).max_rate == 100
    networks = Manner("syn", 1000, network_rate=100)
    assert networks.capped(forced, near).max_rate == 100
    assert networks.capped(forced, [*near, far, beyond]).max_rate == 112
    assert networks.capped(free, [*near, far, beyond]).max_rate == 100
    assert Manner("syn", 1000).capped(forced, near) == forced
