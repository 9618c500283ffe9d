"""Pulumi's mocks run no transforms, so under them the inputs are taken from the registrations themselves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.mocks import MockMonitor

from iacdrift.pulumi.document import Seen
from iacdrift.pulumi.values import plain

_ANSWERING = ("Invoke", "ReadResource", "RegisterResource")


def record_mocked(monitor: MockMonitor, declared: dict[str, Seen]) -> None:
    """From now on every registration with this monitor is kept in `declared`, by URN."""
    for name in _ANSWERING:
        setattr(monitor, name, _with_own_loop(getattr(monitor, name)))
    register: Any = monitor.RegisterResource

    def recording(request: Any) -> Any:
        answer = register(request)
        declared[answer.urn] = _seen(request, answer.urn)
        return answer

    monitor.RegisterResource = recording  # type: ignore[method-assign]


def _with_own_loop(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Pulumi's mocks make an event loop in every thread that asks them and close none: its finalizer fails wherever it strikes."""

    def asking(*arguments: Any) -> Any:
        if threading.current_thread() is threading.main_thread() or _runs_a_loop():
            return ask(*arguments)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return ask(*arguments)
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    return asking


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _seen(request: Any, urn: str) -> Seen:
    return Seen(
        urn,
        request.type,
        request.custom,
        plain(json_format.MessageToDict(request.object)),
        parent=request.parent or None,
        dependencies=tuple(request.dependencies),
        property_dependencies={name: tuple(found.urns) for name, found in request.propertyDependencies.items()},
    )
