"""Nmap's XML of many hosts, as `nmap -sS -sV -oX` writes it, and expectations that declare these hosts."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

from attrs import frozen

from iacdrift.model.ports import PortSet

PORTS = (22, 25, 80, 110, 143, 443, 3306, 5432, 8080, 8443)
_POOL = (*PORTS, *range(9000, 9050))
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n'
    '<nmaprun scanner="nmap" args="nmap -n -Pn -sS -sV -p {ports} -oX scan.xml 198.18.0.0/15" start="1767225600" '
    'startstr="Thu Jan  1 00:00:00 2026" version="7.93" xmloutputversion="1.05">\n'
    '<scaninfo type="syn" protocol="tcp" numservices="{count}" services="{ports}"/>\n<verbose level="0"/>\n<debugging level="0"/>\n'
)
_TAIL = (
    '<runstats><finished time="1767229200" timestr="Thu Jan  1 01:00:00 2026" elapsed="3600.00" summary="" exit="success"/>'
    '<hosts up="{count}" down="0" total="{count}"/>\n</runstats>\n</nmaprun>\n'
)
_SERVICES = {22: "ssh", 80: "http", 443: "https", 8080: "http-proxy"}


def address(number: int) -> str:
    """The public address of one host."""
    return str(IPv4Address("198.18.0.0") + 1 + number)


def scan(hosts: int, *, later: bool, kind: str = "alike") -> str:
    """One scan. In the later one every hundredth host has another port open, and one that was open is closed."""
    asked = PORTS if kind == "alike" else _POOL
    ports = ",".join(str(port) for port in asked)
    machine = _MACHINES[kind]
    body = "".join(_host(number, machine(number), moved=later and number % 100 == 7) for number in range(hosts))
    return _HEAD.format(ports=ports, count=len(asked)) + body + _TAIL.format(count=hosts)


@frozen
class _Machine:
    """What one host listens on and refuses; it is silent on the rest of its ports."""

    ports: tuple[int, ...]
    open: tuple[int, ...]
    closed: tuple[int, ...]
    ttl: int = 62
    versions: tuple[str, ...] = ("1.0", "1.0", "1.0")
    others: tuple[int, ...] = ()
    """Ports on which it is silent as well, of which Nmap keeps the count and the list only."""


def _alike(number: int) -> _Machine:
    del number
    return _Machine(PORTS, (22, 80, 443), (8080,))


def _estate(number: int) -> _Machine:
    """One of forty roles, each with its own ten ports of sixty; TTL and versions are the host's own, as in an estate that grew."""
    chance = Random(number)
    role = Random(f"role {chance.randint(1, 40)}")
    ports = tuple(sorted(role.sample(_POOL, 10)))
    few = role.sample(ports, 4)
    versions = tuple(_version(chance) for _ in range(3))
    others = tuple(port for port in sorted(_POOL) if port not in ports)
    return _Machine(ports, tuple(few[:3]), tuple(few[3:]), chance.randint(45, 64), versions, others)


def _version(chance: Random) -> str:
    return f"{chance.randint(1, 5)}.{chance.randint(0, 4)}"


def _mixed(number: int) -> _Machine:
    """Ten ports of sixty in any order of states, one TTL of twenty, one version of twenty-five: hardly two hosts are the same."""
    chance = Random(number)
    ports = tuple(sorted(chance.sample(_POOL, 10)))
    few = chance.sample(ports, 4)
    ttl, version = chance.randint(45, 64), _version(chance)
    return _Machine(ports, tuple(few[:3]), tuple(few[3:]), ttl, (version,) * 3)


_MACHINES = {"alike": _alike, "estate": _estate, "mixed": _mixed}


def _host(number: int, machine: _Machine, *, moved: bool) -> str:
    gone, new = machine.open[1], machine.ports[6] if machine.ports == PORTS else next(p for p in machine.ports if _silent(machine, p))
    opened = {*machine.open, new} - {gone} if moved else set(machine.open)
    closed = {*machine.closed, gone} if moved or machine.ports == PORTS else set(machine.closed)
    shown = "".join(_port(p, "open" if p in opened else "closed" if p in closed else "filtered", machine) for p in machine.ports)
    return (
        f'<host starttime="1767225600" endtime="1767229200"><status state="up" reason="user-set" reason_ttl="0"/>\n'
        f'<address addr="{address(number)}" addrtype="ipv4"/>\n<hostnames>\n</hostnames>\n<ports>{_silence(machine)}{shown}</ports>\n'
        f'<times srtt="300" rttvar="120" to="100000"/>\n</host>\n'
    )


def _silence(machine: _Machine) -> str:
    if not machine.others:
        return ""
    count, listed = len(machine.others), _spans(machine.others)
    return (
        f'<extraports state="filtered" count="{count}">\n'
        f'<extrareasons reason="no-response" count="{count}" proto="tcp" ports="{listed}"/>\n</extraports>\n'
    )


def _spans(ports: tuple[int, ...]) -> str:
    """As Nmap lists ports: runs as `first-last`."""
    return str(PortSet.of(ports))


def _silent(machine: _Machine, port: int) -> bool:
    return port not in machine.open and port not in machine.closed


def _port(port: int, state: str, machine: _Machine) -> str:
    reason, ttl = {"open": ("syn-ack", machine.ttl), "closed": ("reset", machine.ttl), "filtered": ("no-response", 0)}[state]
    name = _SERVICES.get(port, "unknown")
    version = machine.versions[machine.open.index(port)] if port in machine.open else machine.versions[0]
    probed = f' product="sample" version="{version}" method="probed" conf="10"'
    method = probed if state == "open" else ' method="table" conf="3"'
    return (
        f'<port protocol="tcp" portid="{port}"><state state="{state}" reason="{reason}" reason_ttl="{ttl}"/>'
        f'<service name="{name}"{method}/></port>\n'
    )


def expectations(hosts: int, *, kind: str = "alike") -> dict[str, object]:
    """What the code says of these hosts: the earlier scan is in sync with it."""
    machine = _MACHINES[kind]
    said = [_said(number, machine(number)) for number in range(hosts)]
    return {"schema": "iacdrift/expectation/1", "expectations": said}


def _said(number: int, machine: _Machine) -> dict[str, object]:
    return {
        "host": address(number),
        "open": [f"{port}/tcp" for port in machine.open],
        "allowed": [f"{port}/tcp" for port in machine.closed],
    }
