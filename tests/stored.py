"""A plan with one web server and what Nmap might say of it, for tests that keep reports: no packet is needed for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

ADDRESS = "198.51.100.7"
PLAN = Path(__file__).parent / "data" / "history" / "expectation.yaml"
ASKED = (22, 443, 8080, 8443)
START = 1_770_000_000
"""The time of the first scan; each later one is `hour` hours after it."""
_SERVICE = '<service name="http" product="{}" method="probed" conf="10"/>'


def scanned(
    directory: Path,
    *,
    open_ports: Iterable[int] = (),
    asked: Iterable[int] = ASKED,
    hour: int = 0,
    products: Mapping[int, str] | None = None,
    scripts: Mapping[int, str] | None = None,
) -> Path:
    """An Nmap XML of a SYN scan of ADDRESS: these ports answer with a service, 443 always does, 22 refuses, the others are silent."""
    asked, shown = tuple(asked), {443, *open_ports}
    lines = []
    for port in asked:
        state = ("open", "syn-ack") if port in shown else ("closed", "reset") if port == 22 else ("filtered", "no-response")
        service = _SERVICE.format((products or {}).get(port, "nginx")) if port in shown else ""
        script = (scripts or {}).get(port, "")
        lines.append(
            f'<port protocol="tcp" portid="{port}"><state state="{state[0]}" reason="{state[1]}" reason_ttl="64"/>{service}{script}</port>'
        )
    begin, end = START + hour * 3600, START + hour * 3600 + 60
    text = f"""<?xml version="1.0"?>
<nmaprun scanner="nmap" args="nmap -sS -sV" start="{begin}" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="{len(asked)}" services="{",".join(map(str, asked))}"/>
<host starttime="{begin}" endtime="{end}"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="{ADDRESS}" addrtype="ipv4"/><ports>{"".join(lines)}</ports></host>
<runstats><finished time="{end}" elapsed="60" exit="success"/><hosts up="1" down="0" total="1"/></runstats>
</nmaprun>
"""
    path = directory / f"scan-{hour}.xml"
    path.write_text(text)
    return path
