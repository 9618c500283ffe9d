"""What Nmap's `ssl-cert` script says of a certificate, out of its text and the PEM in it. Names are hostile."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from hashlib import sha256

from iacdrift.surface.observed import Certificate

_LONGEST = 65536
_MOST_NAMES = 64
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
_SEQUENCE, _VERSION = 0x30, 0xA0


def certificate(output: str) -> Certificate | None:
    """Names (subject's and alternative ones), end of validity, SHA-256 of the public key (SPKI, RFC 7469); None where there is none."""
    text = output[:_LONGEST]
    subject = re.search(r"^Subject: (?:.*?/)?commonName=([^\n/]*)", text, re.MULTILINE)
    others = re.search(r"^Subject Alternative Name: ([^\n]*)", text, re.MULTILINE)
    ends = re.search(r"^Not valid after:\s+([0-9T:+-]{10,25})", text, re.MULTILINE)
    if subject is None and others is None and ends is None:
        return None
    names = {subject[1].strip()[:256]} if subject else set()
    names |= {part.split(":", 1)[-1].strip()[:256] for part in others[1].split(", ")[:_MOST_NAMES]} if others else set()
    return Certificate(tuple(sorted(names - {""})), ends[1] if ends else None, _key(text))


def _key(text: str) -> str | None:
    pem = _PEM.search(text)
    if pem is None:
        return None
    try:
        der = b64decode("".join(pem[1].split()), validate=True)
        body = _content(_content(der, 0), 0)
        start = _after(body, 0) if body[0] == _VERSION else 0
        for _ in range(5):  # serial number, signature, issuer, validity, subject: then the key (RFC 5280, 4.1)
            start = _after(body, start)
        key = body[start : _after(body, start)]
        return sha256(key).hexdigest() if key[:1] == bytes([_SEQUENCE]) else None
    except (binascii.Error, ValueError, IndexError):
        return None


def _head(der: bytes, start: int) -> tuple[int, int]:
    """Where the content of the element at `start` begins, and its length."""
    length, begin = der[start + 1], start + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4:
            raise ValueError("no definite length")
        length, begin = int.from_bytes(der[begin : begin + count]), begin + count
    return begin, length


def _content(der: bytes, start: int) -> bytes:
    begin, length = _head(der, start)
    return der[begin : begin + length]


def _after(der: bytes, start: int) -> int:
    begin, length = _head(der, start)
    if begin + length > len(der):
        raise ValueError("cut off")
    return begin + length
