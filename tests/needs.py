"""What a test needs from the machine: it skips with a reason without it, and fails where CI promises it.

from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nmap")]
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest


def needs(what: str) -> pytest.MarkDecorator:
    """The mark of a test that can't run without `what`; the known names are the keys of `PRESENT`."""
    if what not in PRESENT:
        raise ValueError(f"needs({what!r}): known are {', '.join(sorted(PRESENT))}")
    return pytest.mark.needs(what)


@cache
def missing(what: str) -> str | None:
    """Why `what` isn't to be had here; None when it is. Asked once: some answers take a process."""
    return PRESENT[what]()


def promised() -> bool:
    """Whether this machine promises everything (`CI=true`), so that a missing thing is a failure and no skip."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def _root() -> str | None:
    return None if os.geteuid() == 0 else "needs root"


def _program(name: str) -> Callable[[], str | None]:
    return lambda: None if shutil.which(name) else f"needs the program {name} on PATH"


def _pulumi_engine() -> str | None:
    if pulumi_engine() is not None:
        return None
    return "needs pulumi on PATH, or one that tools/pulumi-engine (make engine) has built"


def pulumi_engine() -> Path | None:
    """The folder of a Pulumi engine: that on PATH, else the one that tools/pulumi-engine built."""
    script = Path(__file__).parents[1] / "tools" / "pulumi-engine"
    asked = subprocess.run(["sh", str(script), "--built"], capture_output=True, text=True, check=False)
    return Path(asked.stdout.strip()) if asked.returncode == 0 else None


def actionlint() -> Path | None:
    """The actionlint on PATH, else the one that tools/actionlint built."""
    script = Path(__file__).parents[1] / "tools" / "actionlint"
    asked = subprocess.run(["sh", str(script), "--built"], capture_output=True, text=True, check=False)
    return Path(asked.stdout.strip()) if asked.returncode == 0 else None


def _actionlint() -> str | None:
    return None if actionlint() else "needs actionlint on PATH, or one that tools/actionlint (make actionlint) has built"


def postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs, which Debian keeps off PATH."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "postgres").exists() and (place / "initdb").exists()), None)


def _postgresql() -> str | None:
    return None if postgresql() else "needs PostgreSQL's server (Debian: postgresql)"


def _cdk(name: str) -> Callable[[], str | None]:
    """A library that runs on Node, in the environment that tools/cdk-environment built for it."""

    def why() -> str | None:
        script = Path(__file__).parents[1] / "tools" / "cdk-environment"
        asked = subprocess.run([sys.executable, str(script), name, "--built"], capture_output=True, check=False)
        return _program("node")() or (
            f"needs the environment that tools/cdk-environment {name} (make cdk) builds" if asked.returncode else None
        )

    return why


def _namespaces() -> str | None:
    if sys.platform != "linux":
        return "needs Linux network namespaces"
    return _root() or _program("ip")()


def _ipv6() -> str | None:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError as error:
        return f"needs IPv6 on loopback ({error.strerror})"
    return None


def _aws_provider() -> str | None:
    """Terraform's provider for AWS is in no package registry; a filesystem mirror of it may lie on a machine."""
    mirror = os.environ.get("IACDRIFT_TEST_AWS_MIRROR")
    if mirror and list(Path(mirror).glob("*/hashicorp/aws")):
        return _program("terraform")()
    return "needs IACDRIFT_TEST_AWS_MIRROR to name a filesystem mirror with hashicorp/aws in it"


def _package(name: str) -> Callable[[], str | None]:
    return lambda: None if find_spec(name) else f"needs the Python package {name}"


PRESENT: dict[str, Callable[[], str | None]] = {
    "root": _root,
    "nmap": _program("nmap"),
    "nft": _program("nft"),
    "git": _program("git"),
    "ip": _program("ip"),
    "systemd-analyze": _program("systemd-analyze"),
    "namespaces": _namespaces,
    "terraform": _program("terraform"),
    "terraform-aws": _aws_provider,
    "ipv6": _ipv6,
    "chromium": _program("chromium"),
    "node": _program("node"),
    "jq": _program("jq"),
    "cdktf": _cdk("cdktf"),
    "cdktn": _cdk("cdktn"),
    "pulumi_aws": _package("pulumi_aws"),
    "cfnlint": _package("cfnlint"),
    "boto3": _package("boto3"),
    "distributed": _package("distributed"),
    "moto": _package("moto"),
    "pulumi-engine": _pulumi_engine,
    "actionlint": _actionlint,
    "postgresql": _postgresql,
}

OPTIONAL = frozenset({"terraform", "terraform-aws"})
"""Skipped even where CI promises everything: no Linux distribution packages it, so `make test` can't bring it."""
