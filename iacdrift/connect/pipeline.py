"""The pipeline of each kind of host: `preview` on pull requests, `check` after deploys and every night."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from iacdrift import __version__
from iacdrift.connect.found import Written
from iacdrift.connect.search import Repository

_FILES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "github": ((".github/workflows/iacdrift.yml", "github.yml.j2"),),
    "gitlab": ((".gitlab/iacdrift.gitlab-ci.yml", "gitlab.yml.j2"), (".gitlab-ci.yml", "gitlab-root.yml.j2")),
    "azure": (("azure-pipelines-iacdrift.yml", "azure.yml.j2"),),
    "jenkins": (("Jenkinsfile.iacdrift", "Jenkinsfile.j2"),),
    "none": (),
}
_SYNTHESISED = ("cdktf", "cdk", "cloudformation", "sam", "expectation")
"""What doesn't say by itself what a change changes: two checkouts are compared."""


def pipeline(repository: Repository, host: str) -> tuple[Written, ...]:
    """The files of one host's pipeline; none for `none`."""
    place = _environment()
    about = _about(repository)
    about["tools"] = place.get_template("github-tools.yml.j2").render(about)
    return tuple(Written(PurePosixPath(path), place.get_template(name).render(about)) for path, name in _FILES[host])


def includes_ours(root: Path) -> bool:
    """Whether GitLab's own file includes the one that was written beside it."""
    try:
        return "iacdrift.gitlab-ci.yml" in (root / ".gitlab-ci.yml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _environment() -> Environment:
    """With brackets, because GitHub's and Azure's files are full of braces."""
    place = Environment(
        loader=PackageLoader("iacdrift.connect", "pipelines"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - nothing of this is HTML; what comes from the repository passes `quoted`
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        keep_trailing_newline=True,
    )
    place.filters["quoted"] = _quoted
    place.filters["in_groovy"] = _in_groovy
    place.filters["indented"] = _indented
    return place


def _quoted(text: str) -> str:
    """One word for the shell, in which GitHub's `${{` and Azure's `$(` are no expressions either."""
    return shlex.quote(text).replace("${{", "$''{{").replace("$(", "$''(").replace("$[", "$''[")


def _in_groovy(text: str) -> str:
    """Inside three single quotes of a Jenkinsfile."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _indented(text: str, width: int) -> str:
    return "\n".join(" " * width + line for line in text.splitlines() if line.strip())


def _about(repository: Repository) -> dict[str, Any]:
    folders = {tool: sorted({str(one.folder) for one in repository.found if one.tool == tool}) for tool in _TOOLS}
    return {
        **folders,
        "based": any(one.tool in _SYNTHESISED for one in repository.found),
        "extras": "",
        "version": __version__,
        "branch": repository.branch,
        # spread over the hour, so that not every repository of a company scans in the same minute
        "minute": int(sha256(repository.root.name.encode()).hexdigest(), 16) % 60,
    }


_TOOLS = ("terraform", "tofu", "pulumi", "cdktf", "cdk")
