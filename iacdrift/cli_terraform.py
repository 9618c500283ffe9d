"""`iacdrift terraform`: what brings the provider to Terraform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, option, stacked


@click.group()
def terraform() -> None:
    """Use iacdrift inside Terraform (docs/terraform.md)."""


@terraform.command(epilog="\b\nExample:\n  iacdrift terraform install --dir ~/terraform-providers")
@stacked(
    option(
        "--dir",
        "directory",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The filesystem mirror; by default ~/.terraform.d/plugins, where Terraform looks without being told.",
    ),
    option(
        "--platform",
        metavar="OS_ARCH",
        help="Terraform's platform, such as linux_amd64; by default this machine's.",
    ),
    TALKING,
)
def install(*, directory: Path | None, platform: str | None, **_: Any) -> int:
    """Write the provider where Terraform finds it, and print what belongs into the code and the CLI configuration."""
    from iacdrift.terraform_provider.install import Mirror

    mirror = Mirror.at(directory, platform)
    mirror.write()
    click.echo(mirror.told(), nl=False)
    return ExitCode.IN_SYNC
