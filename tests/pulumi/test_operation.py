"""Which command runs a program: told by the engine's argument list, by the environment, or not at all."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from iacdrift.pulumi import operation as room
from iacdrift.pulumi.operation import OPERATION, command, limited, operation


class Monitor:
    """As gRPC's stub: its methods know where the engine listens."""

    def __init__(self, port: int) -> None:
        self.RegisterResource = type("Method", (), {"_target": f"127.0.0.1:{port}".encode()})()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """This process in the engine's place: it listens, and its argument list is made up."""
    monkeypatch.delenv(OPERATION, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield Monitor(sock.getsockname()[1])


def started_as(monkeypatch: pytest.MonkeyPatch, *argv: str) -> None:
    monkeypatch.setattr(room, "_argv", lambda _process: ["pulumi", *argv])


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (["up", "--yes"], "up"),
        (["update"], "up"),
        (["--cwd", "destroy", "up"], "up"),
        (["-C", "up", "destroy", "--run-program"], "destroy"),
        (["--color=never", "down"], "destroy"),
        (["--non-interactive", "refresh", "--run-program"], "refresh"),
        (["watch"], "watch"),
        ([], None),
    ],
)
def test_a_command_among_its_options(argv: list[str], found: str | None) -> None:
    assert command(["pulumi", *argv]) == found


def test_the_process_that_listens_is_asked(engine: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    started_as(monkeypatch, "destroy", "--yes")
    assert operation(engine) == "destroy"
    assert operation(Monitor(1)) is None
    assert operation(object()) is None


@pytest.mark.parametrize(
    ("argv", "option"), [(["--target", "urn"], "--target"), (["-t", "urn"], "-t"), (["--exclude=urn"], "--exclude"), (["--targets"], None)]
)
def test_an_update_that_is_limited(engine: Monitor, monkeypatch: pytest.MonkeyPatch, argv: list[str], option: str | None) -> None:
    started_as(monkeypatch, "up", *argv)
    assert limited(engine) == option


def test_where_processes_are_hidden_it_is_unknown_until_the_environment_says_it(engine: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(*_: Any, **__: Any) -> Any:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "net_connections", hidden)
    assert operation(engine) is None
    monkeypatch.setenv(OPERATION, "down")
    assert operation(engine) == "destroy"


def test_the_executors_argument_list_names_the_monitor(engine: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stub behind an interceptor doesn't know its address."""
    port = engine.RegisterResource._target.decode()
    monkeypatch.setattr(room, "_argv", lambda _process: [sys.executable, "exec", "--monitor", port])
    assert room._address(object()) == port
