"""`HOST:PORT[/udp]`, the one packet that `explain` follows."""

from __future__ import annotations

import re

from attrs import frozen

from iacdrift.errors import UsageError

_NAMED = re.compile(r".*(\[|[g-zG-Z/$].*::)")
"""A resource: an index in Terraform's address, or Pulumi's TYPE::NAME, whose letters no IPv6 address has."""
_TARGET = re.compile(r"^(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>.+)):(?P<port>\d{1,5})(?:/(?P<protocol>tcp|udp))?$")


@frozen(slots=True)
class Target:
    """A host as the user names it (address, name or resource), a protocol and a port."""

    host: str
    protocol: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Target:
        """From `198.51.100.7:443`, `[2001:db8::1]:53/udp`, `aws_instance.web:22`. UsageError for anything else."""
        found = _TARGET.match(text)
        if found is None or int(found["port"]) > 65535:
            raise UsageError(f"{text!r} is no HOST:PORT[/udp]; such as 198.51.100.7:443, [2001:db8::1]:53/udp or aws_instance.web:22")
        host = found["v6"] or found["host"]
        if found["host"] and host.count(":") > 1 and not _NAMED.match(host):
            raise UsageError(f"{text!r}: write an IPv6 address in brackets, [ADDRESS]:PORT")
        return cls(host, found["protocol"] or "tcp", int(found["port"]))
