"""Never a false "in sync", at the door: each way in which nothing is learnt, through the real command.

The network of these tests is in sync as long as nothing goes wrong (the first test says so): whatever else ends with
exit 0 here would be a false verdict.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, Ran, iacdrift, refused
from tests.needs import needs
from tests.shop import Shop

pytestmark = [pytest.mark.live, needs("nmap")]

DATA = Path(__file__).parent / "data" / "sources"
# Nothing listens on it, and the plan lets it through to one host: in sync, and no service detection to wait for.
ASKED = ("--vantage", "internet", "--ports", "18443")


def check(shop: Shop, *words: str | Path, source: str | Path = "plan.json", **more: Any) -> Ran:
    return iacdrift("check", "--from", source, *ASKED, *words, cwd=shop.directory, **more)


def incomplete(ran: Ran, *sentences: str) -> None:
    assert ran.code == 3, (ran.code, ran.out, ran.err)
    assert ran.out.startswith("INCOMPLETE")
    assert "Traceback" not in ran.err
    flat = " ".join(ran.out.split())
    for sentence in sentences:
        assert sentence in flat, ran.out


def wrapped(shop: Shop, script: str) -> dict[str, str]:
    """An `nmap` in front of the real one on PATH."""
    directory = shop.directory / "bin"
    directory.mkdir()
    program = directory / "nmap"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    return {"PATH": f"{directory}{os.pathsep}{os.environ['PATH']}"}


def real_nmap() -> str:
    return subprocess.run(["sh", "-c", "command -v nmap"], capture_output=True, text=True, check=True).stdout.strip()


def changed(shop: Shop, change: Callable[[dict[str, Any]], None]) -> Path:
    """The shop's plan, with something in it changed."""
    plan = json.loads(shop.plan.read_text())
    change(plan)
    path = shop.directory / "changed.json"
    path.write_text(json.dumps(plan))
    return path


def test_it_is_in_sync_as_long_as_nothing_goes_wrong(shop: Shop) -> None:
    for ran in (check(shop), check(shop, "--ports", "18080,18090,18443")):
        assert ran.code == 0, ran.out
        assert ran.out.startswith("IN SYNC")


# Nmap


def test_nmap_missing(shop: Shop) -> None:
    (shop.directory / "nothing").mkdir()
    assert "install it" in refused(check(shop, env={"PATH": str(shop.directory / "nothing")}))


def test_nmap_too_old(shop: Shop) -> None:
    env = wrapped(shop, 'echo "Nmap version 7.70 ( https://nmap.org )"')
    assert "7.80 or newer is needed" in refused(check(shop, env=env))


def test_a_program_that_isnt_nmap(shop: Shop) -> None:
    refused(check(shop, env=wrapped(shop, "exit 0")))


def test_nmap_killed_half_way(shop: Shop) -> None:
    # The first scan is ended by SIGKILL as soon as it has begun; questions about versions and ports are answered.
    script = f"""case "$*" in *--stats-every*) {real_nmap()} "$@" & sleep 0.05; kill -9 $!; kill -9 $$ ;; esac\nexec {real_nmap()} "$@"\n"""
    ran = check(shop, env=wrapped(shop, script))
    assert ran.code == 3, ran.out
    assert "Traceback" not in ran.err


def test_nmap_says_success_and_writes_nothing(shop: Shop) -> None:
    script = f"""case "$*" in *--stats-every*) exit 0 ;; esac\nexec {real_nmap()} "$@"\n"""
    assert check(shop, env=wrapped(shop, script)).code in (2, 3)


def test_the_time_is_spent(shop: Shop) -> None:
    incomplete(check(shop, "--timeout", "0.001"))


def test_allow_incomplete_says_so_and_leaves_the_verdict(shop: Shop) -> None:
    ran = check(shop, "--timeout", "0.001", "--allow-incomplete", "--format", "json")
    assert ran.code == 0
    assert json.loads(ran.out)["verdict"] == "incomplete"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(shop: Shop, sent: signal.Signals) -> None:
    began = shop.directory / "began"
    script = f"""case "$*" in *--stats-every*) touch {began}; exec sleep 60 ;; esac\nexec {real_nmap()} "$@"\n"""
    env = {**os.environ, **wrapped(shop, script), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "iacdrift", "check", "--from", "plan.json", *ASKED]
    with subprocess.Popen(words, cwd=shop.directory, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(300):
            if began.exists():
                break
            time.sleep(0.1)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    incomplete(Ran(process.returncode, out, err), "interrupted")


@needs("root")
@needs("namespaces")
def test_syn_without_the_right(shop: Shop) -> None:
    # A user namespace in which nobody is mapped: the files stay readable, every capability is gone.
    words = ["unshare", "--user", sys.executable, "-m", "iacdrift", "check", "--from", "plan.json", *ASKED, "--scan-type", "syn"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=shop.directory, env=env, capture_output=True, text=True, check=False)
    refused(Ran(done.returncode, done.stdout, done.stderr))


# What isn't asked, or can't be


def test_wrong_family(shop: Shop) -> None:
    incomplete(check(shop, "--family", "6"), "the sources hold no IPv6 address of a host, and --family leaves out the others")


def test_outside_the_scope_before_any_packet(shop: Shop) -> None:
    evidence = shop.directory / "evidence"
    sentence = refused(check(shop, "--scope", "198.51.100.0/24", "--evidence", evidence))
    assert "--scope" in sentence or "scope" in sentence
    assert not evidence.exists() or not list(evidence.rglob("*.xml"))


def test_only_a_part_is_no_verdict_on_the_rest(shop: Shop) -> None:
    assert "leave no host" in refused(check(shop, "--only", "aws_instance.wbe"))
    ran = check(shop, "--only", "aws_instance.web")
    assert ran.code == 0
    assert "1 of 2 hosts left out" in " ".join(ran.out.split())


def test_a_finding_that_isnt_there_any_more(shop: Shop) -> None:
    assert "run check" in refused(check(shop, "--finding", "exposed-tcp-8080-1a2b3c4d5e6f"))
    assert "isn't the id of a finding" in refused(check(shop, "--finding", "everything"))


def expectation(shop: Shop, host: str) -> Path:
    path = shop.directory / "said.json"
    said = {"name": "said", "host": host, "open": ["443/tcp"]}
    path.write_text(json.dumps({"schema": "iacdrift/expectation/1", "expectations": [said]}))
    return path


def test_a_name_that_doesnt_resolve(shop: Shop) -> None:
    incomplete(check(shop, source=expectation(shop, "nowhere.invalid")), "nowhere.invalid")


@pytest.mark.parametrize("host", ["169.254.169.254", "224.0.0.1", "fd00:ec2::254", "0.0.0.0", "255.255.255.255"])
def test_addresses_that_are_never_scanned(shop: Shop, host: str) -> None:
    assert host in refused(check(shop, source=expectation(shop, host)))


@needs("namespaces")
def test_a_name_that_resolves_to_a_metadata_address(shop: Shop) -> None:
    hosts = shop.directory / "hosts"
    hosts.write_text("169.254.169.254 shop.example.com\n")
    source = expectation(shop, "shop.example.com")
    inner = f'mount --bind {hosts} /etc/hosts && exec "$0" "$@"'
    words = ["unshare", "--mount", "sh", "-c", inner, sys.executable, "-m", "iacdrift", "check", "--from", str(source), *ASKED]
    done = subprocess.run(
        words, cwd=shop.directory, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode in (2, 3), done.stdout
    assert "169.254.169.254" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


# Nmap's XML from somebody else


def diff(shop: Shop, xml: str | bytes) -> Ran:
    path = shop.directory / "scan.xml"
    path.write_bytes(xml.encode() if isinstance(xml, str) else xml)
    return iacdrift("diff", "--from", "plan.json", "--vantage", "internet", "--nmap-xml", path, cwd=shop.directory)


def scanned(shop: Shop) -> str:
    path = shop.directory / "real.xml"
    words = ["nmap", "-n", "-Pn", "-p", "18080,18090", "-oX", str(path), shop.sample.web, shop.sample.api]
    subprocess.run(words, check=True, capture_output=True)
    return path.read_text()


def test_a_whole_xml_is_in_sync(shop: Shop) -> None:
    assert diff(shop, scanned(shop)).code == 0


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<nmaprun",
        "<html><body>404</body></html>",
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><nmaprun scanner="nmap">&a;</nmaprun>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><nmaprun scanner="nmap">&b;</nmaprun>',
        b"\x00\xff\x00\xff",
        '<nmaprun scanner="masscan"></nmaprun>',
    ],
    ids=["empty", "cut", "html", "external entity", "entity bomb", "binary", "masscan"],
)
def test_xml_that_is_none_of_nmaps(shop: Shop, xml: str | bytes) -> None:
    assert "root:" not in refused(diff(shop, xml))


def test_xml_cut_in_the_middle(shop: Shop) -> None:
    text = scanned(shop)
    ran = diff(shop, text[: text.index("</host>") + 3])
    assert ran.code in (2, 3)
    assert "Traceback" not in ran.err


def test_xml_of_a_scan_that_asks_something_else(shop: Shop) -> None:
    xml = scanned(shop).replace('type="syn"', 'type="ack"').replace('type="connect"', 'type="ack"')
    incomplete(diff(shop, xml), "ack scans aren't read, only those by syn, connect, udp")


def test_xml_of_a_host_that_timed_out(shop: Shop) -> None:
    incomplete(diff(shop, scanned(shop).replace("<host ", '<host timedout="true" ', 1)))


def test_xml_without_one_of_the_hosts(shop: Shop) -> None:
    text = scanned(shop)
    first, end = text.index("<host "), text.index("</host>") + len("</host>")
    incomplete(diff(shop, text[:first] + text[end:]))


def test_no_xml_at_all(shop: Shop) -> None:
    ran = iacdrift("diff", "--from", "plan.json", "--nmap-xml", "gone.xml", cwd=shop.directory)
    assert "gone.xml" in refused(ran)


# Sources


@pytest.mark.parametrize(
    "name",
    [
        *("other/blank.json", "other/empty.json", "other/junk.bin", "other/truncated.json", "other/list.json", "other/deep.json"),
        *("states/version-1.tfstate", "states/version-3.tfstate", "states/version-5.tfstate", "states/encrypted.tfstate"),
        *("states/stub.tfstate", "states/old-stub.tfstate", "states/lfs-pointer.tfstate", "plans/format-2.0.json", "plans/text.json"),
    ],
)
def test_sources_that_are_none(shop: Shop, name: str) -> None:
    assert Path(name).name in refused(check(shop, source=DATA / name))


def test_a_source_that_isnt_there(shop: Shop) -> None:
    assert "gone.tfstate" in refused(check(shop, source="gone.tfstate"))


def test_nothing_on_standard_input(shop: Shop) -> None:
    refused(check(shop, source="-"))


def test_an_empty_directory(shop: Shop) -> None:
    (shop.directory / "empty").mkdir()
    assert "empty" in refused(check(shop, source="empty"))


def test_an_empty_state_says_that_it_is_empty(shop: Shop) -> None:
    incomplete(check(shop, source=DATA / "states/empty.tfstate"), "empty")


def test_no_host_says_what_was_found_instead(shop: Shop) -> None:
    def without_hosts(plan: dict[str, Any]) -> None:
        for held in (plan["planned_values"], plan["prior_state"]["values"]):
            module = held["root_module"]
            module["resources"] = [found for found in module["resources"] if found["type"] not in ("aws_instance", "aws_eip")]

    incomplete(check(shop, source=changed(shop, without_hosts)), "aws_security_group")


def test_a_plan_that_errored(shop: Shop) -> None:
    incomplete(check(shop, source=changed(shop, lambda plan: plan.update(errored=True))), "error")


def test_an_unknown_cidr(shop: Shop) -> None:
    def unknown(plan: dict[str, Any]) -> None:
        address = "aws_vpc_security_group_ingress_rule.web_http"
        for found in plan["planned_values"]["root_module"]["resources"]:
            if found["address"] == address:
                del found["values"]["cidr_ipv4"]
        for found in plan["resource_changes"]:
            if found["address"] == address:
                found["change"].update(actions=["update"], after_unknown={"cidr_ipv4": True})
                del found["change"]["after"]["cidr_ipv4"]
        for found in plan["configuration"]["root_module"]["resources"]:
            if found["address"] == address:
                found["expressions"]["cidr_ipv4"] = {"references": ["data.http.me.response_body", "data.http.me"]}

    incomplete(check(shop, "--ports", "18080", source=changed(shop, unknown)), "web_http")


def test_cyclic_references(shop: Shop) -> None:
    incomplete(check(shop, source=DATA / "synth/cyclic"))


def test_rules_read_from_a_state_can_be_refused(shop: Shop) -> None:
    state = Path(__file__).parent / "data/terraform/web-tier/terraform.tfstate"
    assert "read from a state" in refused(check(shop, "--require-code", source=state))


def test_an_old_source_can_be_refused(shop: Shop) -> None:
    assert "--max-age" in refused(check(shop, "--max-age", "1s"))


# Reports


def test_an_unwritable_report_is_an_error_after_everything_else_was_written(shop: Shop) -> None:
    ran = check(shop, "-o", "json:nowhere/report.json", "-o", "json:report.json")
    assert ran.code == 2
    assert ran.out.startswith("IN SYNC")
    assert json.loads((shop.directory / "report.json").read_text())["verdict"] == "in_sync"
    assert len(ran.sentences) == 1
    assert "nowhere/report.json" in ran.err


def test_a_full_disk_behind_stdout(shop: Shop) -> None:
    words = [sys.executable, "-m", "iacdrift", "expect", "--from", "plan.json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words,
            cwd=shop.directory,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "stdout: No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_goes_away(shop: Shop) -> None:
    words = f"{sys.executable} -m iacdrift expect --from plan.json --format json | head -c 1; echo ${{PIPESTATUS[0]}}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", words], cwd=shop.directory, env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stdout.rstrip()[-1] in "02"


def test_drift_wins_over_incomplete(shop: Shop) -> None:
    ran = iacdrift(
        "check", "--from", "plan.json", "--from", expectation(shop, "nowhere.invalid"), *ASKED[:3], "6379,18080", cwd=shop.directory
    )
    assert ran.code == 1
    assert "nowhere.invalid" in ran.out


def test_terraforms_exit_codes(shop: Shop) -> None:
    assert check(shop, "--terraform-exit-codes").code == 0
    assert check(shop, "--terraform-exit-codes", "--timeout", "0.001").code == 1
    drift = iacdrift(
        "check", "--from", "plan.json", "--vantage", "internet", "--ports", "6379", "--terraform-exit-codes", cwd=shop.directory
    )
    assert drift.code == 2
