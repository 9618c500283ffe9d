"""The real libraries, each in the environment that tools/cdk-environment built for it, and programs that use them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from tests.command import ROOT, Ran

NAMES = ("cdktf", "cdktn")
INSIDE = Path(__file__).parent / "inside"
EXAMPLES = ROOT / "examples" / "cdktf"


def built(name: str) -> Path | None:
    """The Python of a library's environment, None where none was built."""
    tool = ROOT / "tools" / "cdk-environment"
    asked = subprocess.run([sys.executable, str(tool), name, "--built"], capture_output=True, text=True, check=False)
    return Path(asked.stdout.strip()) if asked.returncode == 0 else None


@frozen
class Library:
    """One of the two, with the Python that has it and not the other."""

    name: str
    python: Path

    def run(self, *words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, path: tuple[Path, ...] = ()) -> Ran:
        """A program in the library's environment, with this checkout's iacdrift."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IACDRIFT_", "CDKTF_", "PYTEST_"))}
        own = {
            "CDK_LIBRARY": self.name,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *path))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }
        command = [str(self.python), *map(str, words)]
        done = subprocess.run(command, cwd=cwd, env=kept | own | (env or {}), capture_output=True, text=True, timeout=180, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def tests(self, *files: Path, cwd: Path, path: tuple[Path, ...] = ()) -> Ran:
        """pytest in that environment, on files that pytest in this one doesn't collect."""
        place = ("-c", os.devnull, "--rootdir", files[0].parent, "--import-mode=importlib")
        return self.run("-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider", *place, *files, cwd=cwd, path=path)

    def synth(self, example: str, folder: Path, **env: str) -> Ran:
        """An example's synth into `folder`/cdktf.out, with `folder` for the states of its local backends."""
        program = EXAMPLES / example / "main.py"
        return self.run(program, cwd=folder, env={"CDKTF_OUTDIR": str(folder / "cdktf.out"), **env}, path=(program.parent,))
