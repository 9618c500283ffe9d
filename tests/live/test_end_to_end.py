"""From Terraform's state to the exit code: the real command in the scanner's place, as root and without rights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.bed import Bed, Rules, Service, User, Verb
from tests.live.bed.filters import Match, chain, table
from tests.live.bed.topology import ROUTER_V6, SCANNER_V4, SCANNER_V6
from tests.live.stack import Stack, write
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]

USERS = pytest.mark.parametrize("user", User, ids=[user.value for user in User])
ASKED = "22,25,80,8080,9000-9020"


@pytest.fixture
def stack(bed: Bed, tmp_path: Path) -> Iterator[Stack]:
    """The network as the stack declares it."""
    tmp_path.chmod(0o755)
    mail, api, _ = bed.hosts
    mail.listen({("tcp", 25): Service.SMTP, ("tcp", 9000): Service.SSH})
    api.listen({("tcp", 8080): Service.WRAPPED, ("tcp", 9000): Service.SSH})
    admit(bed)
    yield write(bed, tmp_path)
    bed.scanner.ip(f"route replace default via {ROUTER_V6}")


def admit(bed: Bed, *more: Match) -> None:
    """The cloud's filter as declared, and `more` by hand."""
    mail, api, _ = bed.hosts
    declared = [Match("22,25", address) for address in (mail.v4, mail.v6)] + [Match("8080", address) for address in (api.v4, api.v6)]
    bed.filter(Rules(Verb.DROP, (*declared, *more)))


def check(bed: Bed, stack: Stack, *options: str, user: User = User.ROOT) -> tuple[int, dict[str, Any], str]:
    """Exit code, report, and what was said on stderr."""
    here = ["--vantage", str(SCANNER_V4), "--vantage", str(SCANNER_V6)]
    sources = ["--from", str(stack.state), "--from", str(stack.expectation)]
    here += ["--no-history"]  # nobody may not write where root keeps its own
    argv = [sys.executable, "-m", "iacdrift", "check", *sources, *here, "--ports", ASKED, "--rate", "5000", "--format", "json", *options]

    def work() -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=150, env={**os.environ, "PYTHONPATH": _ROOT})

    done = bed.scan(work, user, 160)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


_ROOT = str(Path(__file__).parents[2])


def told(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return sorted((found["kind"], found["owner"], found["address"], found["ports"]) for found in report["findings"])


@USERS
def test_in_sync_and_then_not(bed: Bed, stack: Stack, user: User) -> None:
    code, report, said = check(bed, stack, user=user)
    assert (code, report.get("verdict"), told(report)) == (0, "in_sync", []), said
    assert report["scanner"]["scan_types"] == ["syn" if user is User.ROOT else "connect"]
    assert {host["owner"] for host in report["hosts"]} == {"aws_instance.mail", "aws_instance.api"}
    assert report["coverage"]["hosts"] == {"expected": 4, "answered": 4, "silent": 0, "failed": 0}

    mail, api, _ = bed.hosts
    admit(bed, Match("9000", mail.v4), Match("9010", api.v6))
    mail.listen({("tcp", 9000): Service.SSH})
    code, report, said = check(bed, stack, user=user)
    assert (code, report["verdict"]) == (1, "drift"), said
    assert told(report) == [
        ("exposed", "aws_instance.mail", str(mail.v4), "9000"),
        ("missing", "aws_instance.mail", str(mail.v4), "25"),
        ("missing", "aws_instance.mail", str(mail.v6), "25"),
        ("passable", "aws_instance.api", str(api.v6), "9010"),
    ]
    hole = next(found for found in report["findings"] if found["kind"] == "exposed")
    assert hole["observed"]["confirmed"] is True
    assert "authorize" not in hole["way_back"]["revert"]
    assert "revoke" in hole["way_back"]["revert"]


def test_a_finding_can_be_asked_again_and_is_gone_when_the_network_is_mended(bed: Bed, stack: Stack) -> None:
    mail = bed.hosts[0]
    admit(bed, Match("9000", mail.v4))
    code, report, _ = check(bed, stack, "--family", "4")
    assert code == 1
    (found,) = report["findings"]
    code, again, said = check(bed, stack, "--family", "4", "--finding", found["id"])
    assert (code, [item["id"] for item in again["findings"]]) == (1, [found["id"]]), said
    admit(bed)
    code, after, said = check(bed, stack, "--family", "4", "--finding", found["id"])
    assert (code, after["findings"]) == (0, []), said


def test_without_a_route_for_one_family_the_run_is_incomplete(bed: Bed, stack: Stack) -> None:
    bed.scanner.ip(f"route del default via {ROUTER_V6}")
    code, report, said = check(bed, stack)
    assert (code, report["verdict"], report["findings"]) == (3, "incomplete", []), said
    assert {gap["address"] for gap in report["undetermined"] if gap["required"]} >= {str(host.v6) for host in bed.hosts[:2]}
    assert check(bed, stack, "--family", "4")[0] == 0


def test_syn_without_the_right_is_an_error_and_no_verdict(bed: Bed, stack: Stack) -> None:
    code, report, said = check(bed, stack, "--scan-type", "syn", user=User.NOBODY)
    assert (code, report) == (2, {})
    assert "Traceback" not in said
    assert "root" in said


def test_outside_the_scope_nothing_is_sent(bed: Bed, stack: Stack) -> None:
    counter = chain("count", "type filter hook prerouting priority -400; policy accept", "meta l4proto { tcp, udp, icmp } counter")
    bed.filter(table("bed", counter))
    code, report, said = check(bed, stack, "--scope", f"{bed.hosts[0].v4}/32")
    assert (code, report) == (2, {})
    assert str(bed.hosts[1].v4) in said or str(bed.hosts[0].v6) in said
    counted = bed.router.run(["nft", "-j", "list", "ruleset"]).stdout
    parts = [part for item in json.loads(counted)["nftables"] for part in item.get("rule", {}).get("expr", [])]
    packets = [part["counter"]["packets"] for part in parts if "counter" in part]
    assert packets == [0]
