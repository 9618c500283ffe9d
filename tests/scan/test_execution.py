"""Portions on executors: what travels, who is asked again, and that nothing that was lost is taken for an answer. Sends nothing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from attrs import evolve

from iacdrift.errors import ScopeError
from iacdrift.model.ports import PortSet
from iacdrift.scan import execution
from iacdrift.scan.execution import ATTEMPTS, Workforce, scan_elsewhere
from iacdrift.scan.portion import Learnt, Portion, key, perform, portions_of
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.standing import Standing, proof
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface, HostStatus
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts, ObservedSurface
from iacdrift.surface.vantage import Vantage

OPEN = PortSet.single(443)
HOSTS = tuple(
    ExpectedHost(f"aws_instance.web[{n}]", "x", ip_address(f"198.51.100.{n + 1}"), tcp=ExpectedPorts(open=OPEN if n < 5 else PortSet()))
    for n in range(40)
)
SURFACE = ExpectedSurface(Vantage.parse("203.0.113.9"), HOSTS)
SETTINGS = ScanSettings(ports="1-999", rate=1000, scope=("198.51.100.0/24",))  # type: ignore[arg-type]


class Pool(Executor):
    """Runs what it is given at once, by `answer` instead of the scan; notes what travelled."""

    def __init__(self, answer: Callable[[Portion], Learnt]) -> None:
        self.answer = answer
        self.given: list[Portion] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        assert fn is perform
        portion: Portion = pickle.loads(pickle.dumps(args[0]))
        self.given.append(portion)
        future: Future[Any] = Future()
        try:
            future.set_result(self.answer(portion))
        except Exception as error:
            future.set_exception(error)
        return future


def seen(portion: Portion) -> Learnt:
    groups = ((OPEN, Answer(Evidence.OPEN)),)
    hosts = {
        host.address: ObservedHost(host.address, ObservedPorts(OPEN, groups), answered_before=True, answered_after=True)
        for host in portion.surface.hosts
        if host.address
    }
    return Learnt(ObservedSurface(hosts, packets_sent=len(hosts)), "worker")


def run(pool: Pool, slots: int = 4, present: Callable[[], int] = lambda: 1) -> ObservedSurface:
    return scan_elsewhere(SURFACE, SETTINGS, Workforce(pool, slots, present), Standing("office", SURFACE.vantage))


def test_every_host_is_asked_once_and_each_portion_holds_somebody_who_must_answer() -> None:
    pool = Pool(seen)
    found = run(pool)
    assert set(found.hosts) == {host.address for host in HOSTS}
    own = [name for portion in pool.given for name in portion.own]
    assert sorted(own) == sorted(key(host) for host in HOSTS)
    assert len(pool.given) >= 4
    assert all(any(host.tcp.open for host in portion.surface.hosts) for portion in pool.given)


def test_the_workers_share_the_rate_and_a_portion_carries_the_scope() -> None:
    for portion in portions_of(SURFACE, evolve(SETTINGS, network_rate=100), None, 4):
        assert (portion.settings.rate, portion.settings.network_rate, portion.settings.settle) == (250, 25, None)
        assert portion.settings.scope == (ip_network("198.51.100.0/24"),)


def test_what_a_lost_worker_was_to_learn_is_asked_of_another() -> None:
    lost = iter([True, False, True])

    def answer(portion: Portion) -> Learnt:
        if next(lost, False):
            raise ConnectionError("the worker is gone")
        return seen(portion)

    found = run(Pool(answer))
    assert not [host for host in found.hosts.values() if host.failed]


def test_what_is_lost_again_and_again_is_undetermined() -> None:
    def answer(portion: Portion) -> Learnt:
        if key(HOSTS[0]) in portion.own:
            raise ConnectionError("the worker is gone")
        return seen(portion)

    pool = Pool(answer)
    found = run(pool)
    assert sum(key(HOSTS[0]) in portion.own for portion in pool.given) == ATTEMPTS
    failed = found.hosts[HOSTS[0].address or ip_address("::")]
    assert "was lost (ConnectionError)" in (failed.failed or "")
    assert failed.tcp.asked == PortSet.parse("1-999")
    assert not failed.tcp.of(Evidence.OPEN, Evidence.SILENT)
    assert found.hosts[ip_address("198.51.100.2")].failed is None or key(HOSTS[1]) in pool.given[0].own


def test_a_worker_that_is_not_proven_teaches_nothing() -> None:
    found = run(Pool(lambda _: Learnt(None, "w", "w isn't proven to stand at office: it sends from 10.0.0.1", misplaced=True)))
    assert {host.failed for host in found.hosts.values()} == {"w isn't proven to stand at office: it sends from 10.0.0.1"}


def test_where_nobody_is_left_everything_is_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_DESERTED", 0.2)
    pool = Pool(seen)
    found = run(pool, present=lambda: 0)
    assert pool.given == []
    assert {host.failed for host in found.hosts.values()} == {"no worker is left at this vantage"}


def test_a_pool_that_broke_is_no_verdict() -> None:
    with ThreadPoolExecutor(1) as pool:
        pass
    found = scan_elsewhere(SURFACE, SETTINGS, Workforce.of(pool))
    assert all("takes no more work" in (host.failed or "") for host in found.hosts.values())
    assert len(found.hosts) == len(HOSTS)


def test_the_scope_holds_here_and_on_the_worker() -> None:
    outside = evolve(SURFACE, hosts=(evolve(HOSTS[0], address=ip_address("192.0.2.1")),))
    pool = Pool(seen)
    with pytest.raises(ScopeError):
        scan_elsewhere(outside, SETTINGS, Workforce(pool, 1, lambda: 1))
    assert pool.given == []
    with pytest.raises(ScopeError):
        perform(Portion(outside, SETTINGS, frozenset()))
    with pytest.raises(ScopeError):
        run(Pool(lambda portion: perform(evolve(portion, surface=outside, standing=None))))


def test_a_name_that_nobody_could_resolve_says_why() -> None:
    named = ExpectedHost("aws_lb.shop", "x", None, "shop.example.com", HostStatus.BY_NAME)
    pool = Pool(lambda _: Learnt(None, "w", "w can't scan: Nmap isn't on PATH"))
    found = scan_elsewhere(evolve(SURFACE, hosts=(named,)), SETTINGS, Workforce(pool, 1, lambda: 1))
    assert found.unresolved == {"shop.example.com": "w can't scan: Nmap isn't on PATH"}


def test_where_a_machine_stands_is_told_by_its_own_source_address() -> None:
    here = [ip_address("127.0.0.5")]
    assert Standing("lo", Vantage.parse("127.0.0.1")).doubt(here) is None
    assert "it sends from 127.0.0.1, not from 203.0.113.9" in str(Standing("office", SURFACE.vantage).doubt(here))
    assert "no target on the internet sees" in str(Standing("net", Vantage.parse("internet")).doubt(here))
    inside = Standing("net", Vantage.parse("internet"), networks=(ip_network("127.0.0.0/8"),))
    assert "inside the declared network 127.0.0.0/8" in str(inside.doubt(here))


def test_a_control_proves_a_place_only_if_it_answers() -> None:
    import socket

    name, closed = proof("office=127.0.0.1:1")
    assert (name, "doesn't answer" in str(Standing("office", SURFACE.vantage, closed).doubt(()))) == ("office", True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, listening = proof(f"office=127.0.0.1:{server.getsockname()[1]}")
        assert Standing("office", SURFACE.vantage, listening).doubt(()) is None
    _, metadata = proof("office=169.254.169.254:80")
    assert "isn't asked" in str(Standing("office", SURFACE.vantage, metadata).doubt(()))
