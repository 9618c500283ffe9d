"""The bed itself, seen by plain Nmap: every filter and every listener looks as it must, or the matrix proves nothing."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live.bed import Bed, InsideError, Rules, Service, User, Verb
from tests.live.bed.filters import Match, answer_ttl, lose, redirect, silent_after, syn_proxy
from tests.live.bed.topology import HOSTS_V4, HOSTS_V6, ROUTER_V4, ROUTER_V6
from tests.live.raw import look
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap")]

FAMILIES = pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])
ROUTER = {4: str(ROUTER_V4), 6: str(ROUTER_V6)}
BY_ROUTER, BY_HOST = "router", "host"
SYN, CONNECT, UDP = ["-sS"], ["-sT"], ["-sU"]


def put(bed: Bed, where: str, verb: Verb, admits: tuple[Match, ...]) -> None:
    if where == BY_ROUTER:
        bed.filter(Rules(verb, admits))
    else:
        bed.hosts[0].space.nft(Rules(verb, admits, hook="input", interface="eth0").text())


@FAMILIES
def test_listeners_answer_and_other_ports_refuse(bed: Bed, family: int) -> None:
    target = bed.hosts[0]
    target.listen({("tcp", 22): Service.SSH, ("tcp", 25): Service.SMTP, ("tcp", 80): Service.HTTP, ("tcp", 443): Service.HTTPS})
    seen = look(bed, target.address(family), "22,25,80,443,444", *SYN, "-sV", "--version-light")
    assert {port: (facts["state"], facts["service"], facts["product"]) for port, facts in seen.items() if port != 444} == {
        22: ("open", "ssh", "OpenSSH"),
        25: ("open", "smtp", "Postfix smtpd"),
        80: ("open", "http", "nginx"),
        443: ("open", "http", "nginx"),
    }
    assert (seen[444]["state"], seen[444]["reason"]) == ("closed", "reset")


@FAMILIES
def test_a_listener_that_hangs_up_is_tcpwrapped(bed: Bed, family: int) -> None:
    target = bed.hosts[0]
    target.listen({("tcp", 10): Service.WRAPPED, ("tcp", 7): Service.ECHO, ("tcp", 9): Service.SILENT})
    assert look(bed, target.address(family), "10", *SYN, "-sV", "--version-light")[10]["service"] == "tcpwrapped"
    assert {facts["state"] for facts in look(bed, target.address(family), "7,9", *SYN).values()} == {"open"}


@FAMILIES
def test_udp_answers_refuses_or_keeps_silent(bed: Bed, family: int) -> None:
    target = bed.hosts[0]
    target.listen({("udp", 53): Service.DNS, ("udp", 99): Service.ANY_UDP})
    bed.filter(Rules(Verb.DROP, (Match("53,99,100", protocol="udp"),)))
    seen = look(bed, target.address(family), "53,99,100,101", *UDP)
    assert {port: (facts["state"], facts["reason"]) for port, facts in seen.items()} == {
        53: ("open", "udp-response"),
        99: ("open", "udp-response"),
        100: ("closed", "port-unreach"),
        101: ("open|filtered", "no-response"),
    }


# Where, what, and what Nmap says of the blocked port: state and reason under SYN, under connect, and for UDP.
FILTERS = [
    (BY_ROUTER, Verb.DROP, ("filtered", "no-response"), ("filtered", "no-response"), ("open|filtered", "no-response")),
    (BY_HOST, Verb.DROP, ("filtered", "no-response"), ("filtered", "no-response"), ("open|filtered", "no-response")),
    (BY_ROUTER, Verb.PORT_UNREACHABLE, ("filtered", "port-unreach"), ("closed", "conn-refused"), ("filtered", "port-unreach")),
    (BY_HOST, Verb.PORT_UNREACHABLE, ("filtered", "port-unreach"), ("closed", "conn-refused"), ("closed", "port-unreach")),
    (BY_ROUTER, Verb.ADMIN_PROHIBITED, ("filtered", "admin-prohibited"), ("filtered", "host-unreach"), ("filtered", "admin-prohibited")),
    (BY_HOST, Verb.ADMIN_PROHIBITED, ("filtered", "admin-prohibited"), ("filtered", "host-unreach"), ("filtered", "admin-prohibited")),
    (BY_ROUTER, Verb.RESET, ("closed", "reset"), ("closed", "conn-refused"), ("filtered", "port-unreach")),
    (BY_HOST, Verb.RESET, ("closed", "reset"), ("closed", "conn-refused"), ("closed", "port-unreach")),
]


@FAMILIES
@pytest.mark.parametrize(("where", "verb", "syn", "connect", "udp"), FILTERS, ids=[f"{w}-{v.name.lower()}" for w, v, *_ in FILTERS])
def test_each_filter_looks_as_it_must(bed: Bed, family: int, where: str, verb: Verb, syn: tuple, connect: tuple, udp: tuple) -> None:
    target = bed.hosts[0]
    target.listen({("tcp", 80): Service.HTTP, ("tcp", 81): Service.HTTP, ("udp", 53): Service.DNS, ("udp", 54): Service.DNS})
    put(bed, where, verb, (Match("80,82"), Match("53", protocol="udp")))
    address = target.address(family)
    with ThreadPoolExecutor(3) as pool:
        looks = [pool.submit(look, bed, address, "80-82", *SYN), pool.submit(look, bed, address, "80-82", *CONNECT, user=User.NOBODY)]
        by_syn, by_connect, by_udp = (found.result() for found in [*looks, pool.submit(look, bed, address, "53,54", *UDP)])
    if family == 6 and verb is Verb.ADMIN_PROHIBITED:
        connect = ("filtered", "admin-prohibited")  # ICMPv6 has an errno of its own for it, ICMP shares "no route to host"
    for seen, expected, blocked in ((by_syn, syn, 81), (by_connect, connect, 81), (by_udp, udp, 54)):
        assert (seen[blocked]["state"], seen[blocked]["reason"]) == expected
    assert [by_syn[80]["state"], by_connect[80]["state"], by_udp[53]["state"]] == ["open"] * 3
    assert [by_syn[82]["reason"], by_connect[82]["reason"]] == ["reset", "conn-refused"]
    if where == BY_ROUTER and verb in (Verb.PORT_UNREACHABLE, Verb.ADMIN_PROHIBITED):
        assert by_syn[81]["reason_ip"] == by_udp[54]["reason_ip"] == ROUTER[family]


@FAMILIES
def test_an_address_that_nobody_has_is_silent(bed: Bed, family: int) -> None:
    nobody = (HOSTS_V4 if family == 4 else HOSTS_V6)[200]
    assert look(bed, nobody, "80", *SYN)[80]["reason"] == "no-response"


@FAMILIES
def test_everything_open_by_a_tarpit_and_by_a_syn_proxy(bed: Bed, family: int) -> None:
    target = bed.hosts[0]
    target.listen({("tcp", 9): Service.WRAPPED})
    target.space.nft(Rules(Verb.ACCEPT, chains=(redirect(Match("100-65535"), 9),)).text())
    assert {facts["state"] for facts in look(bed, target.address(family), "100,4711,65535", *SYN).values()} == {"open"}
    target.space.nft("")
    bed.filter(syn_proxy(Match(address=target.address(family))))
    seen = look(bed, target.address(family), "100,4711,65535", *SYN)
    assert {(facts["state"], facts["reason_ttl"]) for facts in seen.values()} == {("open", "64")}
    assert look(bed, bed.hosts[1].address(family), "100", *SYN)[100]["state"] == "closed"


@FAMILIES
def test_a_middlebox_answers_one_port_on_every_address_with_another_ttl(bed: Bed, family: int) -> None:
    bed.middlebox({("tcp", 5060): Service.WRAPPED})
    bed.filter(Rules(Verb.DROP, (Match("80"),), chains=(redirect(Match("2000,5060"), 5060),)))
    for address in (bed.hosts[0].address(family), bed.hosts[1].address(family), (HOSTS_V4 if family == 4 else HOSTS_V6)[200]):
        seen = look(bed, address, "2000,5060", *SYN)
        assert {(facts["state"], facts["reason_ttl"]) for facts in seen.values()} == {("open", "64")}
    assert look(bed, bed.hosts[0].address(family), "80", *SYN)[80]["reason_ttl"] == "63"


@FAMILIES
def test_a_ttl_can_be_changed(bed: Bed, family: int) -> None:
    bed.filter(Rules(Verb.ACCEPT, chains=(answer_ttl("tcp", 81, 200),)))
    seen = look(bed, bed.hosts[0].address(family), "80,81", *SYN)
    assert (seen[80]["reason_ttl"], seen[81]["reason_ttl"]) == ("63", "200")


def test_packets_can_be_lost(bed: Bed) -> None:
    bed.filter(Rules(Verb.ACCEPT, first=("meta l4proto tcp drop",)))
    assert look(bed, bed.hosts[0].v4, "80", *SYN)[80]["reason"] == "no-response"
    bed.filter(Rules(Verb.ACCEPT, first=(lose(60),)))
    seen = look(bed, bed.hosts[0].v4, "1-60", *SYN, "--max-retries", "0")
    assert {facts["state"] for facts in seen.values()} == {"closed", "filtered"}


def test_a_host_can_die_in_the_middle(bed: Bed) -> None:
    bed.filter(Rules(Verb.ACCEPT, first=(silent_after(Match(address=bed.hosts[0].v4), 44 * 5),)))
    states = [facts["state"] for facts in look(bed, bed.hosts[0].v4, "1-20", *SYN, "--max-retries", "0").values()]
    assert states.count("closed") == 5


def test_the_scanners_own_network_can_hold_packets_back(bed: Bed) -> None:
    bed.scanner.nft(Rules(Verb.ACCEPT, first=("tcp dport 81 drop",), hook="output", interface="eth0").text())
    seen = look(bed, bed.hosts[0].v4, "80,81", *SYN)
    assert (seen[80]["state"], seen[81]["state"]) == ("closed", "filtered")


def test_nobody_has_no_right_to_raw_packets(bed: Bed) -> None:
    assert bed.scan(os.geteuid, User.NOBODY) != 0
    done = bed.scanner.run(["nmap", "-n", "-Pn", "-sS", "-p", "80", str(bed.hosts[0].v4)], User.NOBODY)
    assert "requires root" in done.stdout + done.stderr


def test_what_fails_inside_says_so_outside(bed: Bed) -> None:
    with pytest.raises(InsideError, match="ZeroDivisionError"):
        bed.scan(lambda: 1 // 0)
    with pytest.raises(InsideError, match="more than"):
        bed.scanner.call(lambda: subprocess.run(["sleep", "60"], check=False), seconds=0.5)


def test_nothing_is_left_behind() -> None:
    before = _held_namespaces()
    listeners: list[int] = []
    with pytest.raises(ValueError, match="as planned"):
        _fail_in_a_bed(listeners)
    assert _held_namespaces() == before
    assert not set(listeners) & _children()


def _fail_in_a_bed(listeners: list[int]) -> None:
    before = _children()
    with Bed(1) as bed:
        bed.hosts[0].listen({("tcp", 80): Service.HTTP})
        listeners += _children() - before
        assert listeners
        raise ValueError("as planned")


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()}


def _held_namespaces() -> set[str]:
    return {target for link in Path("/proc/self/fd").iterdir() if (target := _target(link)).startswith("net:")}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
