"""Which times are those of an apply."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

import pytest

from iacdrift.terraform_provider.moment import Walk


def stamp(seconds: float) -> str:
    """As Terraform writes a time: whole seconds, UTC."""
    return datetime.fromtimestamp(math.floor(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_once_configured_terraforms_next_timestamp_is_later_than_every_one_before() -> None:
    walk = Walk(began=time.time())
    before = stamp(walk.began)
    walk.configured()
    assert walk.refusal(stamp(time.time())) is None
    assert "known before the apply" in str(walk.refusal(before))


def test_a_walk_that_began_a_while_ago_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    Walk(began=time.time() - 5).configured()
    assert waited == []


def test_a_provider_that_serves_a_second_walk_doesnt_take_the_time_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(began=time.time() - 60)
    walk.configured()
    earlier = stamp(time.time() - 30)
    assert walk.refusal(earlier) is None
    monkeypatch.setattr(time, "sleep", lambda _: None)
    walk.configured()
    assert walk.refusal(earlier) is not None


@pytest.mark.parametrize("after", ["2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"])
def test_other_times_are_refused(after: str) -> None:
    assert "write `after = timestamp()`" in str(Walk(began=time.time() - 10).refusal(after))


@pytest.mark.parametrize("after", ["", "now", None])
def test_what_is_no_time_is_refused(after: str | None) -> None:
    assert "is no time" in str(Walk(began=time.time() - 10).refusal(after))
