"""The examples are what their READMEs say."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs
from tests.pulumi.directory import Directory, flat
from tests.pulumi.engine import listener
from tests.pulumi.pack import Resource, running

EXAMPLES = Path(__file__).parents[2] / "examples" / "pulumi"
HOST = "127.44.7.1"


def free_pair() -> int:
    """A port that is free together with the next one, on the host of this test."""
    for _ in range(50):
        with socket.create_server((HOST, 0)) as first:
            port = first.getsockname()[1]
            try:
                socket.create_server((HOST, port + 1)).close()
            except (OSError, OverflowError):
                continue
            return port
    raise AssertionError("no two free ports beside each other")


@pytest.mark.live
@needs("nmap")
@needs("pulumi-engine")
def test_local_service_passes_then_fails_once_a_second_port_is_open(tmp_path: Path) -> None:
    """As its README says, by `pulumi up` in the program's directory."""
    program, port = Directory.of(EXAMPLES / "local-service", tmp_path), free_pair()
    program.must("stack", "init", "dev")
    program.must("config", "set-all", "--plaintext", f"host={HOST}", "--plaintext", f"port={port}")
    try:
        told = flat(program.must("up", "--yes"))  # with its preview
        assert "verdict: [unknown]" in told
        assert 'verdict: "in_sync"' in told
        with listener(HOST, port + 1):
            failed = program.pulumi("up", "--yes", "--skip-preview")
        assert not failed.ok
        assert "error: iacdrift: the network isn't what the code says: 1 finding" in failed.text
        assert f"exposed: {HOST} tcp/{port + 1} (expectation.network)" in failed.text
        assert "Traceback" not in failed.text
        program.must("up", "--yes", "--skip-preview")
    finally:
        with listener(HOST, port + 1) as second:
            program.must("destroy", "--yes", "--skip-preview", "--run-program")
    assert second.connections == 0, "a destruction must send nothing"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)


def test_the_unit_tests_of_aws_web_pass_and_fail_where_the_program_opens_more(tmp_path: Path) -> None:
    folder = EXAMPLES / "aws-web"
    passing = unit_tests(folder)
    assert passing.returncode == 0, passing.stdout
    assert "3 passed" in passing.stdout
    for name in ("infrastructure.py", "test_infrastructure.py"):
        (tmp_path / name).write_text((folder / name).read_text().replace("OFFICE = ", "OFFICE = ANYWHERE  #"))
    failing = unit_tests(tmp_path)
    assert failing.returncode == 1
    assert "test_the_bastion_is_for_the_office_alone" in failing.stdout


def unit_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder), str(folder)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


def test_the_program_of_aws_web_runs_as_it_is_and_scans_nothing_under_mocks(monkeypatch: pytest.MonkeyPatch) -> None:
    import iacdrift.pulumi as network

    monkeypatch.syspath_prepend(str(EXAMPLES / "aws-web"))
    surface = network.collect(EXAMPLES / "aws-web" / "__main__.py")
    assert {host.owner.rpartition("::")[2] for host in surface.hosts} >= {"edge", "bastion", "web-0", "web-1"}


def test_the_policy_pack_justifies_the_bastion_and_nothing_else() -> None:
    world = {"protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]}

    def group(name: str, port: int) -> Resource:
        given = {"vpcId": "vpc-1", "ingress": [{**world, "fromPort": port, "toPort": port}]}
        return Resource("aws:ec2/securityGroup:SecurityGroup", name, given, {**given, "id": f"sg-{name}"})

    with running(EXAMPLES / "policy-pack", dry_run=True) as pack:
        assert pack.judge([group("bastion", 22)]) == []
        (found,) = pack.judge([group("bastion", 22), group("database", 5432)])
    assert found.policyName == "no-undeclared-exposure"
    assert "aws:ec2/securityGroup:SecurityGroup::database admits tcp/5432 from the whole internet" in found.message
