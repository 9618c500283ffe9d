"""Commands over `[[target]]` tables: each target with its report, what is typed wins, and no error hides drift or is hidden by it."""

from __future__ import annotations

import itertools
import json
import os
import signal
from pathlib import Path

import click
import pytest

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, option
from iacdrift.cli_targets import TargetCommand, counting
from tests.command import iacdrift, refused
from tests.connect.repository import lay_out
from tests.needs import needs
from tests.shop import Shop

DRIFT, ERROR, INCOMPLETE, IN_SYNC = ExitCode.DRIFT, ExitCode.ERROR, ExitCode.INCOMPLETE, ExitCode.IN_SYNC
EMPTY = '{"schema": "iacdrift/expectation/1", "expectations": []}'


def two(folder: Path, first: str = "", top: str = "") -> Path:
    """Two targets: one that can be read, one that can't."""
    text = f'{top}\n[[target]]\nname = "one"\nfrom = "one.json"\n{first}\n[[target]]\nname = "two"\nfrom = "missing.json"\n'
    return lay_out(folder, {"one.json": EMPTY, "iacdrift.toml": text})


def test_drift_wins_over_an_error_and_that_over_incomplete() -> None:
    order = (DRIFT, ERROR, INCOMPLETE, IN_SYNC)
    for codes in itertools.product(order, repeat=3):
        assert counting(codes) == order[min(order.index(code) for code in codes)]
    for codes in itertools.product((0, 1, 2), repeat=2):
        assert counting(codes, terraform=True) == (2 if 2 in codes else max(codes))


def test_each_target_has_its_report_and_an_error_is_told_beside_it(tmp_path: Path) -> None:
    ran = iacdrift("expect", "--vantage", "internet", cwd=two(tmp_path))
    assert ran.code == ERROR
    first, _, second = ran.out.partition("== two ==")
    assert first.startswith("== one ==\nExpected from somewhere on the internet")
    assert second.strip() == "NO VERDICT: an error, told on stderr"
    assert ran.sentences == ["iacdrift: two: missing.json doesn't exist: check the path"]


def test_one_target_by_its_name_is_as_if_its_sources_were_typed(tmp_path: Path) -> None:
    ran = iacdrift("expect", "--target", "one", "--format", "json", cwd=two(tmp_path, 'vantage = "internet"'))
    assert ran.code == IN_SYNC
    assert json.loads(ran.out)["vantage"]["kind"] == "internet"
    assert refused(iacdrift("expect", "--target", "two", cwd=tmp_path)) == "iacdrift: missing.json doesn't exist: check the path"


def test_what_is_typed_wins_then_the_environment_then_the_target_then_the_file(tmp_path: Path) -> None:
    two(tmp_path, 'vantage = "203.0.113.2"', 'vantage = "203.0.113.1"')

    def vantage(*words: str, **env: str) -> object:
        ran = iacdrift("expect", "--target", "one", "--format", "json", *words, cwd=tmp_path, env=env)
        return json.loads(ran.out)["vantage"]["ipv4"]

    assert vantage() == "203.0.113.2"
    assert vantage(IACDRIFT_VANTAGE="203.0.113.3") == "203.0.113.3"
    assert vantage("--vantage", "203.0.113.4", IACDRIFT_VANTAGE="203.0.113.3") == "203.0.113.4"
    two(tmp_path, "", 'vantage = "203.0.113.1"')
    assert vantage() == "203.0.113.1"


def test_typed_sources_are_taken_by_themselves(tmp_path: Path) -> None:
    two(tmp_path)
    assert "==" not in iacdrift("expect", "--from", "one.json", cwd=tmp_path).out
    assert iacdrift("expect", cwd=tmp_path, env={"IACDRIFT_FROM": "one.json"}).code == IN_SYNC
    assert "give one of them" in refused(iacdrift("expect", "--from", "one.json", "--target", "one", cwd=tmp_path))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["check", "-o", "json:all.json"], "put {target} into the path"),
        (["check", "--evidence", "xml"], "put {target} into the path"),
        (["check", "--finding", "exposed-tcp-1-0a1b2c3d4e5f"], "name it with --target"),
        (["check", "--target", "three"], "no [[target]] 'three' in the configuration file; there is one, two"),
    ],
)
def test_what_is_not_clear_is_refused_before_anything_is_read(tmp_path: Path, words: list[str], why: str) -> None:
    assert why in refused(iacdrift(*words, cwd=two(tmp_path)))


def test_a_target_where_there_is_none(tmp_path: Path) -> None:
    assert "iacdrift init writes one" in refused(iacdrift("check", "--target", "x", cwd=tmp_path))
    assert "no source given" in refused(iacdrift("check", cwd=tmp_path))


def test_files_are_written_for_each_target(tmp_path: Path) -> None:
    ran = iacdrift("expect", "-o", "json:{target}.json5", "--vantage", "internet", "--format", "json", cwd=two(tmp_path))
    assert ran.code == ERROR
    assert [path.name for path in tmp_path.glob("*.json5")] == ["one.json5"]
    assert json.loads(ran.out) == json.loads((tmp_path / "one.json5").read_text())  # nothing but the report on stdout


def test_preview_compares_with_a_checkout_of_how_things_were(tmp_path: Path) -> None:
    group = "  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: g, VpcId: vpc-1}\n"
    template = f'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n{group}'
    toml = '[[target]]\nname = "t"\nfrom = "template.yaml"\n'
    lay_out(tmp_path, {"template.yaml": template, "was/template.yaml": template, "none/x": "", "iacdrift.toml": toml})
    assert "--base with a checkout" in refused(iacdrift("preview", cwd=tmp_path))
    for base in ("was", "none"):
        ran = iacdrift("preview", "--base", base, "--fail-on-new-exposure", cwd=tmp_path)
        assert ran.code in (IN_SYNC, INCOMPLETE), ran.err
        assert "PREVIEW: nothing changes" in ran.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_target_begins_after_an_interruption(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    looked = []

    @click.command(cls=TargetCommand)
    @option("--from", "sources", multiple=True)
    @TALKING
    def check(sources: tuple[str, ...], **_: object) -> int:
        looked.append(sources)
        try:
            os.kill(os.getpid(), number)
            signal.pause()
        except KeyboardInterrupt:  # as a scan does, which ends with what it learnt
            return ExitCode.DRIFT
        return ExitCode.IN_SYNC

    before = signal.getsignal(number)
    with check.make_context("check", []) as ctx:
        ctx.meta["iacdrift.tables"] = {"target": [{"name": "a", "from": "1"}, {"name": "b", "from": "2"}]}
        assert check.invoke(ctx) == ExitCode.DRIFT
    assert looked == [("1",)]
    assert "b: not looked at, because the run was interrupted" in capsys.readouterr().err
    assert signal.getsignal(number) == before


@pytest.mark.live
@needs("root")
@needs("nmap")
def test_drift_in_one_an_error_in_another_and_one_in_sync(shop: Shop) -> None:
    sources = 'from = ["plan.json", "expectation.yaml"]\nvantage = "internet"\n'
    targets = {
        "gone": 'from = "missing.json"\n',
        "drifted": f'{sources}ports = "6379"\n',
        "fine": f'{sources}ports = "18080"\nonly = ["aws_instance.web"]\nallow-incomplete = true\nfail-on = "critical"\n',
    }
    text = "".join(f'[[target]]\nname = "{name}"\n{keys}' for name, keys in targets.items())
    (shop.directory / "iacdrift.toml").write_text(text)
    ran = iacdrift("check", "-o", "json:report-{target}.json", cwd=shop.directory)
    assert ran.code == DRIFT, ran.err
    assert "iacdrift: gone: missing.json doesn't exist" in ran.err
    assert [line for line in ran.out.splitlines() if line.startswith("== ")] == ["== gone ==", "== drifted ==", "== fine =="]
    reports = {name: json.loads((shop.directory / f"report-{name}.json").read_text()) for name in ("drifted", "fine")}
    assert {name: report["exit_code"] for name, report in reports.items()} == {"drifted": DRIFT, "fine": IN_SYNC}
    ran = iacdrift("check", "--target", "fine", "--target", "gone", "--no-history", cwd=shop.directory)
    assert ran.code == ERROR, ran.out
