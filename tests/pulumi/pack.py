"""A policy pack as a process of its own, spoken to as the engine does: over gRPC, without the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

PACK = "from iacdrift.policy import pack\n\npack()\n"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass
class Resource:
    """One resource of a stack, with its inputs and outputs."""

    type: str
    name: str
    inputs: Mapping[str, Any] | None
    outputs: Mapping[str, Any]

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::shop::{self.type}::{self.name}"


@dataclass
class Pack:
    """A running pack."""

    stub: Any

    def configure(self, name: str, properties: Mapping[str, Any], level: int = analyzer_pb2.MANDATORY) -> None:
        config = analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=struct(properties))
        self.stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={name: config}))

    def judge(self, resources: Sequence[Resource], *, remediates: bool = True) -> list[Any]:
        """What the pack says of a stack: each resource on its own first (may it be remedied, is it fine), then all of them."""
        for one in resources:
            if one.inputs is not None:
                request = analyzer_pb2.AnalyzeRequest(type=one.type, name=one.name, urn=one.urn, properties=struct(one.inputs))
                if remediates:
                    assert not self.stub.Remediate(request).remediations
                assert not self.stub.Analyze(request).diagnostics
        stack = [
            analyzer_pb2.AnalyzerResource(type=one.type, name=one.name, urn=one.urn, properties=struct(one.outputs)) for one in resources
        ]
        return list(self.stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=stack)).diagnostics)


def write(folder: Path, text: str = PACK) -> Path:
    """A pack's directory."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(text)
    return folder


@contextmanager
def running(folder: Path, *, dry_run: bool = False) -> Iterator[Pack]:
    """The pack in this directory; its process ends with the block."""
    environment = os.environ | {"PULUMI_PROJECT": "shop", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": str(dry_run).lower()}
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Pack(analyzer_pb2_grpc.AnalyzerStub(channel))
    finally:
        process.kill()
        process.communicate()


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())
