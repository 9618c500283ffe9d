"""An AWS of this test's own, and what it was asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cloud.trail import Trail, trail
from tests.sources.cloud import cloud


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """moto's server as the whole of AWS; boto3 finds it by the environment."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    import boto3

    with cloud(monkeypatch) as url:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield url


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every call that boto3 makes from here on: its name and parameters."""
    from botocore.client import BaseClient

    calls: list[tuple[str, dict[str, Any]]] = []
    real = BaseClient._make_api_call

    def recorded(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        calls.append((operation, parameters))
        return real(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return calls


@pytest.fixture
def cloudtrail(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trail]:
    """CloudTrail's one call beside moto's AWS."""
    with trail() as found:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", found.url)
        yield found
