"""Asks the user's own Terraform or OpenTofu: JSON of a binary plan, and the plan of a root directory. Changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # noqa: TID251 - only Terraform itself reads its binary plans
import tempfile
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from iacdrift.errors import SourceError

TIMEOUT = 900
"""Seconds that a plan may take."""
_PLAN = ("plan", "-refresh=false", "-lock=false", "-input=false", "-no-color")
_REFRESH = ("plan", "-refresh-only", "-lock=false", "-input=false", "-no-color")


@frozen(slots=True)
class Root:
    """A root directory, and the workspace that is meant (None: the one selected there)."""

    folder: Path
    workspace: str | None = None

    @classmethod
    def parse(cls, text: str) -> Root:
        """From `DIR` or `DIR?workspace=NAME`. SourceError for another question."""
        folder, mark, query = text.partition("?")
        key, _, workspace = query.partition("=")
        if mark and (key != "workspace" or not workspace):
            raise SourceError(f"tf:{text}: after the ? only workspace=NAME is known")
        return cls(Path(folder or "."), workspace or None)

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"tf:{self.folder}" + (f"?workspace={self.workspace}" if self.workspace else "")


@frozen(slots=True)
class Recorded:
    """Which state lies in a backend: who began it, and how often it was written. None twice: nothing has been applied yet."""

    lineage: str | None
    serial: int | None


def plan_of(root: Root) -> bytes:
    """JSON of the plan that Terraform makes of an initialised root directory, without refreshing its state."""
    return _planned(root, _PLAN)


def refresh_of(root: Root) -> bytes:
    """JSON of what the cloud's API says beside the state: a plan that only refreshes, and writes nothing."""
    return _planned(root, _REFRESH)


def version_of(root: Root) -> str:
    """Which Terraform or OpenTofu serves this root, in its own words. SourceError where there is none."""
    done = _run((_binary(root.name, root.folder), "version"), root.folder if root.folder.is_dir() else Path())
    first = done.stdout.decode("utf-8", "replace").partition("\n")[0].strip()
    if done.returncode != 0 or not first:
        raise SourceError(f"{root.name}: its tool doesn't say its version: {_reason(done)}")
    return first[:100]


def reachable(root: Root) -> str:
    """Whether the state can be read through its backend. SourceError where it can't; what it holds is looked at by nobody."""
    return "its state can be read" if _pulled(root).strip() else "its backend answers; nothing has been applied yet"


def valid(root: Root) -> str:
    """Whether it can be planned: its providers and modules are installed, and its code is valid. SourceError where not."""
    binary = _binary(root.name, root.folder)
    done = _run((binary, "validate", "-no-color"), root.folder, root.workspace)
    if done.returncode != 0:
        raise SourceError(f"{root.name}: {Path(binary).name} validate failed: {_next_step(root, done)}")
    return "initialised, and valid"


def recorded_in(root: Root) -> Recorded:
    """Which state its backend holds at this moment. SourceError where it can't be read."""
    pulled = _pulled(root)
    try:
        state = json.loads(pulled or b"{}")
        return Recorded(state.get("lineage"), state.get("serial"))
    except (ValueError, AttributeError):
        raise SourceError(f"{root.name}: its backend holds no state, but something else") from None


def has_backend(root: Root) -> bool:
    """Whether `init` noted a backend: without one the state lies in the directory, as a file."""
    noted = root.folder / os.environ.get("TF_DATA_DIR", ".terraform") / "terraform.tfstate"
    try:
        return isinstance(json.loads(noted.read_bytes()).get("backend"), dict)
    except (OSError, ValueError, AttributeError):
        return False


def _pulled(root: Root) -> bytes:
    if not root.folder.is_dir():
        raise SourceError(f"{root.name} is no directory: tf: takes an initialised Terraform root")
    binary = _binary(root.name, root.folder)
    _refuse_unknown(root, binary)
    done = _run((binary, "state", "pull", "-no-color"), root.folder, root.workspace)
    if done.returncode != 0:
        raise SourceError(f"{root.name}: the state can't be read: {_reason(done)}")
    return done.stdout


def _planned(root: Root, command: Sequence[str]) -> bytes:
    if not root.folder.is_dir():
        raise SourceError(f"{root.name} is no directory: tf: takes an initialised Terraform root")
    binary = _binary(root.name, root.folder)
    _refuse_unknown(root, binary)
    with tempfile.TemporaryDirectory(prefix="iacdrift-") as kept:
        plan = Path(kept) / "tfplan"
        done = _run((binary, *command, "-out", str(plan)), root.folder, root.workspace)
        if not plan.exists():
            raise SourceError(f"{root.name}: {Path(binary).name} plan failed: {_next_step(root, done)}")
        return shown(plan, root.folder, root.name, root.workspace)


def _refuse_unknown(root: Root, binary: str) -> None:
    """Terraform itself makes a workspace that isn't there, and plans it as if nothing had been applied."""
    if root.workspace is None:
        return
    done = _run((binary, "workspace", "list", "-no-color"), root.folder)
    if done.returncode != 0:
        raise SourceError(f"{root.name}: {Path(binary).name} workspace list failed: {_reason(done)}")
    there = [line.lstrip("* ").strip() for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
    if root.workspace not in there:
        raise SourceError(f"{root.name}: there is no workspace of that name; there is {', '.join(there)}")


def shown(plan: Path, folder: Path, name: str, workspace: str | None = None) -> bytes:
    """`show -json` of a binary plan, run in the root directory whose providers it was made with."""
    binary = _binary(name, folder)
    done = _run((binary, "show", "-json", str(plan.resolve())), folder, workspace)
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


def _run(command: Sequence[str], folder: Path, workspace: str | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
    environment |= {"TF_WORKSPACE": workspace} if workspace else {}
    try:
        return subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"{Path(command[0]).name} {command[1]} took longer than {TIMEOUT // 60} minutes in {folder}") from None
    except OSError as error:
        raise SourceError(f"{command[0]} can't be started: {error.strerror}") from None


def _next_step(root: Root, done: subprocess.CompletedProcess[bytes]) -> str:
    """The reason, and what to run where Terraform itself advises `init`."""
    tool = Path(done.args[0]).name
    advised = f"{tool} init" in done.stderr.decode("utf-8", "replace")
    return _reason(done) + (f"; run {tool} -chdir={root.folder} init" if advised else "")


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Terraform's own first `Error:` line: what follows it may quote values, and is left out."""
    lines = (line.strip("│╷╵ \t") for line in done.stderr.decode("utf-8", "replace").splitlines())
    return next((line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")), f"exit status {done.returncode}")
