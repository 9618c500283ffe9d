"""The whole story on loopback: a rule added by hand, what really listens behind it, and who opened it; then an address given back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.account import Web, admit, forget
from tests.cloud.trail import Trail, permissions
from tests.command import Ran, iacdrift
from tests.needs import needs
from tests.terraform.listeners import counted

pytestmark = [pytest.mark.live, needs("nmap"), needs("moto"), needs("boto3")]


def checked(state: Path, port: int, *words: str) -> Ran:
    """A real scan of one port, everything asked of AWS that can be."""
    asking = ("--verify-owner", "--resolve", "aws", "--cloud-api", "--region", "us-east-1", *words)
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    what = ("--from", state, "--vantage", "internet", "--ports", str(port), "--scope", "127.0.0.0/8", "--no-history")
    return iacdrift("check", *what, "--scan-type", "connect", *asking, env=kept)


def exposed(ran: Ran) -> list[dict[str, Any]]:
    return [finding for finding in json.loads(ran.out)["findings"] if finding["kind"] == "exposed"]


def test_a_port_opened_by_hand_is_found_with_who_opened_it(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    state = web.write(tmp_path)
    with counted(web.address) as service:
        rule = admit(web.group, service.port)
        answer = {"securityGroupRuleSet": {"items": [{"securityGroupRuleId": rule}]}}
        request = {"groupId": web.group, "ipPermissions": permissions(service.port)}
        cloudtrail.happened(web.group, "AuthorizeSecurityGroupIngress", "2026-11-20T14:02:00Z", request, responseElements=answer)
        after = checked(state, service.port)
        assert after.code == 1, after.err
        said = " ".join(after.out.split())
        assert f"tcp/{service.port} exposed" in said
        assert "opened by user/ci-hotfix on 2026-11-20 14:02 UTC through AuthorizeSecurityGroupIngress" in said
        assert f"--security-group-rule-ids {rule}" in said

        forget(web)
        seen = service.connections
        given_back = checked(state, service.port, "--format", "json")
        assert given_back.code == 3, given_back.err
        assert service.connections == seen, "nothing is sent to an address that may be a stranger's"
    assert not exposed(given_back)
    listed = {item["address"]: item["why"] for item in json.loads(given_back.out)["not_in_view"]}
    assert "may be a stranger's by now" in listed[web.address]


def test_without_the_listener_nothing_is_exposed_and_cloudtrail_isnt_asked(aws: str, cloudtrail: Trail, tmp_path: Path) -> None:
    web = Web.deploy()
    with counted(web.address) as service:
        port = service.port
    before = checked(web.write(tmp_path), port, "--format", "json")
    assert before.code == 0, before.out + before.err
    assert not exposed(before)
    assert not cloudtrail.asked
