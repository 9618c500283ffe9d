"""A language host for `pulumi` on the command line: the Automation API's own server, which runs the program's `__main__.py`.

The engine starts it as `pulumi-language-python ENGINE` and reads its port from the first line; the host that Pulumi ships is in no registry
that tests may rely on.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import sys
import threading
from concurrent import futures
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class Host(LanguageServer):
    """Runs the program of the directory that the engine names."""

    def Run(self, request: language_pb2.RunRequest, context: Any) -> language_pb2.RunResponse:  # noqa: N802 - gRPC's name
        folder = request.info.program_directory or request.pwd
        os.chdir(folder)
        self.program = lambda: runpy.run_path(os.path.join(folder, "__main__.py"))  # noqa: PTH118 - as the engine writes it
        return super().Run(request, context)

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version="3.0.0")


def main() -> None:
    """Serve until the engine ends this process."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(lambda: None), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    main()
