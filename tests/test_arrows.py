"""The arrows of the design against the imports, and the sizes that keep a room readable."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iacdrift"

PIPELINE = (
    *("adoption", "age", "asking", "assertion", "cloud_view", "conclusion", "counterexample", "egress", "meanwhile", "options"),
    *("preview", "recording", "selection", "settle", "vantages"),
)
PROGRAMS = ("pulumi", "policy")
DOORS = (
    *("__main__", "cli", "cli_commands", "cli_alert", "cli_baseline", "cli_exit", "cli_fix", "cli_history", "cli_ignore", "cli_matrix"),
    *("cli_options", "cli_preview", "cli_record", "cli_report", "cli_target", "cli_targets", "cli_watch"),
    *("configuration", "demo", "targets"),
)
ROOMS = ("alerts", "sources", "providers", "model", "surface", "scan", "drift", "remedy", "refresh", "cloud", "history", "outputs")

# Room -> what it may import besides itself and the errors.
ARROWS = {
    "errors": (),
    "model": (),
    "sources": ("model",),
    "providers": ("sources.resource", "model"),
    "surface": ("model",),
    "scan": ("surface", "model"),
    "drift": ("surface", "model", "sources.resource", "__init__"),  # the version, for the report
    "remedy": ("drift", "surface", "model"),
    "outputs": ("drift", "surface", "model", "scan.plan", "scan.job", "sources.resource"),
    "history": ("drift", "surface", "model", "sources.resource"),
    "alerts": ("history", "drift.report", "outputs.safe", "__init__"),  # the version, for the receivers
    # a door that runs by itself: the pipeline again and again
    "watch": (
        *(*PIPELINE, "alerts", "history", "drift.report", "drift.trend", "outputs", "targets", "scan.job", "scan.task", "__init__"),
        "model.moment",  # spans of time in words
        "sources.terraform_command",  # asks backends which state they hold
    ),
    "refresh": ("drift.report", "drift.cloud_api", "drift.wording", "providers", "sources", "model"),
    "cloud": (
        "refresh",
        "drift.report",
        "drift.cloud_api",
        "surface",
        "model",
    ),  # the one room that asks AWS beside the sources of CloudFormation
    "connect": ("sources.hcl_lines", "sources.cloudformation.signs", "outputs.safe", "__init__"),  # the version, for the pipelines
    **dict.fromkeys(PIPELINE, (*ROOMS, *PIPELINE, "__init__")),
    **dict.fromkeys(
        DOORS,
        (
            *DOORS,
            *PIPELINE,
            "alerts",
            "watch",
            "outputs",
            "drift.report",
            "drift.matrix",
            "drift.baseline",
            "drift.ignores",
            "history",
            "model.ports",
            "__init__",
        ),
    ),
    "doctor": ("scan.process", "scan.route", "sources", "history", "alerts"),
    "cli_doctor": (*DOORS, *PIPELINE, "doctor", "outputs"),
    "cli_init": ("cli_exit", "cli_options", "connect", "outputs.safe"),
    "cli_terraform": ("cli_exit", "cli_options", "terraform_provider.install"),
    # Terraform's own door
    "terraform_provider": (*PIPELINE, "drift.report", "outputs.headline", "outputs.safe", "sources.read", "surface.vantage", "__init__"),
    **dict.fromkeys(
        ("pytest_plugin", "pytest_session"), (*DOORS, *PIPELINE, "pytest_plugin", "pytest_session", "drift.report", "drift.reading")
    ),
    "cdktf": (*PIPELINE, "surface.exposure", "terraform_provider.address"),
    # doors inside programs: they hand over what was collected as a document that the sources read
    **dict.fromkeys(
        PROGRAMS,
        (*PROGRAMS, *PIPELINE, "drift.report", "model.ports", "surface.exposure", "sources.pulumi_urn", "sources.pulumi_resource"),
    ),
}

# The rooms that may start processes, parse XML: everything else is banned by ruff too, but a test needs no linter.
PROCESSES = {"scan/process.py", "sources/terraform_command.py", "sources/pulumi_command.py", "demo/namespaces.py", "demo/story.py"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that this one imports at run time; what only type checkers see carries no data."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides an arrow"
            yield str(node.module)


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def allowed(own: str, name: str) -> bool:
    target = name.removeprefix("iacdrift").lstrip(".") or "__init__"
    if target == "errors" or target.split(".")[0] == own:
        return True
    return any(target == arrow or target.startswith(f"{arrow}.") for arrow in ARROWS[own])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_rooms_arrows_allow(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        assert not [name for name in imported(path) if name.startswith("iacdrift")], "the public names are lazy"
        return
    assert own in ARROWS, f"{own} is in no room of the design: give it a place and its arrows"
    wrong = [name for name in imported(path) if name.split(".")[0] == "iacdrift" and not allowed(own, name)]
    assert not wrong, f"{own} must not import {wrong}"


def test_the_test_of_arrows_can_fail() -> None:
    assert not allowed("surface", "iacdrift.scan.run")
    assert not allowed("providers", "iacdrift.sources.read")
    assert not allowed("outputs", "iacdrift.cli")
    assert allowed("providers", "iacdrift.sources.resource")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_named_modules_start_processes(path: Path) -> None:
    starts = {name for name in imported(path) if name.split(".")[0] in ("subprocess", "pty", "multiprocessing")}
    if str(path.relative_to(PACKAGE)) not in PROCESSES:
        assert not starts
        calls = [node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
        assert not {"system", "popen", "posix_spawn", "execv", "execvp", "spawnv"} & set(calls)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_under_300_lines_and_functions_under_60(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or node.lineno) - node.lineno + 1 <= 60, f"{node.name} is too long"


def test_no_module_has_a_name_that_means_nothing() -> None:
    names = {part for path in modules() for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert not names & {"utils", "helpers", "common", "manager", "misc", "util"}
