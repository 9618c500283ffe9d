from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest
from attrs import evolve

from iacdrift.scan.job import Job, Pace
from iacdrift.scan.plan import plan_scan
from iacdrift.scan.sending import keep_speed, kept_speed, sent_a_second, within_reach
from iacdrift.scan.settings import ScanSettings
from tests.scan.conftest import P, host, machine, surface

FAST = Job("sweep", "syn", (ip_address("198.51.100.1"),), P("1-65535"), Pace(50_000, 50_000, 1))


def test_only_a_long_sweep_at_a_high_forced_rate_measures_the_machine() -> None:
    assert sent_a_second(FAST, 131_070, 3.0) == 43_690
    assert sent_a_second(FAST, 50_000, 3.0) is None
    assert sent_a_second(FAST, None, 3.0) is None
    assert sent_a_second(evolve(FAST, pace=Pace(50_000, None, 1)), 131_070, 3.0) is None
    assert sent_a_second(evolve(FAST, pace=Pace(20_000, 20_000, 1)), 131_070, 9.0) is None


def test_the_most_that_was_reached_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "sending.json"
    assert kept_speed(kept) is None
    for speed in (40_000, 60_000, 30_000):
        keep_speed(speed, kept)
    assert kept_speed(kept) == 60_000


@pytest.mark.parametrize("text", ["", "[]", '{"packets_per_second": "many"}', '{"packets_per_second": -1}', '{"packets_per_second": true}'])
def test_what_isnt_a_speed_is_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "sending.json").write_text(text)
    assert kept_speed(tmp_path / "sending.json") is None


def test_a_rate_that_the_machine_cant_send_is_lowered_and_said() -> None:
    assert [within_reach(rate, 40_000) for rate in (1_000, 45_000, 100_000)] == [1_000, 45_000, 50_000]
    assert within_reach(30_000, 1_000) == 20_000
    slow = evolve(machine(), fastest=40_000)
    plan = plan_scan(surface(host("198.51.100.7", "443"), vantage="internet"), ScanSettings(rate=100_000), slow)
    assert plan.manner.rate == 50_000
    assert any("40,000 packets a second" in note for note in plan.notes)
