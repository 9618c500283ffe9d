"""Pulumi's mocks run no transforms, so under them the inputs are taken from the registrations themselves."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format
from pulumi.runtime.mocks import MockMonitor

from iacdrift.pulumi.document import Seen
from iacdrift.pulumi.values import plain


def record_mocked(monitor: MockMonitor, declared: dict[str, Seen]) -> None:
    """From now on every registration with this monitor is kept in `declared`, by URN."""
    register: Any = monitor.RegisterResource

    def recording(request: Any) -> Any:
        answer = register(request)
        declared[answer.urn] = _seen(request, answer.urn)
        return answer

    monitor.RegisterResource = recording  # type: ignore[method-assign]


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
