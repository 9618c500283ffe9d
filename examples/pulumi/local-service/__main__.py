"""A real service on loopback, and the assertion that it answers on its port and nothing else does."""

import iacdrift.pulumi as network

watch = network.observe()

import pulumi  # noqa: E402 - observe() comes first
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult  # noqa: E402


class ServiceProvider(ResourceProvider):
    """Starts and ends a web server; stands for any cloud's API."""

    def create(self, props):
        import subprocess
        import sys

        where = ["--bind", props["host"], str(int(props["port"]))]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started = subprocess.Popen([sys.executable, "-m", "http.server", *where], cwd="/", start_new_session=True, **quiet)
        return CreateResult(str(started.pid), props)

    def update(self, _id, _old, new):
        return UpdateResult(new)

    def delete(self, pid, _props):
        import contextlib
        import os
        import signal

        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM)


class Service(Resource):
    """A web server on one address and port."""

    host: pulumi.Output[str]
    port: pulumi.Output[int]

    def __init__(self, name, host, port, opts=None):
        super().__init__(ServiceProvider(), name, {"host": host, "port": port}, opts)


config = pulumi.Config()
port = config.get_int("port") or 8480
service = Service("web", config.get("host") or "127.44.0.1", port)

pulumi.export("network", network.expect(service.host, open=[f"{port}/tcp"], services={f"{port}/tcp": "http"}))
report = network.assert_no_network_drift(watch, vantage="internet", ports=f"{port}-{port + 1}", depends_on=[service], settle=5)
pulumi.export("verdict", report.apply(lambda found: found["verdict"]))
