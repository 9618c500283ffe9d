"""`iacdrift watch` and `iacdrift alert` as typed: what they refuse, what they print, and the unit for systemd."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from iacdrift.errors import UsageError
from iacdrift.watch.unit import install, unit
from tests.alerts.receivers import http
from tests.command import iacdrift, refused
from tests.needs import needs
from tests.watch.process import watching

FILE = '[[target]]\nname = "shop"\nfrom = "code.yaml"\nvantage = "internet"\nports = "18061"\nevery = "1s"\nfull-every = "never"\n'
# Nothing is sent: the one host stands for itself only where the vantage sees it.
CODE = "schema: iacdrift/expectation/1\nexpectations:\n  - host: 127.44.62.7\n    open: [18061/tcp]\n"


def test_without_targets_there_is_nothing_to_watch(tmp_path: Path) -> None:
    assert "no [[target]]" in refused(iacdrift("watch", cwd=tmp_path))


@pytest.mark.parametrize(
    ("more", "words", "why"),
    [
        ("", ("--target", "bank"), "no [[target]] 'bank'"),
        ("", ("--history", "off"), "a watch needs one"),
        ("[watch]\nevry = 1\n", (), "is 'every' meant"),
        ("[[alert]]\nurl = 3\n", (), "url must be a text"),
        ("", ("--serve", "0.0.0.0:8765"), "give a token"),
        ("", ("--serve", "here"), "give an address and a port"),
        ('[[target]]\nname = "b"\nfrom = "x"\nrate = 0\n', (), "[[target]] b: "),
        ('[[target]]\nname = "b"\nfrom = "x"\nvantage = ["internet", "office=203.0.113.9"]\n', (), "b: a watch stands at one place"),
        ('[[target]]\nname = "b"\nfrom = "x"\nvantage = ["internet", "203.0.113.9"]\n', ("--dry-run",), "a watch stands at one place"),
        ('output = "json:r.json"\n[[target]]\nname = "b"\nfrom = "x"\noutput = "json:r.json"\n', (), "shop and b write the same file"),
    ],
)
def test_what_has_no_meaning_is_refused_before_anything_is_sent(tmp_path: Path, more: str, words: tuple[str, ...], why: str) -> None:
    (tmp_path / "iacdrift.toml").write_text(FILE + more)
    assert why in refused(iacdrift("watch", *words, cwd=tmp_path))


def test_a_dry_run_says_what_is_looked_at_when(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text(FILE)
    ran = iacdrift("watch", "--dry-run", cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "shop: every 1 second; ports all: never\n")


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ('every = "10m"\nfull-every = "1d"\n', "every 10 minutes; ports all: every 24 hours"),
        ('cron = "*/10 6-18 * * mon-fri"\nfull-every = "never"\n', "*/10 6-18 * * mon-fri (cron, UTC); ports all: never"),
    ],
)
def test_a_schedule_is_told_in_words(schedule: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text('[[target]]\nname = "shop"\nfrom = "code.yaml"\n' + schedule)
    assert iacdrift("watch", "--dry-run", cwd=tmp_path).out == f"shop: {said}\n"


def test_the_unit_is_printed_written_once_and_never_over_another(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text(FILE)
    shown = iacdrift("watch", "install", "--dry-run", cwd=tmp_path)
    assert shown.code == 0
    assert f"WorkingDirectory={tmp_path}" in shown.out
    assert f"--config {tmp_path}/iacdrift.toml" in shown.out
    path = tmp_path / "units" / "watch.service"
    assert install(path, shown.out)
    assert not install(path, shown.out)
    with pytest.raises(UsageError, match="says something else"):
        install(path, "another")
    assert "there is no iacdrift.toml" in refused(iacdrift("watch", "install", cwd=path.parent))


def test_names_of_paths_stay_themselves_in_the_unit() -> None:
    text = unit(Path("/srv/a b%c$d/iacdrift.toml"), user=None)
    assert "WorkingDirectory=/srv/a b%%c$d\n" in text
    assert '--config "/srv/a b%%c$$d/iacdrift.toml"\n' in text


def verified(directory: Path, text: str, *words: str) -> str:
    """What systemd itself has to say of a unit."""
    unit_file = directory / "iacdrift-watch.service"
    unit_file.write_text(text)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(directory)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *words, str(unit_file)], env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr.strip() or ("" if done.returncode == 0 else f"exit {done.returncode}")


@needs("systemd-analyze")
@pytest.mark.parametrize("user", ["root", None])
@pytest.mark.parametrize("folder", ["infra", "a b%c$d"])
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path, user: str | None, folder: str) -> None:
    config = tmp_path / folder / "iacdrift.toml"
    config.parent.mkdir()
    words = ("--user",) if user is None else ()
    assert verified(tmp_path, unit(config, user=user), *words) == ""
    assert "Restrt" in verified(tmp_path, unit(config, user=user).replace("Restart=", "Restrt="), *words)


def test_an_alert_is_tried_listed_and_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text('[[alert]]\nname = "ops"\nwebhook_env = "OPS_HOOK"\n')
    with http() as hook:
        tried = iacdrift("alert", "test", cwd=tmp_path, env={"OPS_HOOK": hook.url})
        assert (tried.code, hook.documents[0]["event"]) == (0, "test")
    assert "OPS_HOOK in the environment is empty or isn't set" in refused(iacdrift("alert", "test", "ops", cwd=tmp_path))
    assert "there is ops" in refused(iacdrift("alert", "test", "nobody", cwd=tmp_path))
    assert iacdrift("alert", "list", "--history", "h.db", cwd=tmp_path).out == "no alerts yet\n"
    assert iacdrift("alert", "send", "--history", "h.db", cwd=tmp_path).code == 0


@pytest.mark.live
@needs("nmap")
def test_a_killed_watch_goes_on_and_tells_nothing_twice_and_a_changed_source_is_read(tmp_path: Path) -> None:
    """Nobody listens on the declared port: `missing` is told once, over a kill -9; once the code says so, it is resolved."""
    (tmp_path / "iacdrift.toml").write_text(FILE + '[history]\nurl = "h.db"\n[[alert]]\nwebhook_env = "OPS_HOOK"\n')
    (tmp_path / "code.yaml").write_text(CODE)
    with http() as hook:
        env = {"OPS_HOOK": hook.url}
        with watching(tmp_path, env=env) as watch:
            watch.until(lambda: len(hook.posts) == 1)
            watch.end(signal.SIGKILL)
        with watching(tmp_path, env=env) as watch:
            watch.until(lambda: watch.looked(2))
            (tmp_path / "code.yaml").write_text(CODE.replace("open:", "allowed:"))
            watch.until(lambda: any(": IN SYNC" in line for line in watch.said))
            assert watch.end(signal.SIGINT) == 0
        events = [told["event"] for told in hook.documents]
    # The alert that was just being sent may come once more.
    assert events[0] == "new"
    assert events.count("new") <= 2
