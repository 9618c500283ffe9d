from __future__ import annotations

import re
from collections import Counter
from ipaddress import ip_address

import pytest
from attrs import evolve

from iacdrift.errors import ScopeError
from iacdrift.model.ports import ALL_PORTS, PortSet
from iacdrift.scan.argv import LONGEST_ARGUMENT, arguments, split_ports
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.plan import plan_scan
from iacdrift.scan.settings import ScanSettings
from iacdrift.scan.targets import Targets
from iacdrift.surface.expected import ExpectedHost, HostStatus
from tests.scan.conftest import P, host, machine, surface

JOB = Job("sweep", "syn", (ip_address("198.51.100.7"),), P("22,80-90"), Pace(1000, 1000, retries=1))

HOSTILE = [
    "--script=vuln",
    "-oX/tmp/owned",
    "; touch /tmp/owned",
    "$(touch /tmp/owned)",
    "`id`",
    "-iL /etc/passwd",
    "a\nb",
    "\x00",
    "198.51.100.0/24",
    "198.51.100.7 -sV",
    "%T",
]


def test_the_whole_command() -> None:
    words = arguments(JOB, machine())
    assert words[:7] == ("/usr/bin/nmap", "-n", "-v", "--privileged", "-Pn", "-sS", "-p")
    assert words[7:10] == ("22,80-90", "-T4", "--max-retries")
    assert words[10:] == ("1", "--max-rate", "970", "--min-rate", "970", "--min-hostgroup", "128", "198.51.100.7")


def test_the_rate_is_always_capped_and_never_forced_above_it() -> None:
    words = arguments(evolve(JOB, pace=Pace(50, 20_000)), machine())
    assert words[words.index("--max-rate") + 1] == words[words.index("--min-rate") + 1] == "49"


@pytest.mark.parametrize("rate", [66, 100, 999, 1000, 3333, 9999, 10_000, 10_001, 19_900, 20_000, 48_485, 49_900, 50_000, 99_999])
def test_what_nmap_makes_of_the_rate_leaves_it_room_to_catch_up(rate: int) -> None:
    words = arguments(evolve(JOB, pace=Pace(rate, rate)), machine())
    told = int(words[words.index("--max-rate") + 1])
    sent = 1e6 / (1_000_000 // told)  # it waits a whole number of microseconds
    assert rate / 1.1 <= sent <= rate / (1.03 if rate <= 10_000 else 1.013)


def test_connect_says_aloud_that_it_is_unprivileged() -> None:
    assert {"-sT", "--unprivileged"} <= set(arguments(evolve(JOB, scan="connect"), machine()))


def test_ipv6_runs_are_their_own() -> None:
    job = evolve(JOB, targets=(ip_address("2001:db8::1"),))
    assert "-6" in arguments(job, machine())
    with pytest.raises(ScopeError):
        arguments(evolve(job, targets=(ip_address("2001:db8::1"), ip_address("198.51.100.7"))), machine())


@pytest.mark.parametrize("target", [ip_address("169.254.169.254"), ip_address("2001:db8::1%-oX"), "198.51.100.7", "--script=x"])
def test_only_addresses_that_may_be_scanned_become_arguments(target: object) -> None:
    with pytest.raises((ScopeError, AttributeError)):
        arguments(evolve(JOB, targets=(target,)), machine())


def test_an_old_nmap_keeps_its_ports_apart() -> None:
    assert "-d3" in arguments(JOB, machine(version=(7, 80)))
    assert "-d3" not in arguments(JOB, machine(version=(7, 92)))
    assert "-d3" in arguments(evolve(JOB, pace=Pace(1000, apart=True)), machine())


def test_no_option_buys_speed_with_truth() -> None:
    plan = plan_scan(surface(host("198.51.100.7", "443"), vantage="internet"), ScanSettings(ports="all"), machine())
    asked: Counter[tuple[str, int]] = Counter()
    for planned in plan.jobs:
        assert not {"-T5", "--open", "--defeat-rst-ratelimit", "--defeat-icmp-ratelimit"} & set(planned.argv)
        asked.update({(planned.job.protocol, port): planned.job.probes for port in planned.job.ports})
    # A single probe proves no silence: it is followed by another.
    assert min(asked.values()) >= 2
    assert len([port for protocol, port in asked if protocol == "tcp"]) >= 65535


def test_long_port_lists_are_split_and_nothing_is_lost() -> None:
    odd = PortSet.of(range(1, 65536, 2))
    parts = split_ports(odd)
    assert len(parts) > 1
    assert all(len(str(part)) <= LONGEST_ARGUMENT for part in parts)
    together = PortSet()
    for part in parts:
        assert together.isdisjoint(part)
        together |= part
    assert together == odd
    assert split_ports(ALL_PORTS) == (ALL_PORTS,)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_string_of_a_state_reaches_an_argument(text: str) -> None:
    """Every string of a host and of the surface is hostile; the command is the same as with harmless ones."""
    plain = ExpectedHost("aws_instance.web", "s", ip_address("198.51.100.7"), "web.example.com", tcp=host("198.51.100.7", "443").tcp)
    evil = evolve(plain, owner=text, source=text, name=text, at=text, services={("tcp", 443): text})
    by_name = ExpectedHost(text, text, None, text, HostStatus.BY_NAME)
    settings = ScanSettings(ports="443,8080")
    harmless = plan_scan(surface(plain), settings, machine())
    hostile = plan_scan(surface(evil, by_name, notes=(text,), gaps=(text,)), settings, machine())
    assert [job.argv for job in hostile.jobs] == [job.argv for job in harmless.jobs]
    for word in (word for job in hostile.jobs for word in job.argv[1:]):
        assert re.fullmatch(r"-{1,2}[A-Za-z0-9-]+(=\d+)?|[0-9a-f.:,-]+", word), word


def test_an_address_object_that_carries_text_is_made_anew() -> None:
    class Riding(type(ip_address("198.51.100.7"))):  # type: ignore[misc]
        def __str__(self) -> str:
            return "--script=vuln"

    evil = evolve(host("198.51.100.7", "443"), address=Riding("198.51.100.7"))
    plan = plan_scan(surface(evil), ScanSettings(ports="443"), machine())
    assert plan.jobs[0].argv[-1] == "198.51.100.7"


def test_targets_of_the_plan_are_the_models() -> None:
    plan = plan_scan(surface(), ScanSettings(), machine(), Targets())
    assert plan.jobs == ()
