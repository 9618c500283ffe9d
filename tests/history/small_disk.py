"""A disk of 400 KB that can be full: tmpfs in a mount namespace of the test's own, gone with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import ROOT

FULL = "dd if=/dev/zero of=disk/fill bs=1k count=4000 2>/dev/null || true\n"


def small_disk(test: Callable[..., None]) -> Callable[..., None]:
    """The marks of a test that needs one."""
    without = pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
    return pytest.mark.needs("namespaces")(without(test))


def in_a_small_disk(directory: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a shell script in `directory`, with the disk at ./disk."""
    (directory / "disk").mkdir()
    whole = f"set -e\nmount -t tmpfs -o size=400k,mode=700 none disk\n{script}"
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(directory)}
    words = ["unshare", "-m", "--propagation", "private", "sh", "-c", whole]
    return subprocess.run(words, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False)


def fill() -> None:
    """Until nothing goes on ./disk any more; called inside."""
    with Path("disk/fill").open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            pass


def free() -> None:
    """The other way round."""
    Path("disk/fill").unlink()
