"""Nmap's XML of many hosts, as `nmap -sS -sV -oX` writes it, and expectations that declare these hosts."""

from __future__ import annotations

from ipaddress import IPv4Address

PORTS = (22, 25, 80, 110, 143, 443, 3306, 5432, 8080, 8443)
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


def scan(hosts: int, *, later: bool) -> str:
    """One scan. In the later one every hundredth host has another port open, and one that was open is closed."""
    ports = ",".join(str(port) for port in PORTS)
    body = "".join(_host(number, moved=later and number % 100 == 7) for number in range(hosts))
    return _HEAD.format(ports=ports, count=len(PORTS)) + body + _TAIL.format(count=hosts)


def _host(number: int, *, moved: bool) -> str:
    opened = {22, 443, 3306 if moved else 80}
    shown = "".join(_port(port, "open" if port in opened else "closed" if port in (80, 8080) else "filtered") for port in PORTS)
    return (
        f'<host starttime="1767225600" endtime="1767229200"><status state="up" reason="user-set" reason_ttl="0"/>\n'
        f'<address addr="{address(number)}" addrtype="ipv4"/>\n<hostnames>\n</hostnames>\n<ports>{shown}</ports>\n'
        f'<times srtt="300" rttvar="120" to="100000"/>\n</host>\n'
    )


def _port(port: int, state: str) -> str:
    reason, ttl = {"open": ("syn-ack", 62), "closed": ("reset", 62), "filtered": ("no-response", 0)}[state]
    name = _SERVICES.get(port, "unknown")
    method = ' product="sample" version="1.0" method="probed" conf="10"' if state == "open" else ' method="table" conf="3"'
    return (
        f'<port protocol="tcp" portid="{port}"><state state="{state}" reason="{reason}" reason_ttl="{ttl}"/>'
        f'<service name="{name}"{method}/></port>\n'
    )


def expectations(hosts: int) -> dict[str, object]:
    """What the code says of these hosts: the earlier scan is in sync with it."""
    said = [{"host": address(number), "open": ["22/tcp", "80/tcp", "443/tcp"], "allowed": ["8080/tcp"]} for number in range(hosts)]
    return {"schema": "iacdrift/expectation/1", "expectations": said}
