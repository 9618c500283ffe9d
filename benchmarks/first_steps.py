"""README's "Connect a repository", walked as a new user would: from nothing installed to the first alert that arrives.

    python -m benchmarks.first_steps            # in a fresh virtual environment, packages from the registry
    python -m benchmarks.first_steps --installed

prints each command with its seconds. The commands and the `[[alert]]` are README's own.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[1]
ADDRESS = "127.44.63.7"
_EXPECTATION = f'{{ schema = "iacdrift/expectation/1", host = "{ADDRESS}", open = ["18071/tcp"] }}'
_CODE = f'output "edge" {{\n  value = {_EXPECTATION}\n}}\n'
_PLAIN = f"schema: iacdrift/expectation/1\nexpectations:\n  - name: edge\n    host: {ADDRESS}\n    open: [18071/tcp]\n"
_PATIENCE = 200.0


@frozen
class Step:
    """One command as it was typed: how long it took, how it ended, what it said."""

    command: str
    seconds: float
    code: int
    said: str


@frozen
class Walk:
    """All of them, and the alerts that arrived."""

    steps: tuple[Step, ...]
    arrived: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """All commands together."""
        return sum(step.seconds for step in self.steps)


def walk(folder: Path, *, install: bool) -> Walk:
    """In an empty directory. Needs Nmap; with `install` a registry of Python packages."""
    from iacdrift.demo.listeners import Service, listening
    from tests.alerts.receivers import http

    commands, alert = _readme()
    repository = _repository(folder)
    steps: list[Step] = []
    with http() as received, listening((Service(ADDRESS, 18071, "http"), Service(ADDRESS, 6379, "redis"))):
        told = {"OPS_ALERTS": f"json://127.0.0.1:{received.port}/", "XDG_STATE_HOME": str(folder / "state")}
        run = _Shell(repository, told, folder / "venv" if install else None)
        if install:
            steps.append(run(f"{shlex.quote(sys.executable)} -m venv {folder}/venv"))
            steps.append(run(f"pip install --quiet '{ROOT}[alerts]'"))
        for command in commands:
            steps.append(run(command))
            if command.startswith("iacdrift init"):
                _place(repository / "iacdrift.toml")
        with (repository / "iacdrift.toml").open("a") as file:
            file.write(f"\n{alert}")
        steps += [run("iacdrift alert test"), run("iacdrift check")]
        return Walk(tuple(steps), tuple(body.decode() for _, body in received.posts))


def _readme() -> tuple[list[str], str]:
    """The commands of the section, and its `[[alert]]`."""
    text = (ROOT / "README.md").read_text()
    section = text.partition("## Connect a repository\n")[2].partition("\n## ")[0]
    typed = [line[2:].partition("  #")[0].strip() for line in section.splitlines() if line.startswith("$ ")]
    found = re.search(r"```toml\n(\[\[alert\]\].*?)```", section, re.DOTALL)
    if not typed or found is None:
        raise SystemExit("README.md has no section that connects a repository any more")
    return [command.removeprefix("sudo ") for command in typed if not command.startswith("cd ")], found[1]


def _repository(folder: Path) -> Path:
    """What the user has already: a Git repository with Terraform that was applied; without Terraform, an expectation."""
    infrastructure = folder / "shop" / "infrastructure"
    infrastructure.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(infrastructure.parent)], check=True)
    if shutil.which("terraform") is None:
        (infrastructure / "expectation.yaml").write_text(_PLAIN)
        return infrastructure
    (infrastructure / "main.tf").write_text(_CODE)
    for words in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
        subprocess.run(["terraform", *words], cwd=infrastructure, check=True, capture_output=True)
    return infrastructure


def _place(file: Path) -> None:
    """Where the scan stands and what it may reach: the two lines that init leaves to the user."""
    text = file.read_text().replace('# vantage = "internet"', 'vantage = "internet"')
    file.write_text(re.sub(r"^# scope = .*$", 'scope = ["127.44.63.0/24"]', text, flags=re.MULTILINE))


class _Shell:
    """Runs commands in the repository, with the environment's own programs or those of a fresh one."""

    def __init__(self, folder: Path, environment: dict[str, str], venv: Path | None) -> None:
        own = venv / "bin" if venv else Path(sys.executable).parent
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IACDRIFT_")}
        self._environment = kept | environment | {"PATH": f"{own}:{kept['PATH']}"}
        self._folder = folder

    def __call__(self, command: str) -> Step:
        begin = time.monotonic()
        words = shlex.split(command)
        done = subprocess.run(
            words, cwd=self._folder, env=self._environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        return Step(command, time.monotonic() - begin, done.returncode, done.stdout + done.stderr)


def main() -> int:
    """Exit code 1 where no alert arrived."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_steps")
    parser.add_argument("--installed", action="store_true", help="with the iacdrift of this environment, nothing is installed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iacdrift-first-") as made:
        walked = walk(Path(made), install=not options.installed)
    for step in walked.steps:
        print(f"{step.seconds:6.1f} s  exit {step.code}  {step.command}")
    print(f"{walked.seconds:6.1f} s  in all; {len(walked.arrived)} alerts arrived")
    return 0 if len(walked.arrived) > 1 else 1


if __name__ == "__main__":
    sys.exit(main())
