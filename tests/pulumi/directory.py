"""A program in a directory, run by `pulumi` on the command line with Pulumi's own executor."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.needs import pulumi_engine
from tests.pulumi.engine import Outcome

HOST = Path(__file__).with_name("language_host.py")


@dataclass
class Directory:
    """A copy of a program's directory, with a backend, plugins and an environment of its own."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    def of(cls, program: Path, below: Path, plugins: dict[str, Path] | None = None, **environment: str) -> Self:
        """A copy in a folder of the test; `plugins` are scripts in Python that the engine finds under these names."""
        folder, tools = below / "program", below / "tools"
        shutil.copytree(program, folder, ignore=shutil.ignore_patterns("__pycache__"))
        tools.mkdir()
        for name, script in {"pulumi-language-python": HOST, **(plugins or {})}.items():
            _executable(tools / name, folder / script)
        (below / "state").mkdir()
        return cls(
            folder,
            {
                "PATH": f"{tools}:{pulumi_engine()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PULUMI_HOME": str(below / "home"),
                "PULUMI_BACKEND_URL": f"file://{below / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "",
                "PULUMI_SKIP_UPDATE_CHECK": "1",
                "PULUMI_PYTHON_CMD": sys.executable,
                **environment,
            },
        )

    def pulumi(self, *words: str) -> Outcome:
        """What a command of the user's comes to, with all that it prints."""
        command = ["pulumi", *words, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command, cwd=self.folder, env=os.environ | self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        return Outcome(done.returncode == 0, done.stdout + done.stderr)

    def must(self, *words: str) -> str:
        """The same, of a command that has to succeed."""
        done = self.pulumi(*words)
        assert done.ok, done.text
        return done.text


def flat(text: str) -> str:
    """Without the spaces with which Pulumi aligns what it shows."""
    return re.sub(r"\s+", " ", text)


def _executable(path: Path, script: Path) -> None:
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -u "{script}" "$@"\n')
    path.chmod(0o755)
