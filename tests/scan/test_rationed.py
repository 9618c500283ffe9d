from __future__ import annotations

from ipaddress import ip_address

from iacdrift.scan.ledger import Ledger
from iacdrift.scan.rationed import rationed_errors
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

A = ip_address("198.51.100.1")
REJECTED, SILENT = Answer(Evidence.REJECTED, "port-unreach"), Answer(Evidence.SILENT, "no-response")


def told(rejected: str, silent: str) -> str | None:
    ledger = Ledger()
    ledger.absorb(A, "tcp", tuple((P(ports), answer) for ports, answer in ((rejected, REJECTED), (silent, SILENT)) if ports))
    return rationed_errors(ledger, A, P("1-99"))


def test_few_rejections_among_much_silence_are_told_as_a_sample() -> None:
    assert "rejects 2 of its TCP ports by ICMP errors and is silent on 97" in str(told("1-2", "3-99"))


def test_silence_alone_and_rejections_alone_are_no_sample() -> None:
    assert told("", "1-99") is None
    assert told("1-99", "") is None
    assert told("1-50", "51-99") is None
