"""A language host for `pulumi` on the command line: it starts Pulumi's own executor, `pulumi-language-python-exec`, on the program.

The engine starts it as `pulumi-language-python ENGINE` and reads its port from the first line. The host that Pulumi ships is in no
registry that tests may rely on; what really runs a program, the executor, lies in the SDK's Go module.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

SHOWN = 32
"""The executor's exit code where it has shown the error itself."""


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs the program of the directory that the engine names, as a process of its own."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    def Run(self, request: language_pb2.RunRequest, context: Any) -> language_pb2.RunResponse:  # noqa: N802 - gRPC's name
        secret = json.dumps(list(request.configSecretKeys))
        environment = os.environ | {"PULUMI_CONFIG": json.dumps(dict(request.config)), "PULUMI_CONFIG_SECRET_KEYS": secret}
        # the engine shows what a program prints only where its host tells it; stdout is the host's own
        done = subprocess.run([*self._command(request)], env=environment, stdout=sys.stderr, check=False)
        if done.returncode == SHOWN:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"program exited with code {done.returncode}" if done.returncode else "")

    def _command(self, request: language_pb2.RunRequest) -> Iterator[str]:
        folder = request.info.program_directory or request.pwd
        yield from (sys.executable, "-u", str(shutil.which("pulumi-language-python-exec")))
        yield from ("--monitor", request.monitor_address, "--engine", self.engine, "--project", request.project)
        yield from ("--stack", request.stack, "--pwd", folder, "--dry_run", str(request.dryRun).lower())
        yield from ("--parallel", str(request.parallel), "--organization", request.organization or "organization", folder)

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version="3.0.0")

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPluginsResponse()

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.LanguageHandshakeResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()


def main() -> None:
    """Serve until the engine ends this process."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    engine = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))  # how the engine ends it
    signal.pause()


if __name__ == "__main__":
    main()
