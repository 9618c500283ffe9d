from __future__ import annotations

from ipaddress import ip_address

from iacdrift.scan.assurance import doubts, figure
from iacdrift.scan.bearing import watch
from iacdrift.scan.ledger import Controlled, HostRecord, Ledger
from iacdrift.scan.loss import Controls
from iacdrift.surface.observed import Answer, Evidence
from tests.scan.conftest import P

A, B = ip_address("198.51.100.1"), ip_address("198.51.100.2")
OPEN, SILENT = Answer(Evidence.OPEN), Answer(Evidence.SILENT, "no-response")
ALL_BACK = Controls(300, 0)


def batch(ledger: Ledger, quiet: str = "", opened: str = "", controls: Controls | None = None, probes: int = 2) -> None:
    """One batch on A: what was silent, what answered, what came of the controls."""
    ledger.batch += 1
    groups = [(P(ports), answer) for ports, answer in ((opened, OPEN), (quiet, SILENT)) if ports]
    ledger.absorb(A, "tcp", tuple(groups), probes)
    if controls:
        ledger.record(A).controlled.append(Controlled(ledger.batch, controls, 1000))


def believed(ledger: Ledger, ports: str = "81-99") -> str:
    return str(figure(ledger, A, P(ports), (A, B), 0.9999)[1])


def test_silence_between_two_answers_is_counted_probe_by_probe() -> None:
    ledger = Ledger()
    batch(ledger, "81-89", "80", ALL_BACK)
    batch(ledger, "81-84", probes=1)
    batch(ledger, "", "80")
    found, ports = figure(ledger, A, P("81-89"), (A,), 0.9999)
    assert found is not None
    assert (found.probes, str(ports), found.controls) == (2, "81-89", 300)
    assert found.miss <= 1e-4
    assert {probes: str(held) for probes, held in ledger.record(A).probes(P("81-89")).items()} == {2: "85-89", 3: "81-84"}


def test_silence_since_the_last_answer_is_void_and_silence_before_it_stands() -> None:
    ledger = Ledger()
    batch(ledger, "81-89", "80", ALL_BACK)
    batch(ledger, "", "80")
    batch(ledger, "90-99")
    assert believed(ledger) == "81-89"
    found = figure(ledger, A, P("81-99"), (A,), 0.9999)[0]
    ((ports, why),) = doubts(ledger.record(A), P("90-99"), found, 0.9999)
    assert (str(ports), "stopped answering in mid-scan" in why) == ("90-99", True)


def test_silence_before_the_first_answer_is_void() -> None:
    ledger = Ledger()
    batch(ledger, "81-89")
    batch(ledger, "90-99", "80", ALL_BACK)
    batch(ledger, "", "80")
    assert believed(ledger) == "90-99"


def test_too_few_probes_for_the_loss_are_undetermined() -> None:
    ledger = Ledger()
    batch(ledger, "81-89", "80", Controls(300, 30))
    batch(ledger, "", "80")
    assert believed(ledger) == ""
    found = figure(ledger, A, P("81-89"), (A,), 0.9999)[0]
    ((_, why),) = doubts(ledger.record(A), P("81-89"), found, 0.9999)
    assert "30 of 300 controls" in why


def test_an_address_that_never_answered_takes_the_loss_of_others_and_names_them() -> None:
    ledger = Ledger()
    ledger.batch = 1
    ledger.absorb(A, "tcp", ((P("81-89"), SILENT),), 2)
    ledger.absorb(B, "tcp", ((P("80"), OPEN),), 2)
    ledger.record(B).controlled.append(Controlled(1, ALL_BACK, 1000))
    found, ports = figure(ledger, A, P("81-89"), (A, B), 0.9999)
    assert found is not None
    assert (str(ports), found.measured_on) == ("81-89", (B,))


def test_a_host_that_rations_is_asked_slower_and_its_silence_so_far_is_void() -> None:
    record = HostRecord(first=1, last=2)
    record.controlled.append(Controlled(2, Controls(100, 80), 1000))
    watch(record, A)
    assert (record.borne, record.since) == (160, 3)
    assert "rations" in str(record.remark)
    record.controlled.append(Controlled(3, Controls(100, 0), 160))
    watch(record, A)
    assert (record.borne, record.since, record.lossy) == (160, 3, False)


def test_loss_that_stays_at_a_lower_rate_is_no_matter_of_speed() -> None:
    record = HostRecord(first=1, last=2)
    for number, rate in ((2, 1000), (3, 500)):
        record.controlled.append(Controlled(number, Controls(100, 36), rate))
        watch(record, A)
    assert (record.borne, record.since, record.lossy, record.remark) == (None, 0, True, None)
