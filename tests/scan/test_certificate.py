"""Certificates as Nmap's own ssl-cert script tells them, from a real TLS listener, to the finding about another one."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from iacdrift.scan.argv import _manner
from iacdrift.scan.certificate import certificate
from iacdrift.scan.job import Job, Pace
from iacdrift.scan.machine import Nmap
from tests.command import iacdrift
from tests.needs import needs

ADDRESS = "127.44.9.1"
FORMAT = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@contextmanager
def listening(directory: Path, name: str, port: int) -> Iterator[str]:
    """A TLS listener with a new key; the SHA-256 of its public key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=30))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName(f"www.{name}")]), critical=False)
    (directory / "tls.pem").write_bytes(
        key.private_bytes(*FORMAT) + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "tls.pem")
    with socket.create_server((ADDRESS, port)) as server:

        def serve() -> None:
            while True:
                try:
                    accepted, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(accepted,), daemon=True).start()

        def answer(accepted: socket.socket) -> None:
            try:
                accepted.settimeout(5)
                with context.wrap_socket(accepted, server_side=True) as spoken:
                    spoken.recv(1024)
                    spoken.sendall(b"HTTP/1.0 200 OK\r\nServer: shop\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                accepted.close()

        threading.Thread(target=serve, daemon=True).start()
        spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        yield sha256(spki).hexdigest()
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.live
@needs("nmap")
def test_another_certificate_is_a_finding(tmp_path: Path) -> None:
    def asked(port: int, name: str) -> Path:
        xml = tmp_path / f"{name}.xml"
        # Without -sV, which asks a TLS listener for ten seconds what it is: on a port known for TLS the script runs at once.
        words = ["nmap", "-n", "-v", "-Pn", "-sT", "--script", "ssl-cert", "-p", str(port), "-oX", str(xml), ADDRESS]
        subprocess.run(words, check=True, capture_output=True, timeout=90)
        return xml

    def ran(*words: str | Path):
        return iacdrift(*words, cwd=tmp_path, env={"IACDRIFT_HISTORY": str(tmp_path / "h.db")})

    port = 8443
    with listening(tmp_path, "shop.example", port) as key:
        before = asked(port, "before")
    expectation = {"schema": "iacdrift/expectation/1", "host": ADDRESS, "allowed": [f"{port}/tcp"]}
    (tmp_path / "e.json").write_text(json.dumps(expectation))
    assert ran("baseline", "save", "--from", "e.json", "--nmap-xml", before).code == 0
    [host] = json.loads(ran("baseline", "show", "--format", "json").out)["hosts"]
    held = host["listeners"][0]["certificate"]
    assert (held["names"], held["key"]) == (["shop.example", "www.shop.example"], key)
    assert held["not_after"].startswith(f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    same = ran("diff", "--from", "e.json", "--nmap-xml", before, "--baseline", "default", "--format", "json")
    assert "changed_certificate" not in same.out

    with listening(tmp_path, "shop.example", port):
        rekeyed = ran("diff", "--from", "e.json", "--nmap-xml", asked(port, "rekeyed"), "--baseline", "default", "--format", "json")
    assert [(item["kind"], item["severity"]) for item in json.loads(rekeyed.out)["findings"] if "changed" in item["kind"]] == [
        ("changed_certificate", "low")
    ]
    with listening(tmp_path, "rogue.example", port):
        words = ("--baseline", "default", "--certificates", "--ports", str(port), "--scope", "127.0.0.0/8", "--format", "json")
        rogue = ran("check", "--from", "e.json", *words)
    [finding] = [item for item in json.loads(rogue.out)["findings"] if item["kind"] == "changed_certificate"]
    assert finding["severity"] == "medium"
    assert "now it is for rogue.example, www.rogue.example" in finding["explanation"]


@pytest.mark.parametrize("asked", [True, False])
def test_the_script_runs_only_when_asked_for(asked: bool) -> None:
    from iacdrift.model.ports import PortSet

    job = Job("confirm", "syn", (ip_address("127.0.0.1"),), PortSet.single(443), Pace(10, versions=True, certificates=asked))
    assert ("ssl-cert" in _manner(job, Nmap("nmap", (7, 93), True))) is asked


@pytest.mark.parametrize("text", ["", "\0", "Subject Alternative Name", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_none(text: str) -> None:
    assert certificate(text) is None


@pytest.mark.parametrize("body", ["AAAA", "MIIB", "MIT//////////w==", "!!!!", "MAA="])
def test_a_broken_key_is_unknown(body: str) -> None:
    found = certificate(f"Subject: commonName=a\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")
    assert found is not None
    assert (found.names, found.key) == (("a",), None)
