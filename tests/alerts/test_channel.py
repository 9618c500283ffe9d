"""`[[alert]]` tables that have no meaning are refused before anything is sent, by name and key."""

from __future__ import annotations

import pytest

from iacdrift.alerts.channel import channels_of
from iacdrift.errors import AlertError, UsageError


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({}, "give one of url"),
        ({"url": "json://a", "webhook": "http://a"}, "give one of url"),
        ({"url": "json://a", "url_env": "A"}, "url_env and url are both given"),
        ({"url": ""}, "url must be a text"),
        ({"url": "json://a", "secret_env": "A"}, "a secret signs a webhook"),
        ({"webhook": "http://a", "secret": "x"}, "secret_env or secret_file"),
        ({"url": "json://a", "severty": "high"}, "is 'severity' meant"),
        ({"url": "json://a", "severity": "awful"}, "one of critical, high"),
        ({"url": "json://a", "events": ["gone"]}, "'gone' is none of"),
        ({"url": "json://a", "targets": 3}, "targets must be a text or a list"),
        ({"url": "json://a", "incomplete_after": -1}, "a number of runs"),
        ({"url": "json://a", "quiet": "late"}, "isn't a span of the day"),
        ({"url": "json://a", "quiet": "22:00-07:00", "timezone": "Mars/Olympus"}, "isn't a time zone"),
        ({"url": "json://a", "subject": "{what}"}, "{what} is no field"),
        ({"url": "json://a", "body": "{kind.__class__}"}, "is no field"),
        ({"url": "json://a", "body": "{kind!r}"}, "is no field"),
        ({"url": "json://a", "body": "{kind:>99999999}"}, "is no field"),
        ({"url": "json://a", "body": "{"}, "written twice"),
    ],
)
def test_what_has_no_meaning_is_refused(table: dict[str, object], why: str) -> None:
    with pytest.raises(UsageError, match="ops") as refused:
        channels_of([{"name": "ops", **table}])
    assert why in str(refused.value)


def test_two_of_one_name_and_one_table_instead_of_several_are_refused() -> None:
    with pytest.raises(UsageError, match="two alerts"):
        channels_of([{"url_env": "A"}, {"url_env": "A"}])
    with pytest.raises(UsageError, match=r"written as \[\[alert\]\]"):
        channels_of({"url": "json://a"})


def test_a_secret_comes_from_the_environment_or_a_file_and_is_read_when_it_is_needed(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ops] = channels_of([{"webhook_env": "HOOK", "secret_file": f"{tmp_path}/key"}])
    assert ops.webhook is not None
    assert ops.secret is not None
    with pytest.raises(AlertError, match="HOOK in the environment is empty or isn't set"):
        ops.webhook.read()
    with pytest.raises(AlertError, match="can't be read"):
        ops.secret.read()
    monkeypatch.setenv("HOOK", " https://example.com/x\n")
    assert ops.webhook.read() == "https://example.com/x"
