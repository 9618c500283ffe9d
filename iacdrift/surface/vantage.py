"""Where the scan stands: the source address that targets see, per family, and which network it is inside."""

from __future__ import annotations

import re
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address

from attrs import evolve, frozen

from iacdrift.errors import UsageError

_RESOURCE = re.compile(r"^[A-Za-z_][\w-]*(\[[^\]]*\])?(\.[\w-]+(\[[^\]]*\])?)+$|^[A-Za-z][\w-]*:[\w$/:-]*::\S.*$")
"""Terraform's addresses, and Pulumi's TYPE::NAME."""


class VantageKind(Enum):
    """How the place was named."""

    AUTO = "auto"
    INTERNET = "internet"
    ADDRESS = "address"
    RESOURCE = "resource"


@frozen(slots=True)
class Vantage:
    """A place to stand. An address that is None is "somewhere on the internet" for that family.

    `network` and `resource` are filled when the model knows them: the VPC it stands inside, the resource it stands on.
    """

    kind: VantageKind
    ipv4: IPv4Address | None = None
    ipv6: IPv6Address | None = None
    resource: str | None = None
    network: str | None = None

    @classmethod
    def parse(cls, *texts: str) -> Vantage:
        """From `auto`, `internet`, one address a family, or a resource address. UsageError for anything else."""
        if len(texts) == 1 and texts[0] in ("auto", "internet"):
            return cls(VantageKind(texts[0]))
        addresses = [_address(text) for text in texts]
        if len(texts) == 1 and addresses[0] is None:
            return cls._of_resource(texts[0])
        v4 = [a for a in addresses if isinstance(a, IPv4Address)]
        v6 = [a for a in addresses if isinstance(a, IPv6Address)]
        if None in addresses or len(v4) > 1 or len(v6) > 1 or not addresses:
            raise UsageError(f"--vantage {' '.join(texts)}: give one IPv4 and at most one IPv6 address, or one other word")
        return cls(VantageKind.ADDRESS, v4[0] if v4 else None, v6[0] if v6 else None)

    @classmethod
    def _of_resource(cls, text: str) -> Vantage:
        if not _RESOURCE.match(text):
            raise UsageError(f"--vantage {text!r}: it is auto, internet, an IP address, or a resource address like aws_instance.bastion")
        return cls(VantageKind.RESOURCE, resource=text)

    def address(self, version: int) -> IPv4Address | IPv6Address | None:
        """The source address that targets of this IP version see, if it is known."""
        return self.ipv4 if version == 4 else self.ipv6

    def standing_in(self, network: str | None) -> Vantage:
        """The same place, with the network that it was found to stand inside."""
        return evolve(self, network=network)

    def to_dict(self) -> dict[str, str | None]:
        """The JSON shape of interfaces: kind, ipv4, ipv6, network (and the resource, where it is one)."""
        shown = {
            "kind": self.kind.value,
            "ipv4": str(self.ipv4) if self.ipv4 else None,
            "ipv6": str(self.ipv6) if self.ipv6 else None,
            "network": self.network,
        }
        return shown | ({"resource": self.resource} if self.resource else {})


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
