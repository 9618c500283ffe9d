"""The outbox, emptied into real servers: signed, retried, in order, nothing lost and at most once more after a crash."""

from __future__ import annotations

import hashlib
import hmac
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from iacdrift.alerts import outbox
from iacdrift.alerts.announce import trial
from iacdrift.alerts.channel import Channel, channels_of
from iacdrift.alerts.deliver import Manner, deliver
from iacdrift.alerts.send import send
from iacdrift.errors import AlertError, HistoryError
from iacdrift.history.store import Store
from tests.alerts.receivers import Received, http, smtp
from tests.alerts.scenes import channel, keep, opened, queued, scanned
from tests.command import ROOT

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUICK = Manner(pause=0, now=lambda: NOW)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return opened(tmp_path)


@pytest.fixture
def hook() -> Iterator[Received]:
    with http() as received:
        yield received


def at(**later: float) -> Manner:
    return evolve(QUICK, tries=1, now=lambda: NOW + timedelta(**later))


def test_a_webhook_is_signed_as_documented(store: Store, hook: Received, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    ops = channel(webhook=hook.url, secret_env="HOOK_SECRET")
    keep(store, scanned((8080,)), ops)
    assert deliver(store.database, [ops], QUICK).sent == 1
    [(headers, body)] = hook.posts
    signed = f"{headers['Iacdrift-Timestamp']}.".encode() + body
    assert headers["Iacdrift-Signature"] == "v1=" + hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert headers["Iacdrift-Timestamp"] == str(int(NOW.timestamp()))
    [told] = hook.documents
    assert told["schema"] == "iacdrift/alert/1"
    assert told["id"] == headers["Iacdrift-Alert"]
    assert (told["event"], told["severity"], told["ports"], told["target"]) == ("new", "critical", "8080", "shop")
    assert b"s3cret" not in body
    assert told["at"] == "main.tf:12"


def test_mail_through_apprise_reaches_a_real_server(store: Store) -> None:
    with smtp() as box:
        ops = channel(url=f"mailto://127.0.0.1:{box.port}/?from=iacdrift@example.com&to=ops@example.com&mode=insecure")
        keep(store, scanned((8080,), 3), ops)
        assert deliver(store.database, [ops], QUICK).problems == ()
        [mail] = box.mails
    text = mail.content.decode()
    assert "tcp/8080" in text
    assert "aws_instance.web[2]" in text
    assert mail.rcpt_tos == ["ops@example.com"]


def test_apprise_json_reaches_a_real_server_and_a_bad_url_names_no_secret(store: Store, hook: Received) -> None:
    ops = channel(url=f"json://user:hunter2@127.0.0.1:{hook.port}/hook")
    keep(store, scanned((8080,)), ops)
    assert deliver(store.database, [ops], QUICK).sent == 1
    assert "tcp/8080" in hook.documents[0]["title"]
    hook.answer = lambda: 500
    with pytest.raises(AlertError) as failed:
        send(ops, trial(), NOW)
    assert "hunter2" not in str(failed.value)
    with pytest.raises(AlertError, match="no URL that apprise understands") as failed:
        send(channel(url="nosuch://hunter2@host"), trial(), NOW)
    assert "hunter2" not in str(failed.value)
    assert "hunter2" not in repr(ops)


@pytest.mark.parametrize("status", [500, 503, 429, 404, 302])
def test_a_receiver_that_fails_for_now_is_asked_again(store: Store, hook: Received, status: int) -> None:
    answers = iter([status, status, 200])
    hook.answer = lambda: next(answers)
    ops = channel(webhook=hook.url)
    queued(store, 1)
    assert deliver(store.database, [ops], QUICK).sent == 1
    assert len(hook.posts) == 1


def test_what_a_receiver_refuses_is_kept_said_and_holds_up_nothing(store: Store, hook: Received) -> None:
    answers = iter([422, 200, 200])
    hook.answer = lambda: next(answers)
    ops = channel(webhook=hook.url)
    queued(store, 2)
    done = deliver(store.database, [ops], QUICK)
    assert done.sent == 1
    assert "refuses it with 422" in done.problems[0]
    assert outbox.waiting(store.database) == {"ops": {"refused": 1}}
    assert outbox.retry(store.database) == 1
    assert deliver(store.database, [ops], QUICK).sent == 1


def test_ten_thousand_wait_for_a_receiver_that_is_down_and_arrive_once_and_in_order(hook: Received) -> None:
    """With the clock moving on by the pauses that were asked for; memory doesn't grow with what waits."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as memory:
        _ten_thousand(opened(Path(memory)), hook)


def _ten_thousand(store: Store, hook: Received) -> None:
    ops = channel(webhook=hook.url)
    queued(store, 10_000)
    asked = 0

    def down() -> int:
        nonlocal asked
        asked += 1
        return 503

    hook.answer = down
    for minute in range(10):
        done = deliver(store.database, [ops], at(minutes=minute))
        assert done.sent == 0
        assert minute or "10,000 wait" in done.problems[0]
    assert asked < 10
    taken: list[str] = []

    def up_for_a_while(_: Channel, alert: Mapping[str, Any], __: datetime) -> None:
        if len(taken) == 300:
            raise AlertError("gone again")
        taken.append(alert["id"])

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = deliver(store.database, [ops], evolve(at(hours=2), sending=up_for_a_while))
    assert "9,700 wait" in done.problems[0]
    assert taken == [f"{n:032x}" for n in range(300)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def test_pauses_grow_and_a_clock_that_jumps_back_holds_nothing_up(store: Store, hook: Received) -> None:
    ops = channel(webhook=hook.url)
    queued(store, 1)
    tries: list[float] = []
    hook.answer = lambda: 503
    for second in range(0, 100, 5):
        before = tries[-1:]
        deliver(store.database, [ops], at(seconds=second))
        [row] = outbox.listed(store.database, 1)
        if [row["attempts"]] != before:
            tries.append(row["attempts"])
    assert tries[-1] <= 5
    hook.answer = lambda: 200
    assert deliver(store.database, [ops], at(days=-400)).sent == 1


def test_an_alert_that_another_process_is_sending_isnt_sent_by_this_one(store: Store, hook: Received) -> None:
    ops = channel(webhook=hook.url)
    queued(store, 2)
    taken = outbox.take(store.database, "ops", NOW)
    assert taken is not None
    assert deliver(store.database, [ops], at(seconds=30)).sent == 0
    # Whoever took it died: after the lease, or once the clock has jumped, it is sent by the next.
    assert deliver(store.database, [ops], at(seconds=outbox.LEASE + 1)).sent == 2


def test_a_taken_alert_is_freed_when_the_clock_jumps_back(store: Store, hook: Received) -> None:
    queued(store, 1)
    assert outbox.take(store.database, "ops", NOW) is not None
    assert deliver(store.database, [channel(webhook=hook.url)], at(days=-1)).sent == 1


def test_quiet_hours_hold_back_and_their_end_sends(store: Store, hook: Received) -> None:
    ops = channel(webhook=hook.url, quiet="22:00-07:00", timezone="Europe/Berlin")
    queued(store, 2)
    # 23:30 and 05:59 in Berlin, where it is one hour later than in UTC in winter.
    for late in (datetime(2026, 1, 5, 22, 30, tzinfo=UTC), datetime(2026, 1, 6, 5, 59, tzinfo=UTC)):
        done = deliver(store.database, [ops], evolve(QUICK, now=lambda late=late: late))
        assert (done.sent, done.quiet, done.problems) == (0, ("ops",), ())
    assert deliver(store.database, [ops], evolve(QUICK, now=lambda: datetime(2026, 1, 6, 6, 0, tzinfo=UTC))).sent == 2


def test_one_channel_that_is_down_doesnt_hold_up_another(store: Store, hook: Received) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = channel(name="dead", webhook=f"http://127.0.0.1:{closed.getsockname()[1]}/secret-path")
        ops = channel(webhook=hook.url)
        keep(store, scanned((8080,)), dead, ops)
        done = deliver(store.database, [dead, ops], QUICK)
    assert done.sent == 1
    assert "can't be reached" in done.problems[0]
    assert "secret-path" not in done.problems[0]
    assert "secret-path" not in str(outbox.listed(store.database, 9))


def test_alerts_of_a_channel_that_is_gone_are_kept_and_said(store: Store, hook: Received) -> None:
    queued(store, 1, "old")
    done = deliver(store.database, [channel(webhook=hook.url)], QUICK)
    assert "'old'" in done.problems[0]
    assert outbox.waiting(store.database) == {"old": {"waiting": 1}}


def test_where_nothing_can_be_marked_nothing_is_sent(store: Store, hook: Received, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(store, 1)

    def full(*_: object, **__: object) -> None:
        raise HistoryError("the disk is full")

    monkeypatch.setattr(outbox, "take", full)
    with pytest.raises(HistoryError):
        deliver(store.database, [channel(webhook=hook.url)], QUICK)
    assert hook.posts == []


_VICTIM = """
import os, signal, sys
from iacdrift.alerts.deliver import Manner, deliver
from iacdrift.alerts.send import send
from tests.alerts.scenes import channel, opened
from pathlib import Path
sent = 0
def sending(*told):
    global sent
    if sys.argv[3] == "before" and sent == 2: os.kill(os.getpid(), signal.SIGKILL)
    send(*told)
    sent += 1
    if sys.argv[3] == "after" and sent == 3: os.kill(os.getpid(), signal.SIGKILL)
deliver(opened(Path(sys.argv[1])).database, [channel(webhook=sys.argv[2])], Manner(sending=sending))
"""


@pytest.mark.parametrize(("moment", "twice"), [("before", 0), ("after", 1)])
def test_kill_minus_nine_loses_nothing_and_repeats_at_most_one(
    store: Store, hook: Received, tmp_path: Path, moment: str, twice: int
) -> None:
    queued(store, 6)
    words = [sys.executable, "-c", _VICTIM, str(tmp_path), hook.url, moment]
    ended = subprocess.run(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    later = datetime.now(UTC) + timedelta(seconds=outbox.LEASE + 1)
    deliver(store.database, [channel(webhook=hook.url)], evolve(QUICK, now=lambda: later))
    numbers = [told["id"] for told in hook.documents]
    assert sorted(set(numbers)) == [f"{n:032x}" for n in range(6)]
    assert len(numbers) == 6 + twice


def test_hostile_names_break_no_line_and_call_nobody(store: Store, hook: Received) -> None:
    report = scanned((8080,))
    [finding] = report.findings
    hostile = evolve(finding, owner="a\r\nBcc: x@example.com <!channel> @everyone\x1b[31m", explanation="b\nanner @here")
    ops = channel(webhook=hook.url)
    keep(store, evolve(report, findings=(hostile,)), ops)
    deliver(store.database, [ops], QUICK)
    [told] = hook.documents
    assert "\n" not in told["subject"]
    assert "\r" not in told["text"]
    assert "\x1b" not in told["text"]
    assert "Bcc" not in [line[:3] for line in told["text"].splitlines()]
    for call in ("<!channel", "@everyone", "@here"):
        assert call not in told["subject"] + told["text"]


def test_templates_are_the_users_own_words(store: Store, hook: Received) -> None:
    ops = channel(webhook=hook.url, subject="{target} {{!}} {kind}", body="{ports} at {at}\nby {resource}")
    keep(store, scanned((8080,)), ops)
    deliver(store.database, [ops], QUICK)
    [told] = hook.documents
    assert (told["subject"], told["text"]) == ("shop {!} exposed", "8080 at main.tf:12\nby aws_security_group.web")


def test_a_channel_without_a_name_has_one_all_the_same() -> None:
    assert [one.name for one in channels_of([{"url_env": "A"}, {"url": "json://x"}, {"webhook_file": "f", "name": "z"}])] == [
        "A",
        "alert-2",
        "z",
    ]
