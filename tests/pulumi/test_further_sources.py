"""Another stack's word: an explicit expectation is exported by one program and asserted by another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

import iacdrift.pulumi as network
from iacdrift.pulumi.further import further
from tests.needs import needs
from tests.pulumi.engine import Engine, Listener
from tests.pulumi.shop import QUICK, WEB

STACK = "organization/shop/dev"


def exporting(*ports: int) -> Callable[[], None]:
    def program() -> None:
        host = pulumi.Output.from_input(WEB)
        pulumi.export("network", network.expect(host, open=[f"{port}/tcp" for port in ports]))
        pulumi.export("token", pulumi.Output.secret("not to be seen"))

    return program


def asserting(*outputs: str, ports: str) -> Callable[[], None]:
    def program() -> None:
        watch = network.observe()
        other = pulumi.StackReference(STACK)
        found = network.assert_no_network_drift(watch, sources=[other.get_output(name) for name in outputs], **(QUICK | {"ports": ports}))
        pulumi.export("verdict", found.apply(lambda report: report["verdict"]))

    return program


@pytest.mark.live
@needs("nmap")
@needs("pulumi-engine")
def test_an_expectation_is_read_back_through_a_stack_reference(engine: Engine, web: Listener) -> None:
    done = engine.up(exporting(web.port))
    assert done.ok, done.text
    other = Engine(engine.folder, "monitoring")
    held = other.up(asserting("network", ports=str(web.port)))
    assert held.ok, held.text
    assert held.outputs["verdict"] == "in_sync"
    assert web.connections

    assert engine.up(exporting(80)).ok
    broken = other.up(asserting("network", ports=f"80,{web.port}"))
    assert not broken.ok
    assert f"exposed: {WEB} tcp/{web.port} (expectation." in broken.text
    assert f"missing: {WEB} tcp/80" in broken.text

    asked = web.connections
    for name, sentence in (("netwrok", "the other stack has no such output"), ("token", "sources[0] is a secret")):
        refused = other.up(asserting(name, ports=str(web.port)))
        assert not refused.ok
        assert sentence in refused.text
        assert "not to be seen" not in refused.text
    assert web.connections == asked


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (None, "has no such output"),
        (pulumi.UNKNOWN if hasattr(pulumi, "UNKNOWN") else "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "isn't known"),
        (7, "is no source"),
        (["443/tcp"], "is no source"),
    ],
)
def test_what_is_no_source_fails_the_update(source: Any, sentence: str) -> None:
    with pytest.raises(pulumi.RunError, match=sentence):
        asyncio.run(further(source, "sources[0]"))


def test_a_dict_and_a_path_are_sources() -> None:
    said = {"schema": "iacdrift/expectation/1", "host": WEB, "open": ["443/tcp"]}
    assert asyncio.run(further(said, "sources[0]")) == said
    assert asyncio.run(further(Path("expectation.yaml"), "sources[0]")) == Path("expectation.yaml")
