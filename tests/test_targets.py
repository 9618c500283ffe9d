"""`[[target]]` tables become targets whose options `check` itself understands, or one sentence that names the key."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from iacdrift.cli import check
from iacdrift.cli_options import key_shapes
from iacdrift.errors import UsageError
from iacdrift.targets import named, targets_of

KNOWN = key_shapes([check])


def read(text: str) -> Any:
    return tomllib.loads(text).get("target")


def test_a_target_is_its_name_its_sources_and_checks_own_options() -> None:
    text = """
[[target]]
name = "shop"
from = "plan.json"
vantage = ["203.0.113.9"]
control = ["-odd", "198.51.100.9"]
fail_on = "high"
rate = 500
strict = true
allow-incomplete = false
every = "10m"
full_every = "1d"
"""
    [shop] = targets_of(read(text), KNOWN)
    assert (shop.name, shop.sources) == ("shop", ("plan.json",))
    assert shop.schedule == {"every": "10m", "full-every": "1d"}
    assert shop.flags == {"strict": True, "allow_incomplete": False}
    with check.make_context("check", list(shop.words)) as context:
        told = context.params
    assert told["sources"] == ("plan.json",)
    assert (told["vantage"], told["controls"]) == (("203.0.113.9",), ("-odd", "198.51.100.9"))
    assert (told["fail_on"], told["rate"], told["strict"], told["allow_incomplete"]) == ("high", 500, True, False)


def test_no_table_is_no_target() -> None:
    assert targets_of(None, KNOWN) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[target]\nname = "a"', r"written as \[\[target\]\]"),
        ('[[target]]\nfrom = "a"', "number 1: name must be"),
        ('[[target]]\nname = "a b"\nfrom = "a"', "number 1: name must be"),
        ('[[target]]\nname = "a"', "from is missing"),
        ('[[target]]\nname = "a"\nfrom = []', "from is missing"),
        ('[[target]]\nname = "a"\nfrom = "a"\nportz = "1"', "unknown key 'portz'; is 'ports' meant"),
        ('[[target]]\nname = "a"\nfrom = "a"\nstrict = "yes"', "strict must be true or false"),
        ('[[target]]\nname = "a"\nfrom = "a"\nports = [1]', "ports must be one value"),
        ('[[target]]\nname = "a"\nfrom = [[1]]', "from must be a value or a list"),
        ('[[target]]\nname = "a"\nfrom = "a"\nhistory = "off"', "history can't stand in a target"),
        ('[[target]]\nname = "a"\nfrom = "a"\n[[target]]\nname = "a"\nfrom = "b"', "two targets"),
    ],
)
def test_what_is_no_target_is_said_by_key(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        targets_of(read(text), KNOWN)


def test_one_target_by_name() -> None:
    found = targets_of(read('[[target]]\nname = "a"\nfrom = "a"'), KNOWN)
    assert named(found, "a") is found[0]
    with pytest.raises(UsageError, match=r"no .*'b'.*there is a"):
        named(found, "b")
