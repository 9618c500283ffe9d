"""A large plan is parsed part by part: to the same values, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources import document
from iacdrift.sources.address import of_instance, parse
from iacdrift.sources.document import parse_json
from tests.sources.places import EDGE

PLAN = EDGE / "noop-plan.json"


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGE", 0)


def test_the_parts_are_the_whole() -> None:
    raw = PLAN.read_bytes()
    parts = document._by_parts(raw)
    assert parts == json.loads(raw)
    assert parts is not None
    assert list(parts) == list(json.loads(raw))


@pytest.mark.parametrize(
    "data",
    [
        {"a": {"b": 1, "configuration": 2}, "planned_values": {"c": [1, {"d": 1, "prior_state": {}}]}},
        {"a": 1, "planned_values": ',"prior_state":{', "configuration": [{"x": 1, "configuration": 3}]},
        {"a": "}", "prior_state": {"e": "]"}, "configuration": None},
        {"planned_values": {}},
        {},
        [],
        [1, {"a": 1, "configuration": 2}],
    ],
)
def test_keys_in_nested_values_and_strings_are_no_cuts(data: Any) -> None:
    assert parse_json(json.dumps(data, separators=(",", ":")).encode(), "plan.json") == data


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_plan_that_breaks_off_is_refused(kept: float) -> None:
    raw = PLAN.read_bytes()
    with pytest.raises(SourceError, match="is not valid JSON"):
        parse_json(raw[: int(len(raw) * kept)], "plan.json")


@pytest.mark.parametrize("end", [b"}", b',"errored":true', b'{"a":1}'])
def test_nothing_may_follow_the_last_part(end: bytes) -> None:
    with pytest.raises(SourceError, match="is not valid JSON"):
        parse_json(b'{"a":1,"planned_values":{},"configuration":{}}' + end, "plan.json")


@pytest.mark.parametrize(
    ("text", "name", "key"),
    [
        ("aws_instance.web", "aws_instance.web", None),
        ("aws_instance.web[3]", "aws_instance.web", 3),
        ('module.a["x"].module.b.aws_instance.web["k.l[1]"]', "aws_instance.web", "k.l[1]"),
        ('module.a["x"].data.aws_vpc.main[0]', "aws_vpc.main", 0),
        (r'aws_instance.web["a\"b"]', "aws_instance.web", 'a"b'),
    ],
)
def test_an_instance_has_the_address_that_its_text_says(text: str, name: str, key: object) -> None:
    assert of_instance(text, name, key) == parse(text)
