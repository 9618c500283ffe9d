from __future__ import annotations

from attrs import evolve

from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.scan.suspicion import EVERYTHING_OPEN, MOST_REFUSALS, SAMPLE, spread, suspicions, unsigned
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P, host

OPEN, CLOSED = Answer(Evidence.OPEN, "syn-ack"), Answer(Evidence.CLOSED, "reset")
SILENT, REJECTED = Answer(Evidence.SILENT, "no-response"), Answer(Evidence.REJECTED, "port-unreach")
HOST = host("198.51.100.7", "443", allowed="80")
WIDE = P("1-2000")


def test_what_is_as_declared_isnt_asked_again() -> None:
    found = suspicions(HOST, "tcp", WIDE, ((P("443"), OPEN), (P("80"), CLOSED), (WIDE - P("80,443"), SILENT)))
    assert found.again == NO_PORTS
    assert found.listen == NO_PORTS


def test_every_difference_is_asked_again() -> None:
    groups = ((P("443"), CLOSED), (P("8080"), OPEN), (P("22"), CLOSED), (P("23"), REJECTED), (WIDE - P("22-23,443"), SILENT))
    found = suspicions(HOST, "tcp", WIDE | P("8080"), groups)
    assert found.again == P("22-23,80,443,8080")
    assert found.listen == P("8080")


def test_a_silent_expected_open_is_asked_again() -> None:
    assert 443 in suspicions(HOST, "tcp", WIDE, ((WIDE, SILENT),)).again


def test_a_port_that_must_be_open_and_was_never_learnt_is_asked_again() -> None:
    assert 443 in suspicions(HOST, "tcp", WIDE, ()).again


def test_a_declared_service_is_listened_to() -> None:
    served = evolve(HOST, services={("tcp", 443): "https"})
    assert suspicions(served, "tcp", WIDE, ((P("443"), OPEN), (WIDE - P("443"), SILENT))).listen == P("443")


def test_a_managed_endpoint_may_refuse() -> None:
    managed = evolve(HOST, managed=True)
    assert suspicions(managed, "tcp", WIDE, ((P("443"), OPEN), (WIDE - P("443"), CLOSED))).again == NO_PORTS


def test_a_few_silent_ports_among_answers_look_like_loss() -> None:
    again = suspicions(evolve(HOST, managed=True), "tcp", WIDE, ((P("443"), OPEN), (P("7"), SILENT), (WIDE - P("7,443"), CLOSED))).again
    assert again == P("7")


def test_a_host_that_refuses_everything_is_asked_a_spread() -> None:
    again = suspicions(HOST, "tcp", ALL_PORTS, ((P("443"), OPEN), (ALL_PORTS - P("443"), CLOSED))).again
    assert len(again) == MOST_REFUSALS


def test_a_proxy_that_opens_everything_is_sampled() -> None:
    groups = tuple((PortSet.single(port), OPEN) for port in range(1, EVERYTHING_OPEN + 50))
    found = suspicions(HOST, "tcp", WIDE, groups)
    assert len(found.listen) == SAMPLE


def test_spread_is_even_and_no_more_than_asked() -> None:
    assert spread(P("1-10"), 20) == P("1-10")
    chosen = list(spread(ALL_PORTS, 4))
    assert chosen == [0, 16384, 32768, 49152]


def test_rejections_without_a_sender_are_known() -> None:
    nobody = Answer(Evidence.REJECTED_ON_THE_WAY, "admin-prohibited")
    signed = Answer(Evidence.REJECTED_ON_THE_WAY, "admin-prohibited", "192.0.2.1")
    connect = Answer(Evidence.REJECTED_ON_THE_WAY, "host-unreach", scan="connect")
    assert unsigned(((P("1-9"), nobody), (P("10"), signed), (P("11"), connect))) == P("1-9")
