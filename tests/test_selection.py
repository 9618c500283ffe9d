"""`--only`, `--skip` and `--max-age`: a part says that it is a part, and nothing at all is an error."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from iacdrift.age import refuse_old
from iacdrift.errors import SourceError, UsageError
from iacdrift.selection import narrowed
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface
from iacdrift.surface.vantage import Vantage

HOSTS = (
    ExpectedHost("aws_instance.web[0]", "p", ip_address("198.51.100.7")),
    ExpectedHost('module.a["x"].aws_instance.db', "p", ip_address("198.51.100.8")),
    ExpectedHost("aws_db_instance.main", "p", name="db.example.com"),
)
SURFACE = ExpectedSurface(Vantage.parse("internet"), HOSTS)


@pytest.mark.parametrize(
    ("only", "skip", "left"),
    [
        (["aws_instance.web[0]"], [], [0]),
        (["aws_instance.*"], [], [0]),
        (["module.*"], [], [1]),
        (["198.51.100.*"], ["*.8"], [0]),
        (["*.example.com"], [], [2]),
        ([], ["*aws_instance*"], [2]),
        ([], ["nothing"], [0, 1, 2]),
    ],
)
def test_patterns(only: list[str], skip: list[str], left: list[int]) -> None:
    part = narrowed(SURFACE, only, skip)
    assert part.hosts == tuple(HOSTS[index] for index in left)
    if len(left) < 3:
        assert f"{3 - len(left)} of 3 hosts left out" in part.notes[-1]
        assert {host.address for host in HOSTS if host.address} <= part.known_addresses


def test_nothing_left_is_an_error_never_a_clean_verdict() -> None:
    with pytest.raises(UsageError, match=r"leave no host.*aws_db_instance\.main"):
        narrowed(SURFACE, ["aws_instance.wbe*"])


NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-05-02T11:00:00Z", "2026-05-02T11:00:00", "2026-05-02T13:00:00+02:00"])
def test_young_sources_pass(written: str) -> None:
    refuse_old([SourceInfo("plan", "plan.json", written_at=written)], 3600, NOW)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("2026-05-01T11:00:00Z", "plan.json was written 25 hours ago, and --max-age allows 60 minutes"),
        (None, "doesn't say when it was written"),
        ("yesterday", "doesn't say when it was written"),
        ("2026-05-03T12:00:00Z", "plan.json says that it was written 24 hours from now, so --max-age can't be kept"),
    ],
)
def test_old_and_undated_sources_are_refused(written: str | None, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        refuse_old([SourceInfo("plan", "plan.json", written_at=written)], 3600, NOW)
