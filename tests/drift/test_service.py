"""A service mismatch is a certain difference, and nothing else is."""

from __future__ import annotations

import pytest

from iacdrift.drift.service import differs
from iacdrift.surface.observed import Answer, Evidence
from tests.drift.scenes import OPEN, host, judged, kinds, observed_host


def heard(service: str | None, tunnel: str | None = None, confirmed: bool = True) -> Answer:
    return Answer(Evidence.OPEN, service=service, tunnel=tunnel, confirmed=confirmed)


@pytest.mark.parametrize(
    ("declared", "answer"),
    [
        ("https", heard("http", "ssl")),
        ("https", heard("ssl/http")),
        ("https", heard("https", "ssl")),
        ("https", heard("ssl")),
        ("http", heard("http-proxy")),
        ("tls", heard("postgresql", "ssl")),
        ("tls", heard("ssl")),
        ("postgresql", heard("postgresql", "ssl")),
        ("postgres", heard("postgresql")),
        ("mysql", heard("mysql")),
        ("mariadb", heard("mysql")),
        ("elasticsearch", heard("http")),
        ("ssh", heard("tcpwrapped")),
        ("ssh", heard("unknown")),
        ("ssh", heard(None)),
        ("ssh", heard("http", confirmed=False)),
        ("grafana", heard("http")),
        ("http", heard("a-word-that-nobody-knows")),
    ],
)
def test_no_mismatch(declared: str, answer: Answer) -> None:
    assert not differs(declared, answer)


@pytest.mark.parametrize(
    ("declared", "answer"),
    [
        ("https", heard("http")),
        ("https", heard("ssh")),
        ("http", heard("http", "ssl")),
        ("http", heard("ssl")),
        ("tls", heard("http")),
        ("postgresql", heard("mysql")),
        ("ssh", heard("http")),
        ("HTTP", heard("SSH")),
    ],
)
def test_mismatch(declared: str, answer: Answer) -> None:
    assert differs(declared, answer)


def test_a_mismatch_is_a_finding_that_names_both() -> None:
    ssh = host(open="443", services={("tcp", 443): "ssh"})
    report = judged(ssh, observed_host("443", ("443", OPEN)))
    assert kinds(report) == [("service_mismatch", "443", "medium")]
    assert report.findings[0].expected_service == "ssh"
    assert report.findings[0].to_dict()["expected_service"] == "ssh"
    assert "declares ssh" in report.findings[0].explanation


def test_without_a_declared_protocol_nothing_is_compared() -> None:
    assert not judged(host(open="443"), observed_host("443", ("443", OPEN))).findings
    http = host(open="443", services={("tcp", 443): "http"})
    assert not judged(http, observed_host("443", ("443", OPEN))).findings
