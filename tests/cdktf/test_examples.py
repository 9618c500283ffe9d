"""The examples with the real libraries: synthesised, judged, deployed by a real Terraform, and scanned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cdktf.library import EXAMPLES, Library
from tests.cdktf.recorded import SERVERS, states
from tests.command import iacdrift
from tests.needs import needs
from tests.terraform.root import Root, binary, installed

HOST = "127.44.9.1"


@contextmanager
def serving(host: str, port: int = 0) -> Iterator[int]:
    """A web server on loopback; yields its port."""
    with ThreadingHTTPServer((host, port), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def free_pair(host: str) -> int:
    """A port that is free together with the next one."""
    for _ in range(50):
        with serving(host) as port:
            pass
        try:
            with serving(host, port), serving(host, port + 1):
                return port
        except (OSError, OverflowError):
            continue
    raise AssertionError("no two free ports beside each other")


def test_the_unit_tests_of_two_stacks_pass_and_fail_where_more_is_opened(library: Library, tmp_path: Path) -> None:
    folder = EXAMPLES / "two-stacks"
    passing = library.tests(folder / "test_stacks.py", cwd=tmp_path, path=(folder,))
    assert passing.code == 0, passing.out
    assert "3 passed" in passing.out
    for name in ("aws.py", "stacks.py", "test_stacks.py"):
        (tmp_path / name).write_text((folder / name).read_text().replace("admins=OFFICE", "admins=ANYWHERE"))
    failing = library.tests(tmp_path / "test_stacks.py", cwd=tmp_path, path=(tmp_path,))
    assert failing.code == 1
    assert "test_the_internet_reaches_https_and_nothing_else" in failing.out


def test_the_synth_of_two_stacks_ends_where_ssh_is_opened_to_everybody(library: Library, tmp_path: Path) -> None:
    ran = library.synth("two-stacks", tmp_path, ADMINS="0.0.0.0/0")
    assert ran.code == 1
    assert "web/ssh: aws_security_group.web admits tcp/22 from the whole internet" in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "cdktf.out" / "manifest.json").exists()


def test_the_readmes_fit_a_page_and_show_what_the_examples_say(library: Library, tmp_path: Path) -> None:
    for folder in ("two-stacks", "runtime-assertion"):
        assert len((EXAMPLES / folder / "README.md").read_text().splitlines()) <= 60
    said = library.synth("two-stacks", tmp_path, ADMINS="0.0.0.0/0").err
    (line,) = (line.strip() for line in said.splitlines() if "admits tcp/22" in line)
    assert line in " ".join((EXAMPLES / "two-stacks" / "README.md").read_text().split())


# one library each: what the two write is the same, as test_inside and test_synth_directory hold, and scans take their time
ONLY_CDKTF = pytest.mark.parametrize("library", [pytest.param("cdktf", marks=needs("cdktf"))], indirect=True)
ONLY_CDKTN = pytest.mark.parametrize("library", [pytest.param("cdktn", marks=needs("cdktn"))], indirect=True)


@pytest.mark.live
@needs("nmap")
@needs("root")
@ONLY_CDKTF
def test_two_stacks_are_in_sync_until_a_port_answers_that_the_code_blocks(library: Library, tmp_path: Path) -> None:
    """HTTPS is admitted and may be refused; 8443 isn't admitted, and what answers there is drift, on the one server alone."""
    assert library.synth("two-stacks", tmp_path).code == 0
    states(tmp_path, "terraform.{}.tfstate")
    narrow = ("--ports", "443,8443", "--scope", "127.44.9.0/24", "--only", "aws_instance.web-1")
    options = ("--vantage", "internet", *narrow, "--format", "json")
    passing = iacdrift("check", "--from", tmp_path / "cdktf.out", *options)
    report = json.loads(passing.out)
    assert (passing.code, report["verdict"], report["declared_from"]) == (0, "in_sync", "configuration"), passing.out
    with serving(SERVERS[1], 8443):
        failing = iacdrift("check", "--from", tmp_path / "cdktf.out", *options)
    assert failing.code == 1
    (exposed,) = [one for one in json.loads(failing.out)["findings"] if one["kind"] == "exposed"]
    assert (exposed["address"], exposed["ports"], exposed["owner"]) == (SERVERS[1], "8443", "aws_instance.web-1")
    assert exposed["because"][0]["at"].startswith("stacks/web/cdk.tf.json (web/")


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Terraform's CLI configuration as `iacdrift terraform install` prints it."""
    return installed(tmp_path_factory.mktemp("mirror"))


@pytest.mark.live
@needs("nmap")
@ONLY_CDKTN
def test_an_apply_of_the_runtime_assertion_passes_and_fails_with_the_network(library: Library, configuration: Path, tmp_path: Path) -> None:
    port = free_pair(HOST)
    ran = library.synth("runtime-assertion", tmp_path, HOST=HOST, PORT=str(port))
    assert ran.code == 0, ran.err
    root = Root(tmp_path / "cdktf.out" / "stacks" / "service", configuration, binary())
    root.must("init", "-no-color", "-input=false")
    with serving(HOST, port):
        passing = root.apply()
        assert passing.code == 0, passing.text
        assert "1 added" in passing.text
        with serving(HOST, port + 1):
            assert root.plan().code in (0, 2), "a plan sends nothing and fails on nothing"
            failing = root.apply()
    assert failing.code == 1
    assert f"exposed: {HOST} tcp/{port + 1} (expectation.service)" in failing.flat
