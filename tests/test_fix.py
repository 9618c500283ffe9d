"""`iacdrift fix`: a patch that git applies, that Terraform formats to itself, and after which the finding is gone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from iacdrift.demo.sample import on_loopback
from tests.command import iacdrift, refused
from tests.needs import missing, needs

pytestmark = needs("git")

XML = """<?xml version="1.0"?>
<nmaprun scanner="nmap" version="7.93" args="nmap" start="1763800000" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="3" services="6379,9999,18080"/>
{hosts}
<runstats><finished time="1763800010" timestr="" elapsed="1" summary="" exit="success"/><hosts up="2" down="0" total="2"/></runstats>
</nmaprun>"""
HOST = """<host starttime="1763800000" endtime="1763800009"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="{address}" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="{open}"><state state="open" reason="syn-ack" reason_ttl="64"/></port>
<extraports state="filtered" count="2"><extrareasons reason="no-response" count="2" proto="tcp" ports="{silent}"/></extraports>
</ports></host>"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The demo's stack in a git repository of its own, and the report of a scan in which both hosts answer where they mustn't."""
    sample = on_loopback()
    sample.write(tmp_path)
    web, api = sample.web, sample.api
    hosts = HOST.format(address=web, open=6379, silent="9999,18080") + HOST.format(address=api, open=9999, silent="6379,18080")
    (tmp_path / "scan.xml").write_text(XML.format(hosts=hosts))
    ran = iacdrift(
        *("diff", "--from", "plan.json", "--vantage", "203.0.113.9", "--nmap-xml", "scan.xml", "-o", "json:report.json"), cwd=tmp_path
    )
    assert ran.code == 1, ran.err
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    return tmp_path


def git(folder: Path, *words: str, stdin: str | None = None) -> str:
    done = subprocess.run(["git", *words], cwd=folder, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def finding(folder: Path, port: int, kind: str = "exposed") -> str:
    report = json.loads((folder / "report.json").read_text())
    return next(item["id"] for item in report["findings"] if item["ports"] == str(port) and item["kind"] == kind)


def fixed(folder: Path, name: str, *words: str):
    return iacdrift("fix", name, "--report", "report.json", *words, cwd=folder)


@pytest.mark.parametrize(("port", "inside"), [(6379, False), (9999, True)], ids=["a rule of its own", "inside the group"])
def test_the_patch_applies_and_parses(repository: Path, port: int, inside: bool) -> None:
    before = (repository / "main.tf").read_text()
    patch = fixed(repository, finding(repository, port), "--adopt")
    assert patch.code == 0, patch.err
    git(repository, "apply", "--check", "-", stdin=patch.out)
    git(repository, "apply", "-", stdin=patch.out)
    after = (repository / "main.tf").read_text()
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert any(str(port) in line for line in added)
    assert any("203.0.113.9/32" in line for line in added)
    assert after.count('resource "aws_vpc_security_group_ingress_rule"') == 2 + (not inside)
    if missing("terraform") is None:
        done = subprocess.run(
            ["terraform", "fmt", "-check", "-diff", "main.tf"], cwd=repository, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_a_name_that_is_taken_gets_a_number(repository: Path) -> None:
    name = finding(repository, 6379)
    git(repository, "apply", "-", stdin=fixed(repository, name, "--adopt").out)
    again = fixed(repository, name, "--adopt")
    assert 'resource "aws_vpc_security_group_ingress_rule" "web_tcp_6379_2"' in again.out


def test_the_code_may_lie_elsewhere(repository: Path, tmp_path: Path) -> None:
    (repository / "infra").mkdir()
    shutil.move(repository / "main.tf", repository / "infra" / "main.tf")
    name = finding(repository, 6379)
    assert "no .tf file declares aws_security_group.web" in refused(fixed(repository, name, "--adopt"))
    assert "+++ b/infra/main.tf" in fixed(repository, name, "--adopt", "--code", "infra").out


def test_windows_line_ends_are_kept(repository: Path) -> None:
    path = repository / "main.tf"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    name = finding(repository, 6379)
    words = [sys.executable, "-m", "iacdrift", "fix", name, "--report", "report.json", "--adopt"]
    patch = subprocess.run(words, cwd=repository, capture_output=True, check=True).stdout
    subprocess.run(["git", "apply", "-"], cwd=repository, input=patch, check=True)
    text = path.read_bytes()
    assert b"6379" in text
    assert text.count(b"\n") == text.count(b"\r\n")


def test_the_text_of_a_pull_request(repository: Path) -> None:
    ran = fixed(repository, finding(repository, 6379), "--adopt", "--pr-body")
    assert ran.out.startswith("### Adopt tcp/6379")
    assert "aws ec2 revoke-security-group-ingress" in ran.out


@pytest.mark.parametrize(("port", "target"), [(6379, False), (9999, True)], ids=["a rule of its own", "inside the group"])
def test_reverting_asks_first_and_targets_inline_rules_only(repository: Path, port: int, target: bool) -> None:
    ran = fixed(repository, finding(repository, port), "--revert")
    assert ran.out.index("describe-security-group-rules") < ran.out.index("revoke-security-group-ingress")
    assert ("-target=" in ran.out) is target


def test_what_no_block_adopts_is_said(repository: Path) -> None:
    report = json.loads((repository / "report.json").read_text())
    other = next(item["id"] for item in report["findings"] if item["kind"] not in ("exposed", "passable"))
    ran = fixed(repository, other, "--adopt")
    assert ran.code == 2
    assert "isn't adopted by adding a block" in ran.err


def test_a_finding_that_there_is_not(repository: Path) -> None:
    assert "has no finding" in refused(fixed(repository, "exposed-tcp-1-000000000000", "--adopt"))


def test_both_ways_at_once_are_refused(repository: Path) -> None:
    assert "choose one" in refused(fixed(repository, finding(repository, 6379), "--adopt", "--revert"))


def test_the_history_holds_the_finding_as_well(repository: Path) -> None:
    base = ("diff", "--from", "plan.json", "--vantage", "203.0.113.9", "--nmap-xml", "scan.xml", "--history", "history.db")
    assert iacdrift(*base, cwd=repository).code == 1
    ran = iacdrift("fix", finding(repository, 6379), "--history", "history.db", "--adopt", cwd=repository)
    assert "+++ b/main.tf" in ran.out, ran.err
    assert "knows no finding" in refused(iacdrift("fix", "exposed-tcp-1-000000000000", "--history", "history.db", cwd=repository))
