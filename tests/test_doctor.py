"""`iacdrift doctor`: what is missing is said with its mend, secrets never, and what is there is said as well."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from iacdrift.doctor import machine
from iacdrift.doctor.remark import State
from tests.command import iacdrift
from tests.connect.repository import lay_out
from tests.needs import needs

EMPTY = '{"schema": "iacdrift/expectation/1", "expectations": []}'
WHOLE = {"e.json": EMPTY, "iacdrift.toml": '[[target]]\nname = "one"\nfrom = "e.json"\nvantage = "internet"\n'}


def checks(folder: Path, *words: str, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
    ran = iacdrift("doctor", "--format", "json", *words, cwd=folder, env=env)
    told: dict[str, Any] = json.loads(ran.out)
    assert told["schema"] == "iacdrift/doctor/1"
    assert told["ready"] == (ran.code == 0)
    return ran.code, {check["about"]: check for check in told["checks"]}


@needs("nmap")
def test_everything_is_there(tmp_path: Path) -> None:
    code, found = checks(lay_out(tmp_path, WHOLE))
    assert code == 0
    assert {name: check["state"] for name, check in found.items() if name != "rights"} == {
        "nmap": "ok",
        "vantage": "ok",
        "one: sources": "ok",
        "clock": "ok",
        "history": "ok",
    }
    text = iacdrift("doctor", cwd=tmp_path)
    assert text.code == 0
    assert text.out.endswith("everything that is needed is there\n")


def test_each_missing_thing_is_said_with_its_mend(tmp_path: Path) -> None:
    lay_out(tmp_path, {"blocked": "a file, where a folder would have to be", "root/main.tf": ""})
    targets = {
        "plan": "plan.json",
        "synth": "app/cdktf.out",
        "root": "tf:root",
        "nowhere": "tf:nowhere",
        "program": "pulumi:nowhere",
    }
    text = "".join(f'[[target]]\nname = "{name}"\nfrom = "{source}"\n' for name, source in targets.items())
    (tmp_path / "iacdrift.toml").write_text(text + '[[alert]]\nname = "ops"\nurl_env = "NO_SUCH_VARIABLE"\n')
    code, found = checks(tmp_path, "--nmap", "/nowhere/nmap", "--history", "blocked/history.db")
    assert code == 2
    missing = {name for name, check in found.items() if check["state"] == "missing"}
    assert {"nmap", "plan: sources", "synth: sources", "program: tool", "history", "alert ops"} <= missing
    assert all(found[name]["mend"] for name in missing)
    assert "cdktf synth" in found["synth: sources"]["mend"]
    assert "apt-get install nmap" in found["nmap"]["mend"]


@needs("terraform")
def test_a_root_that_is_not_initialised_and_one_whose_state_is_no_state(tmp_path: Path) -> None:
    backend = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n    region = "eu-central-1"\n  }\n}\n'
    toml = "".join(f'[[target]]\nname = "{name}"\nfrom = "tf:{name}"\n' for name in ("remote", "broken"))
    lay_out(tmp_path, {"remote/main.tf": backend, "broken/main.tf": "", "broken/terraform.tfstate": "{", "iacdrift.toml": toml})
    code, found = checks(tmp_path)
    assert code == 2
    assert found["remote: tool"]["text"].startswith("Terraform v")
    assert "can't be read" in found["remote: state"]["text"]
    assert "terraform -chdir=remote init" in found["remote: state"]["mend"]
    assert found["broken: state"]["state"] == "missing"


@needs("terraform")
def test_a_root_whose_providers_are_not_installed_is_named_with_the_command_that_installs_them(tmp_path: Path) -> None:
    code = 'terraform {\n  required_providers {\n    nothing = {\n      source = "example/nothing"\n    }\n  }\n}\n'
    toml = "".join(f'[[target]]\nname = "{name}"\nfrom = "tf:{name}"\nvantage = "internet"\n' for name in ("bare", "whole"))
    lay_out(tmp_path, {"bare/main.tf": code, "whole/main.tf": 'output "a" {\n  value = "b"\n}\n', "iacdrift.toml": toml})
    _, found = checks(tmp_path)
    assert (found["bare: code"]["state"], found["whole: code"]["state"]) == ("missing", "ok")
    assert "terraform -chdir=bare init" in found["bare: code"]["mend"]
    ran = iacdrift("expect", "--target", "bare", cwd=tmp_path)
    assert (ran.code, len(ran.sentences)) == (2, 1)
    assert ran.err.rstrip().endswith("terraform -chdir=bare init")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    lay_out(tmp_path, WHOLE)
    alert = '[[alert]]\nname = "ops"\nurl_env = "OPS_URL"\n'
    (tmp_path / "iacdrift.toml").write_text(WHOLE["iacdrift.toml"] + alert)
    url = "postgresql://keeper:verysecret@127.0.0.1:1/history"
    for form in ("text", "json"):
        ran = iacdrift("doctor", "--format", form, "--history", url, cwd=tmp_path, env={"OPS_URL": "json://user:verysecret@127.0.0.1:1"})
        assert ran.code == 2
        assert "history" in ran.out
        assert "verysecret" not in ran.out + ran.err


def test_without_any_target(tmp_path: Path) -> None:
    code, found = checks(tmp_path)
    assert code == 2
    assert "iacdrift init" in found["targets"]["mend"]
    (tmp_path / "iacdrift.toml").write_text('[[target]]\nname = "a"\nfrom = "x"\nportz = "1"\n')
    assert "'portz'" in checks(tmp_path)[1]["targets"]["text"]


def test_a_source_from_the_future_is_a_clock_that_is_wrong() -> None:
    [wrong] = machine.clock(("plan.json", 10_000.0), 5_000.0, None)
    assert (wrong.state, "5000 seconds" in wrong.text) == (State.MISSING, True)
    [right] = machine.clock(("plan.json", 5_030.0), 5_000.0, None)
    assert right.state is State.OK


@pytest.fixture
def dated() -> Iterator[str]:
    """A web server whose clock shows 1 January 2030, and which knows no page."""

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(404)
            self.send_header("Date", "Tue, 01 Jan 2030 00:00:00 GMT")
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_clock_against_a_server_that_the_user_names(dated: str) -> None:
    there = 1893456000.0  # what the server says
    [behind] = machine.clock(None, there - 3600, dated)
    assert (behind.state, "3600 seconds behind" in behind.text) == (State.MISSING, True)
    [right] = machine.clock(None, there + 5, dated)
    assert right.state is State.OK
    [unknown] = machine.clock(None, there, "http://127.0.0.1:1/")
    assert unknown.state is State.REMARK
