"""The fixtures of the pytest plugin in runs of pytest of their own: one scan a session, drift a failure, not knowing an error."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from iacdrift.demo.listeners import Service, listening
from tests.command import ROOT
from tests.needs import needs
from tests.shop import Shop
from tests.test_import import HEAVY, loaded_by

pytest_plugins = "pytester"

PENDING = ROOT / "tests/data/terraform/edge-and-bastion/create-plan.json"
ASKING = """
    def test_whole(assert_no_network_drift):
        assert_no_network_drift()

    def test_report(network_drift):
        assert network_drift.to_dict()["schema"] == "iacdrift/report/1"

    def test_surface(expected_surface):
        assert expected_surface.hosts

    def test_host(network_host):
        assert network_host.owner
"""


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this run's own options, nor of its workers."""
    for name in os.environ:
        if name.startswith(("IACDRIFT_", "PYTEST_XDIST", "PYTEST_ADDOPTS")):
            monkeypatch.delenv(name)


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many times Nmap was started to scan: a program in its place counts, then runs the real one."""
    log, program = tmp_path / "started", tmp_path / "nmap"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--max-rate*) echo scan >> {log};; esac\nexec {shutil.which("nmap")} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("IACDRIFT_NMAP", str(program))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def run(pytester: pytest.Pytester, *words: object, body: str = ASKING) -> pytest.RunResult:
    """Without other plugins, whose loading takes longer than the run. That ours is found by itself, the scanned runs show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return run_as_installed(pytester, "-p", "iacdrift.pytest_plugin", *words, body=body)


def run_as_installed(pytester: pytest.Pytester, *words: object, body: str = ASKING) -> pytest.RunResult:
    pytester.makepyfile(body)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *map(str, words), timeout=120)


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    assert not loaded_by("import iacdrift.pytest_plugin") & {"attrs", "click", "nmap", "orjson", "hcl2", "pulumi", "sqlalchemy", "filelock"}
    assert "iacdrift.assertion" not in loaded_by("import iacdrift.pytest_plugin")
    assert HEAVY


def test_one_item_a_host_in_the_order_of_their_ids_and_nothing_is_sent(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IACDRIFT_NMAP", str(tmp_path / "there-is-none"))
    ran = run(pytester, "--iacdrift-from", PENDING, "--iacdrift-vantage", "internet", "--collect-only", "-q")
    items = [line for line in ran.outlines if "test_host[" in line]
    assert ran.ret == 0
    assert [re.sub(r".*\[(.*)\]", r"\1", item) for item in items] == [
        "aws_instance.bastion-pending",
        "aws_lb.nlb-pending",
        "aws_network_interface.edge-pending",
    ]


def test_what_is_not_known_is_an_error_of_the_setup_and_no_failure(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "--iacdrift-from", PENDING, "--iacdrift-vantage", "internet", "--junitxml", "junit.xml")
    ran.assert_outcomes(passed=1, errors=5)
    assert "no host can be looked at yet" in ran.stdout.str()
    assert "IncompleteScanError" in ran.stdout.str()
    assert suite(pytester)["iacdrift_verdict"] == "incomplete"


def test_without_a_scan_everything_that_needs_one_is_skipped_with_the_reason(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "--iacdrift-from", PENDING, "--iacdrift-vantage", "internet", "--iacdrift-no-scan", "-rs")
    ran.assert_outcomes(passed=1, skipped=5)
    assert "--iacdrift-no-scan: nothing is sent" in ran.stdout.str()


def test_without_a_scan_a_missing_source_is_a_skip_too(pytester: pytest.Pytester) -> None:
    run(pytester, "--iacdrift-no-scan", body="def test_host(network_host): pass").assert_outcomes(skipped=1)


def test_without_a_source_nothing_passes(pytester: pytest.Pytester) -> None:
    ran = run(pytester, body="def test_host(network_host): pass")
    ran.assert_outcomes(errors=1)
    assert "no source is given: --iacdrift-from FILE" in ran.stdout.str()
    run(pytester, body="def test_drift(network_drift): pass").assert_outcomes(errors=1)


def test_a_source_that_cannot_be_read_is_an_error_at_collection(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "--iacdrift-from", "gone.json", body="def test_host(network_host): pass")
    ran.assert_outcomes(errors=1)
    assert "gone.json doesn't exist" in ran.stdout.str()
    assert "Traceback" not in ran.stdout.str()


def test_no_host_in_view_is_an_error_and_never_an_empty_list(pytester: pytest.Pytester, tmp_path: Path) -> None:
    plan = {"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": [], "configuration": {}}
    (tmp_path / "empty.json").write_text(json.dumps(plan))
    ran = run(
        pytester, "--iacdrift-from", tmp_path / "empty.json", "--iacdrift-vantage", "internet", body="def test_host(network_host): pass"
    )
    ran.assert_outcomes(errors=1)
    assert "no host is in view" in ran.stdout.str()


def test_an_option_without_meaning_is_one_sentence(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "--iacdrift-from", PENDING, "--iacdrift-fail-on", "sometimes", body="def test_drift(network_drift): pass")
    ran.assert_outcomes(errors=1)
    assert "'sometimes' is not one of" in ran.stdout.str()


@pytest.mark.parametrize("where", ["iacdrift.toml", "pyproject.toml", "ini", "environment", "named"])
def test_options_from_every_place(where: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--collect-only", "-q"]
    if where == "ini":
        pytester.makeini(f"[pytest]\niacdrift_from =\n    {PENDING}\niacdrift_vantage =\n    internet\n")
    elif where == "environment":
        monkeypatch.setenv("IACDRIFT_FROM", str(PENDING))
        monkeypatch.setenv("IACDRIFT_VANTAGE", "internet")
    else:
        name = "other.toml" if where == "named" else where
        table = "[tool.iacdrift]\n" if name == "pyproject.toml" else ""
        pytester.path.joinpath(name).write_text(f'{table}from = "{PENDING}"\nvantage = "internet"\n')
        words += ["--iacdrift-config", "other.toml"] if where == "named" else []
    ran = run(pytester, *words, body="def test_host(network_host): pass")
    assert len([line for line in ran.outlines if "test_host[" in line]) == 3


def test_the_command_line_wins_over_the_environment_and_that_over_the_ini_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\niacdrift_from =\n    of-the-ini-file.json\n")
    body = "def test_host(network_host): pass"
    assert "of-the-ini-file.json doesn't exist" in run(pytester, body=body).stdout.str()
    monkeypatch.setenv("IACDRIFT_FROM", "of-the-environment.json")
    assert "of-the-environment.json doesn't exist" in run(pytester, body=body).stdout.str()
    ran = run(pytester, "--iacdrift-from", "typed.json", body=body)
    assert "typed.json doesn't exist" in ran.stdout.str()


def suite(pytester: pytest.Pytester) -> dict[str, str]:
    """The properties of the whole suite in JUnit's file."""
    root = ElementTree.parse(pytester.path / "junit.xml").getroot()
    return {one.attrib["name"]: one.attrib["value"] for one in root.findall("./testsuite/properties/property")}


def cases(pytester: pytest.Pytester) -> dict[str, dict[str, str]]:
    """The properties of each test in JUnit's file."""
    root = ElementTree.parse(pytester.path / "junit.xml").getroot()
    return {
        case.attrib["name"]: {one.attrib["name"]: one.attrib["value"] for one in case.findall("./properties/property")}
        for case in root.iter("testcase")
    }


OPENED = 18022
"""A service that the code doesn't know. It speaks first, as the one at 18090 does: Nmap waits six seconds for those that don't."""


@pytest.mark.live
@needs("nmap")
class TestScanned:
    @pytest.fixture
    def opened(self, shop: Shop) -> Iterator[int]:
        with listening((Service(shop.sample.web, OPENED, "ssh"),)):
            yield OPENED

    def words(self, shop: Shop, ports: object) -> tuple[object, ...]:
        return ("--iacdrift-from", shop.plan, "--iacdrift-vantage", "internet", "--iacdrift-ports", ports, "--junitxml", "junit.xml")

    @pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "xdist"])
    def test_a_network_that_matches(
        self, workers: tuple[str, ...], shop: Shop, pytester: pytest.Pytester, counting: Callable[[], int]
    ) -> None:
        ran = (run if workers else run_as_installed)(pytester, *self.words(shop, 18090), *workers)
        ran.assert_outcomes(passed=5)
        report = json.loads(suite(pytester)["iacdrift_report"])
        assert (report["verdict"], suite(pytester)["iacdrift_verdict"]) == ("in_sync", "in_sync")
        assert cases(pytester)["test_whole"]["iacdrift_verdict"] == "in_sync"
        assert counting() == len(report["scanner"]["commands"])  # each worker has asked, and one has scanned

    @pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "xdist"])
    def test_a_network_that_does_not(
        self, workers: tuple[str, ...], shop: Shop, opened: int, pytester: pytest.Pytester, counting: Callable[[], int]
    ) -> None:
        ran = run(pytester, *self.words(shop, opened), *workers, "-rf")
        ran.assert_outcomes(passed=3, failed=2)
        output = ran.stdout.str()
        assert f"critical exposed: {shop.sample.web} tcp/{opened} (aws_instance.web)" in output
        failed = {line.split(" ")[1].partition("::")[2] for line in ran.outlines if line.startswith("FAILED")}
        assert failed == {"test_whole", f"test_host[aws_instance.web-{shop.sample.web}]"}
        report = json.loads(suite(pytester)["iacdrift_report"])
        assert report["verdict"] == "drift"
        assert cases(pytester)["test_whole"]["iacdrift_findings"].startswith(f"exposed-tcp-{opened}-")
        assert counting() == len(report["scanner"]["commands"])

    def test_an_exception_of_the_configuration_file_counts(self, shop: Shop, opened: int, pytester: pytest.Pytester) -> None:
        ignore = f'[[ignore]]\nresource = "aws_instance.web"\nport = {opened}\nreason = "known"\nowner = "me"\nuntil = 2099-01-01\n'
        pytester.path.joinpath("iacdrift.toml").write_text(ignore)
        run(pytester, *self.words(shop, opened)).assert_outcomes(passed=5)
