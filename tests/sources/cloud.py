"""A stack deployed to moto's CloudFormation, and what the API then says of it."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

DESCRIBED: dict[str, Any] = {}
"""What botocore's loader read, by path: every session of its own would read the megabytes about EC2 anew."""


@contextmanager
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of moto's on a free loopback port; boto3 finds it by AWS_ENDPOINT_URL."""
    from botocore.loaders import JSONFileLoader
    from moto.server import ThreadedMotoServer

    read = JSONFileLoader.load_file

    def read_once(loader: JSONFileLoader, path: str) -> Any:
        if path not in DESCRIBED:
            DESCRIBED[path] = read(loader, path)
        return DESCRIBED[path]

    monkeypatch.setattr(JSONFileLoader, "load_file", read_once)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            monkeypatch.setenv(name, value)
        # what another test deployed is none of this one's
        urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/moto-api/reset", method="POST"), timeout=10)
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def deploy(name: str, template: Path | str, **parameters: str) -> None:
    import boto3

    body = template.read_text() if isinstance(template, Path) else template
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=body, Parameters=given)
