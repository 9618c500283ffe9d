"""Which texts name one vantage and which several."""

from __future__ import annotations

import pytest

from iacdrift.errors import UsageError
from iacdrift.surface.vantages import vantages_of


def named(*texts: str) -> list[tuple[str, str | None, str | None]]:
    return [(v.name, v.vantage.ipv4 and str(v.vantage.ipv4), v.vantage.ipv6 and str(v.vantage.ipv6)) for v in vantages_of(texts)]


def test_one_address_of_each_family_is_one_vantage_as_ever() -> None:
    assert named() == [("auto", None, None)]
    assert named("internet") == [("internet", None, None)]
    assert named("203.0.113.9", "2001:db8::9") == [("203.0.113.9", "203.0.113.9", "2001:db8::9")]
    assert [v.vantage.resource for v in vantages_of(["aws_instance.bastion"])] == ["aws_instance.bastion"]


def test_what_cannot_be_one_vantage_is_several() -> None:
    assert named("203.0.113.9", "203.0.113.10") == [("203.0.113.9", "203.0.113.9", None), ("203.0.113.10", "203.0.113.10", None)]
    assert [name for name, _, _ in named("internet", "203.0.113.9", "2001:db8::9")] == ["internet", "203.0.113.9"]
    assert len(named("aws_instance.a", "aws_instance.b", "auto")) == 3


def test_a_name_holds_its_addresses_together() -> None:
    found = named("office=203.0.113.9", "internet", "office=2001:db8::9")
    assert found == [("office", "203.0.113.9", "2001:db8::9"), ("internet", None, None)]


@pytest.mark.parametrize(
    "texts",
    [
        ("203.0.113.9", "203.0.113.10", "2001:db8::9"),
        ("office=203.0.113.9", "office=203.0.113.10"),
        ("office=nonsense",),
        ("office=internet", "office=203.0.113.9"),
    ],
)
def test_what_cannot_be_told_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="--vantage"):
        vantages_of(texts)
