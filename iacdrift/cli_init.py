"""`iacdrift init`: writes down what a repository declares, and the pipeline that looks at it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iacdrift.cli_exit import ExitCode
from iacdrift.cli_options import TALKING, option, stacked
from iacdrift.connect.hosts import HOSTS
from iacdrift.errors import OutputError, UsageError
from iacdrift.outputs.safe import safe

if TYPE_CHECKING:
    from iacdrift.connect.found import Written
    from iacdrift.connect.search import Repository


@click.command(
    epilog="\b\nExamples:\n  iacdrift init --dry-run\n  iacdrift init --ci github\n\n"
    "\b\nExit codes: 0 written (or there already), 2 nothing that declares a network was found, or a file can't be written."
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIRECTORY]")
@stacked(
    option(
        "--ci", type=click.Choice(HOSTS), help="Write a pipeline for it too; asked on a terminal, otherwise guessed from the repository."
    ),
    option("--dry-run", is_flag=True, help="Show what would be written; writes nothing."),
    option("--force", is_flag=True, help="Overwrite files that are there already."),
    TALKING,
)
def init(*, directory: Path, ci: str | None, dry_run: bool, force: bool, quiet: bool, **_: object) -> int:
    """Find what a repository declares, and write iacdrift.toml and a pipeline for it; runs nothing, sends nothing."""
    from iacdrift.connect.pipeline import pipeline
    from iacdrift.connect.search import look
    from iacdrift.connect.settings import settings_file

    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory")
    repository = look(directory)
    if not repository.found:
        raise UsageError(_nothing(repository))
    host = ci or _asked(repository.host)
    files = (settings_file(repository), *pipeline(repository, host))
    told = list(_found(repository))
    if dry_run:
        click.echo("\n".join([*told, *(line for file in files for line in ("", f"--- {file.path} ---", file.text.rstrip("\n")))]))
        return ExitCode.IN_SYNC
    told += [f"{_kept_or_written(repository.root, file, force=force)} {file.path}" for file in files]
    if not quiet:
        click.echo("\n".join([*told, *_next(repository, host)]))
    return ExitCode.IN_SYNC


def _asked(guess: str) -> str:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return guess
    return str(click.prompt("Where do this repository's pipelines run?", type=click.Choice(HOSTS), default=guess))


def _nothing(repository: Repository) -> str:
    cut = f" ({repository.cut})" if repository.cut else ""
    return (
        f"{repository.root} holds no Terraform or OpenTofu root, no Pulumi project, no CDKTF or CDK app, no CloudFormation template{cut}: "
        "name the directory that does, or write iacdrift.toml by hand (docs/configuration.md)"
    )


def _found(repository: Repository) -> Sequence[str]:
    count = len(repository.found)
    lines = [f"found {count} target{'s' if count > 1 else ''}"]
    lines += [f"  {one.name}  {one.tool}  {safe(', '.join(one.sources))}" for one in repository.found]
    return [*lines, *([f"  not all of it: {repository.cut}"] if repository.cut else [])]


def _kept_or_written(root: Path, file: Written, *, force: bool) -> str:
    """What was done with one file. OutputError where it can't be written."""
    path = root / file.path
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return "kept   "
        if path.exists():
            if path.read_text(encoding="utf-8", errors="replace") == file.text:
                return "as it is"
            if not force:
                return "kept (it is there already, --force overwrites)"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror or error}") from error
    return "wrote"


def _next(repository: Repository, host: str) -> Sequence[str]:
    """What only a person can do."""
    steps = ["iacdrift doctor   # what is missing here, and how to mend it", "iacdrift check    # the first report"]
    from iacdrift.connect.pipeline import includes_ours

    if host == "gitlab" and not includes_ours(repository.root):
        steps.insert(0, "add to .gitlab-ci.yml: include: [{local: .gitlab/iacdrift.gitlab-ci.yml}]")
    if host != "none":
        steps.append("the pipeline needs the login that a plan needs: see the comments in it")
    return ["next:", *(f"  {step}" for step in steps)]
