"""Explicit expectations, `iacdrift/expectation/1`: what must or may answer, said by people or outputs. See docs/expectations.md."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from attrs import evolve

from iacdrift.errors import SourceError
from iacdrift.model.addresses import parse_ip
from iacdrift.sources.document import Document
from iacdrift.sources.reading import Options, Reading
from iacdrift.sources.resource import Origin, Provenance, Reference, Resource, Sensitive, SourceInfo, Unknown, Value

KIND = "expectation"
SCHEMA = "iacdrift/expectation/1"
TYPE = "iacdrift_expectation"
_KEYS = ("host", "owner", "name", "open", "allowed", "admitted_from", "services")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?/(tcp|udp)")
_HOST = re.compile(r"(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*\.?")


def recognises(data: Any) -> bool:
    """An object that names the schema, or holds a list of expectations."""
    return isinstance(data, Mapping) and (str(data.get("schema")).startswith("iacdrift/expectation/") or "expectations" in data)


def parse_text(text: bytes, name: str, suffix: str) -> Any:
    """TOML, YAML, or JSON with another ending. SourceError tells the line, not the content."""
    import tomllib

    import yaml

    try:
        if suffix == ".toml" or (not suffix and re.match(rb"\s*(#[^\n]*\n\s*)*schema\s*=", text)):
            return tomllib.loads(text.decode())
        return yaml.safe_load(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{name} is not valid TOML: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SourceError(f"{name} is not valid YAML (line {line})") from None
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError):
        raise SourceError(f"{name} is neither YAML, TOML nor JSON that can be read") from None


def read(document: Document, options: Options) -> Reading:
    """One expectation, or several under `expectations`."""
    found = tuple(_resource(said, where, document.name) for said, where in _each(document.data, document.name))
    info = SourceInfo(KIND, document.name, document.sha256, written_at=document.written_at, commit=document.commit)
    return Reading(info, distinct(found))


def from_outputs(outputs: Mapping[str, Value], source: str) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """Expectations among a state's, plan's or stack's outputs (objects naming the schema), and those not yet known as gaps."""
    found, gaps = [], []
    for output, kept in outputs.items():
        value = kept.value if isinstance(kept, Sensitive) else kept
        if not isinstance(value, dict) or not str(value.get("schema")).startswith("iacdrift/expectation/"):
            continue
        name = f"{source}: output {output}"
        for said, where in _each(value, name):
            _refuse_secrets(said, where, name)
            if (unknown := _unknown(said)) is not None:
                gaps.append(f"{name}: {where}{unknown} isn't known yet")
            else:
                found.append(_resource({"name": output, **_owned(said)}, where, name))
    return tuple(found), tuple(gaps)


def _refuse_secrets(said: Mapping[str, Any], where: str, name: str) -> None:
    """What is scanned and reported can't be a secret, encrypted or not."""
    for key, value in said.items():
        if any(isinstance(item, Sensitive) for item in (value, *(value if isinstance(value, list) else ()))):
            raise SourceError(
                f"{name}: {where}{key}: it is a secret, and what is scanned and reported can't be one: export it as plain text"
            )


def _owned(said: dict[str, Any]) -> dict[str, Any]:
    """A host that refers to a resource without an address yet is expected of that resource."""
    host = said.get("host")
    if not isinstance(host, Reference):
        return said
    return {"owner": host.address, **{key: value for key, value in said.items() if key != "host"}}


def _unknown(said: Mapping[str, Any]) -> str | None:
    """The first key whose value isn't known."""
    for key, value in said.items():
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, Unknown) or (isinstance(item, Reference) and key != "host") for item in items):
            return key
    return None


def _each(data: Any, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    if not isinstance(data, Mapping):
        raise SourceError(f"{name} is no expectation: an object with schema {SCHEMA!r} is read")
    if data.get("schema") != SCHEMA:
        raise SourceError(f"{name}: schema: {data.get('schema')!r} is not known; known: {SCHEMA!r}")
    rest = {key: value for key, value in data.items() if key != "schema"}
    if "expectations" not in rest:
        yield rest, ""
        return
    if extra := rest.keys() - {"expectations"}:
        raise SourceError(f"{name}: {min(extra)}: unknown key beside expectations; known: schema, expectations")
    if not isinstance(rest["expectations"], list):
        raise SourceError(f"{name}: expectations: a list is needed")
    for n, said in enumerate(rest["expectations"]):
        if not isinstance(said, Mapping):
            raise SourceError(f"{name}: expectations[{n}]: an object is needed")
        yield {key: value for key, value in said.items() if key != "schema"}, f"expectations[{n}]."


def _resource(said: Mapping[str, Any], where: str, name: str) -> Resource:
    for key in said:
        if key not in _KEYS:
            raise SourceError(f"{name}: {where}{key}: unknown key{_nearest(key)}; known: {', '.join(_KEYS)}")
    if ("host" in said) == ("owner" in said):
        raise SourceError(f"{name}: {where}host: exactly one of host (an address or a name) and owner (a resource address) is needed")
    if not said.get("open") and not said.get("allowed"):
        raise SourceError(f"{name}: {where}open: at least one port is needed in open or allowed")
    declared: dict[str, Value] = {}
    for key, value in said.items():
        try:
            declared[key] = _CHECKS[key](value)
        except ValueError as error:
            raise SourceError(f"{name}: {where}{key}: {error}") from None
    label = declared.setdefault("name", str(declared.get("host") or declared.get("owner")))
    return Resource(TYPE, f"expectation.{label}", declared, {}, Provenance(name.split(": output ")[0]), Origin.CODE)


def _nearest(key: str) -> str:
    import difflib

    near = difflib.get_close_matches(key, _KEYS, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _host(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    try:
        return str(parse_ip(text))
    except ValueError:
        # a last label that is a number makes it a mistyped address or a range, and resolvers would still take it for one
        if _HOST.fullmatch(text) and not re.fullmatch(r"\d+|0x[0-9a-fA-F]*", text.rstrip(".").rpartition(".")[2]):
            return text
    raise ValueError(f"{value!r} is neither an IP address nor a DNS name")


def _ports(value: Any) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError('a list such as ["443/tcp", "8000-8010/tcp"] is needed')
    return [_port(item) for item in items]


def _port(item: Any) -> str:
    found = _written_port(item) if isinstance(item, str) else None
    if found is None:
        raise ValueError(f"{item!r} is no port; write 443/tcp, 8000-8010/tcp or 53/udp")
    return found


@lru_cache(maxsize=4096)  # large estates say the same few ports of every host
def _written_port(text: str) -> str | None:
    found = _PORTS.fullmatch(text.strip().lower())
    return found[0] if found is not None and int(found[1]) <= int(found[2] or found[1]) <= 65535 else None


def _networks(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError('a list of CIDRs such as ["203.0.113.0/24"] is needed')
    for item in value:
        try:
            ipaddress.ip_network(str(item) if isinstance(item, str) else "", strict=False)
        except ValueError:
            raise ValueError(f"{item!r} is no CIDR") from None
    return [str(item) for item in value]


def _services(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(service, str) for service in value.values()):
        raise ValueError('an object such as {"443/tcp": "https"} is needed')
    return {_port(port): service for port, service in value.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is needed")
    return value


_CHECKS: Mapping[str, Callable[[Any], Value]] = {
    "host": _host,
    "owner": _text,
    "name": _text,
    "open": _ports,
    "allowed": _ports,
    "admitted_from": _networks,
    "services": _services,
}


def distinct(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """What is said twice is kept once; where one name says different things, the later ones get a number."""
    said: dict[str, list[Resource]] = {}
    for resource in resources:
        same = said.setdefault(resource.address, [])
        if not any(resource.declared == other.declared for other in same):
            same.append(resource)
    return tuple(
        evolve(one, address=f"{address}#{n}") if n > 1 else one for address, same in said.items() for n, one in enumerate(same, start=1)
    )
