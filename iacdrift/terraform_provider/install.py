"""The filesystem mirror from which Terraform installs the provider, and what a user writes to make it look there."""

from __future__ import annotations

import json
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from platform import machine, system

from attrs import frozen

from iacdrift import __version__
from iacdrift.errors import OutputError, UsageError
from iacdrift.terraform_provider.address import ADDRESS, OLDEST

IMPLIED = Path("~/.terraform.d/plugins")
"""Where Terraform and OpenTofu look without any configuration."""

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "armv7l": "arm", "armv6l": "arm", "i686": "386"}

# The same on every machine, and so its checksum in .terraform.lock.hcl: which Python runs it stands beside the package, not in it.
_SCRIPT = """\
#!/bin/sh
here=$(cd -P "$(dirname "$0")" && pwd)
python=python3
[ ! -r "$here/../python" ] || python=$(cat "$here/../python")
exec "$python" -P -m iacdrift.terraform_provider "$@"
"""


@frozen(slots=True)
class Mirror:
    """A filesystem mirror with the provider in it. `directory` is absolute; `platform` as Terraform writes it (`linux_amd64`)."""

    directory: Path
    platform: str

    @classmethod
    def at(cls, directory: Path | None, platform_name: str | None = None) -> Mirror:
        """UsageError where this platform has no name in Terraform, or a package is missing."""
        if find_spec("tf") is None:
            raise UsageError("the provider needs the package tf: pip install 'iacdrift[terraform]'")
        return cls((directory or IMPLIED).expanduser().absolute(), platform_name or _platform())

    @property
    def executable(self) -> Path:
        """What Terraform starts."""
        version = semantic(__version__)
        return self.directory / ADDRESS / version / self.platform / f"terraform-provider-iacdrift_v{version}"

    def write(self) -> None:
        """The provider, executed by this Python. OutputError where it can't be written."""
        try:
            self.executable.parent.mkdir(parents=True, exist_ok=True)
            _replace(self.executable.parents[1] / "python", sys.executable + "\n", 0o644)
            _replace(self.executable, _SCRIPT, 0o755)
        except OSError as error:
            raise OutputError(f"can't write {error.filename or self.directory}: {error.strerror}: choose a directory with --dir") from None

    def told(self) -> str:
        """What belongs into the code and into Terraform's own configuration."""
        return _TOLD.format(
            executable=self.executable,
            python=sys.executable,
            oldest=OLDEST,
            address=ADDRESS,
            version=semantic(__version__),
            path=_quoted(str(self.directory)),
        )


_TOLD = """\
# Installed: {executable}
# It is run by {python}

# In the root module:
terraform {{
  required_version = ">= {oldest}"
  required_providers {{
    iacdrift = {{
      source  = "{address}"
      version = "{version}"
    }}
  }}
}}

# In Terraform's CLI configuration (~/.terraformrc, for OpenTofu ~/.tofurc, or the file that TF_CLI_CONFIG_FILE names):
provider_installation {{
  filesystem_mirror {{
    path    = {path}
    include = ["{address}"]
  }}
  direct {{
    exclude = ["{address}"]
  }}
}}
"""


def semantic(version: str) -> str:
    """A Python version as Terraform wants it: `0.2.0rc1` is `0.2.0-rc1`, `0.2.0.dev3+g1` is `0.2.0-dev3`."""
    found = re.match(r"(\d+\.\d+\.\d+)\.?([0-9A-Za-z.]*)", version)
    if found is None:
        raise UsageError(f"iacdrift's own version {version!r} is none that Terraform takes")
    return found[1] + (f"-{found[2]}" if found[2] else "")


def _platform() -> str:
    name, kind = system().lower(), machine().lower()
    if kind not in _MACHINES or name not in ("linux", "darwin", "freebsd"):
        raise UsageError(f"Terraform's name for this platform ({name}, {kind}) isn't known: give it with --platform, such as linux_amd64")
    return f"{name}_{_MACHINES[kind]}"


def _replace(path: Path, text: str, mode: int) -> None:
    """At once: a Terraform that runs at this moment sees the old file or the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.chmod(mode)
    new.replace(path)


def _quoted(text: str) -> str:
    """A string of HCL, in which nothing is a template."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
