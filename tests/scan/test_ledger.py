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


def told(*batches: tuple[int, int]) -> HostRecord:
    """A record after batches of a hundred controls: (lost, rate)."""
    record = HostRecord(first=1, last=9)
    for number, (lost, rate) in enumerate(batches, start=2):
        record.controlled.append(Controlled(number, Controls(100, lost), rate))
        watch(record, A)
    return record


def test_many_lost_controls_are_tried_at_a_walking_pace_and_the_silence_so_far_is_void() -> None:
    record = told((80, 1000))
    assert (record.borne, record.since, record.remark) == (50, 3, None)


def test_a_loss_that_goes_away_is_a_ration_and_the_rate_falls() -> None:
    record = told((80, 1000), (0, 50))
    assert (record.borne, record.since, record.lossy) == (160, 3, False)
    assert "rations its answers" in str(record.remark)


def test_a_ration_that_was_taken_too_wide_is_narrowed() -> None:
    record = told((80, 1000), (0, 50), (50, 160))
    assert (record.borne, record.since) == (64, 5)


def test_loss_that_stays_at_a_walking_pace_is_no_matter_of_speed() -> None:
    record = told((36, 1000), (30, 50))
    assert (record.borne, record.since, record.lossy, record.remark) == (None, 0, True, None)


def test_little_loss_changes_nothing() -> None:
    assert told((10, 1000)) == HostRecord(first=1, last=9, controlled=[Controlled(2, Controls(100, 10), 1000)])


def test_a_batch_that_lost_more_than_chance_explains_is_a_burst_and_a_few_unlucky_controls_arent() -> None:
    record = HostRecord(first=1, last=9)
    record.controlled += [Controlled(batch, Controls(200, 10), 1000) for batch in (1, 2, 3)]
    record.controlled.append(Controlled(4, Controls(20, 3), 1000))
    assert record.worst == 0.0
    record.controlled.append(Controlled(5, Controls(40, 20), 1000))
    assert record.worst == 0.5


def test_a_few_unlucky_controls_are_no_ration() -> None:
    assert told((15, 1000)).borne is None
    luck = told((30, 1000), (20, 50))
    assert (luck.lossy, luck.borne, luck.remark) == (True, None, None)


def test_a_ration_is_followed_down_only_while_it_loses_more_than_at_a_walking_pace() -> None:
    rationed = told((60, 1000), (5, 50))
    assert (rationed.borne, rationed.lossy) == (320, False)
    assert told((60, 1000), (5, 50), (50, 320)).borne == 128
    assert told((60, 1000), (5, 50), (15, 320)).borne == 320
    assert told((60, 1000), (25, 50), (30, 320)).borne == 320
