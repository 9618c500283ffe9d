"""Asks the user's own Terraform or OpenTofu: JSON of a binary plan, and the plan of a root directory. Changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess  # noqa: TID251 - only Terraform itself reads its binary plans
import tempfile
from collections.abc import Sequence
from pathlib import Path

from iacdrift.errors import SourceError

TIMEOUT = 900
"""Seconds that a plan may take."""
_PLAN = ("plan", "-refresh=false", "-lock=false", "-input=false", "-no-color")
_REFRESH = ("plan", "-refresh-only", "-lock=false", "-input=false", "-no-color")


def plan_of(folder: Path) -> bytes:
    """JSON of the plan that Terraform makes of an initialised root directory, without refreshing its state."""
    return _planned(folder, _PLAN)


def refresh_of(folder: Path) -> bytes:
    """JSON of what the cloud's API says beside the state: a plan that only refreshes, and writes nothing."""
    return _planned(folder, _REFRESH)


def _planned(folder: Path, command: Sequence[str]) -> bytes:
    if not folder.is_dir():
        raise SourceError(f"tf:{folder} is no directory: tf: takes an initialised Terraform root")
    binary = _binary(f"tf:{folder}", folder)
    with tempfile.TemporaryDirectory(prefix="iacdrift-") as kept:
        plan = Path(kept) / "tfplan"
        done = _run((binary, *command, "-out", str(plan)), folder)
        if not plan.exists():
            raise SourceError(f"tf:{folder}: {Path(binary).name} plan failed: {_reason(done)}")
        return shown(plan, folder, f"tf:{folder}")


def shown(plan: Path, folder: Path, name: str) -> bytes:
    """`show -json` of a binary plan, run in the root directory whose providers it was made with."""
    binary = _binary(name, folder)
    done = _run((binary, "show", "-json", str(plan.resolve())), folder)
    if done.returncode != 0:
        raise SourceError(
            f"{name}: {Path(binary).name} show -json failed in {folder}: {_reason(done)}; "
            "name the directory that the plan was made in with --code DIR"
        )
    return done.stdout


def _binary(name: str, folder: Path) -> str:
    """Terraform, or OpenTofu where it is alone on PATH or the directory's lock file names its registry."""
    found = {tool: shutil.which(tool) for tool in _preferred(folder)}
    binary = next((path for path in found.values() if path), None)
    if binary is None:
        raise SourceError(
            f"{name} needs terraform or tofu on PATH, and neither is there: make the JSON where it is installed "
            "(terraform show -json PLAN > plan.json) and give that"
        )
    return binary


def _preferred(folder: Path) -> tuple[str, str]:
    try:
        tofu = "registry.opentofu.org" in (folder / ".terraform.lock.hcl").read_text()
    except (OSError, UnicodeError):
        tofu = False
    return ("tofu", "terraform") if tofu else ("terraform", "tofu")


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
    try:
        return subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"{Path(command[0]).name} {command[1]} took longer than {TIMEOUT // 60} minutes in {folder}") from None
    except OSError as error:
        raise SourceError(f"{command[0]} can't be started: {error.strerror}") from None


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Terraform's own first `Error:` line: what follows it may quote values, and is left out."""
    lines = (line.strip("│╷╵ \t") for line in done.stderr.decode("utf-8", "replace").splitlines())
    return next((line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")), f"exit status {done.returncode}")
