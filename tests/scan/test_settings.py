from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from iacdrift.errors import UsageError
from iacdrift.scan.settings import ControlTarget, ScanSettings
from iacdrift.scan.spec import PortSpec
from tests.scan.conftest import P


@pytest.mark.parametrize(
    ("text", "tcp", "udp"),
    [
        ("22,443,8000-8100", "22,443,8000-8100", ""),
        ("U:53", "", "53"),
        ("22,U:53,161,T:80", "22,80", "53,161"),
        ("-", "1-65535", ""),
        ("-100", "1-100", ""),
        ("60000-", "60000-65535", ""),
        ("0-65535", "0-65535", ""),
        ("t:22, u:53", "22", "53"),
    ],
)
def test_ports_in_nmaps_form(text: str, tcp: str, udp: str) -> None:
    assert PortSpec.parse(text) == PortSpec(None, P(tcp), P(udp))


@pytest.mark.parametrize("word", ["declared", "common", "all"])
def test_words(word: str) -> None:
    assert PortSpec.parse(word).word == word


@pytest.mark.parametrize("text", ["", "http", "22;id", "--script=x", "70000", "10-5", "S:22", "22,", "1-2-3", "२२", "22 -oX /tmp/x"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="--ports"):
        ScanSettings(ports=text)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:443", "192.0.2.1", 443),
        ("2001:db8::1", "2001:db8::1", None),
        ("[2001:db8::1]:443", "2001:db8::1", 443),
    ],
)
def test_controls(text: str, address: str, port: int | None) -> None:
    assert ScanSettings(controls=(text,)).controls == (ControlTarget(ip_address(address), port),)


@pytest.mark.parametrize("text", ["example.com", "192.0.2.1:99999", "-oX", "192.0.2.1:", "", "[::1"])
def test_no_control(text: str) -> None:
    with pytest.raises(UsageError, match="--control"):
        ScanSettings(controls=(text,))


def test_networks_are_read_once() -> None:
    settings = ScanSettings(scope=("198.51.100.0/24", "2001:db8::/32"), sweep="10.0.1.0/24")
    assert settings.scope == (ip_network("198.51.100.0/24"), ip_network("2001:db8::/32"))
    assert settings.sweep == (ip_network("10.0.1.0/24"),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0},
        {"rate": 10**7},
        {"scan_type": "fin"},
        {"scope": ("everything",)},
        {"sweep": ("10.0.0.0/33",)},
        {"timeout": 0},
        {"settle": -1.0},
        {"families": ()},
        {"families": (5,)},
    ],
)
def test_values_without_a_meaning(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ScanSettings(**wrong)  # type: ignore[arg-type]
