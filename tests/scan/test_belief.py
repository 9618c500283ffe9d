from __future__ import annotations

import pytest

from iacdrift.scan.belief import believed, contested, decide
from iacdrift.scan.evidence import proven
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

OPEN = Answer(Evidence.OPEN, "syn-ack")
HEARD = Answer(Evidence.OPEN, "syn-ack", service="http", confirmed=True)
CLOSED = Answer(Evidence.CLOSED, "reset")
SILENT = Answer(Evidence.SILENT, "no-response")
ROUTER = Answer(Evidence.REJECTED_ON_THE_WAY, "host-unreach", "192.0.2.1")
REJECTED = Answer(Evidence.REJECTED, "admin-prohibited")
UNKNOWN = Answer(Evidence.NOT_LEARNT, "")
UDP_CLOSED = Answer(Evidence.CLOSED, "port-unreach", scan="udp")
UDP_SILENT = Answer(Evidence.OPEN_OR_SILENT, "no-response", scan="udp")


@pytest.mark.parametrize(
    ("scan", "state", "reason", "own", "evidence"),
    [
        ("syn", "open", "syn-ack", True, Evidence.OPEN),
        ("syn", "closed", "reset", True, Evidence.CLOSED),
        ("syn", "filtered", "no-response", True, Evidence.SILENT),
        ("syn", "filtered", "port-unreach", True, Evidence.REJECTED),
        ("syn", "filtered", "admin-prohibited", False, Evidence.REJECTED_ON_THE_WAY),
        ("syn", "open|filtered", "no-response", True, Evidence.NOT_LEARNT),
        ("syn", "unfiltered", "reset", True, Evidence.NOT_LEARNT),
        ("syn", "filtered", "something-new", True, Evidence.NOT_LEARNT),
        ("connect", "closed", "conn-refused", True, Evidence.CLOSED),
        ("connect", "filtered", "no-response", True, Evidence.SILENT),
        ("connect", "filtered", "host-unreach", True, Evidence.REJECTED_ON_THE_WAY),
        ("udp", "open", "udp-response", True, Evidence.OPEN),
        ("udp", "closed", "port-unreach", True, Evidence.CLOSED),
        ("udp", "open|filtered", "no-response", True, Evidence.OPEN_OR_SILENT),
        ("udp", "filtered", "admin-prohibited", True, Evidence.REJECTED),
        ("ack", "unfiltered", "reset", True, Evidence.NOT_LEARNT),
        ("ack", "open", "reset", True, Evidence.NOT_LEARNT),
        ("fin", "closed", "reset", True, Evidence.NOT_LEARNT),
    ],
)
def test_what_an_answer_proves(scan: str, state: str, reason: str, own: bool, evidence: Evidence) -> None:
    assert proven(scan, state, reason, own) is evidence


@pytest.mark.parametrize(
    ("history", "evidence"),
    [
        ((SILENT,), Evidence.SILENT),
        ((OPEN,), Evidence.OPEN),
        ((SILENT, OPEN), Evidence.OPEN),  # the sweep lost it, the careful pass found it
        ((OPEN, OPEN), Evidence.OPEN),
        ((OPEN, SILENT), None),
        ((OPEN, SILENT, SILENT), None),  # silence never overturns an answer
        ((OPEN, SILENT, OPEN), Evidence.OPEN),
        ((OPEN, CLOSED), None),
        ((OPEN, CLOSED, CLOSED), Evidence.CLOSED),  # the slower passes, once they agree
        ((OPEN, CLOSED, OPEN), Evidence.OPEN),
        ((CLOSED, SILENT), None),
        ((UNKNOWN, SILENT), Evidence.SILENT),
        ((UNKNOWN,), Evidence.NOT_LEARNT),
        ((REJECTED, SILENT), Evidence.REJECTED),  # hosts ration their ICMP errors
        ((UDP_CLOSED, UDP_SILENT), Evidence.CLOSED),
        ((ROUTER, SILENT), Evidence.REJECTED_ON_THE_WAY),
        ((SILENT, ROUTER, SILENT), Evidence.REJECTED_ON_THE_WAY),
    ],
)
def test_several_answers_of_one_port(history: tuple[Answer, ...], evidence: Evidence | None) -> None:
    found = decide(history)
    assert (found.evidence if found else None) is evidence


def test_the_answer_that_says_most_about_the_service_is_kept() -> None:
    found = decide((OPEN, HEARD, OPEN))
    assert found is not None
    assert (found.service, found.confirmed, found.probes) == ("http", True, 3)


def test_the_sender_of_an_icmp_error_is_kept() -> None:
    nobody = Answer(Evidence.REJECTED_ON_THE_WAY, "host-unreach")
    found = decide((ROUTER, nobody))
    assert found is not None
    assert found.reason_ip == "192.0.2.1"


def test_passes_over_different_ports_are_merged() -> None:
    first = ((P("80"), OPEN), (P("22"), CLOSED), (P("1-10"), SILENT))
    second = ((P("80"), HEARD), (P("5"), OPEN), (P("22"), OPEN))
    groups = believed((first, second))
    found = {str(ports): answer.evidence for ports, answer in groups}
    assert found == {"80": Evidence.OPEN, "5": Evidence.OPEN, "22": Evidence.NOT_LEARNT, "1-4,6-10": Evidence.SILENT}
    assert contested((first, second)) == P("22")
    told = next(answer for ports, answer in groups if 22 in ports)
    assert told.reason == "the answers contradict each other: reset, then syn-ack"


def test_every_port_has_one_answer() -> None:
    passes = (((P("0-65535"), SILENT),), ((P("1-100"), CLOSED),), ((P("50"), OPEN),), ((P("50"), CLOSED),))
    groups = believed(passes)
    assert sum(len(ports) for ports, _ in groups) == 65536
    assert next(answer.evidence for ports, answer in groups if 50 in ports) is Evidence.CLOSED
