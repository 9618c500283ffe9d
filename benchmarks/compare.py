"""The comparisons that need no network: a large plan, a second vantage, growth, a policy scanner, start-up, a diff."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from attrs import frozen

from benchmarks.measure import Taken, rounds, run, task

SMALL_STATE = Path(__file__).parents[1] / "tests" / "data" / "terraform" / "edge-and-bastion" / "terraform.tfstate"
_IACDRIFT = (sys.executable, "-m", "iacdrift")


@frozen
class Row:
    """One line of the table. `goal` is the largest ratio or figure that will do; None where there is none."""

    what: str
    figure: float
    unit: str
    goal: float | None = None
    aside: str = ""
    rounds: int | None = None
    """How many rounds it took; None where nobody counted."""

    @property
    def met(self) -> str:
        """Whether the goal is met, in a word."""
        if self.goal is None:
            return ""
        return "yes" if self.figure <= self.goal else "no"


def large_plan(folder: Path, count: int, size: int) -> Iterator[Row]:
    """The plan of an estate against `json.load`, in time and memory; and how the cost grows to it from a tenth."""
    paths = {part: folder / f"plan-{part}.json" for part in (size // 10, size)}
    for part, path in paths.items():
        task("make_plan", str(part), path)
    seen: dict[str, float] = {}

    def once() -> dict[str, float]:
        yard, ours, tenth = task("json_load", paths[size]), task("surface", paths[size]), task("surface", paths[size // 10])
        seen.update(hosts=ours["hosts"], allowed=ours["allowed"])
        return {
            "time": ours["seconds"] / yard["seconds"],
            "memory": ours["megabytes"] / yard["megabytes"],
            "second": ours["second"] / ours["seconds"],
            "inside": ours["inside"] / ours["seconds"],
            "growth": ours["seconds"] / tenth["seconds"] / 10,
        }

    found = rounds(count, once)
    shown = f"{size:,} resources, {paths[size].stat().st_size / 1e6:.0f} MB; {seen['hosts']:,.0f} hosts, {seen['allowed']:,.0f} with ports"
    yield Row("Plan JSON to expected surface / `json.load` of the same file, time", found["time"], "x", 4.0, shown)
    yield Row("… peak memory", found["memory"], "x", 1.5)
    yield Row(f"… cost a resource at {size:,} / at {size // 10:,}", found["growth"], "x", 1.25, "1 is linear; the goal is our own")
    yield Row(
        "A second vantage on the internet / the first with its reading",
        found["second"],
        "x",
        0.1,
        "every group is asked again, each peer of its rules once; behind a balancer only the port asked is looked at",
    )
    yield Row(
        "A second vantage inside a VPC / the same",
        found["inside"],
        "x",
        0.1,
        "two sources: the private address, and the public one behind which balancers' clients from here are seen",
    )


def policy_scanner(folder: Path, count: int) -> Iterator[Row]:
    """checkov beside `iacdrift expect` on a plan of 1,000 resources; both as whole processes."""
    checkov = _checkov()
    if checkov is None:
        yield Row("checkov 3.3 / `iacdrift expect`, 1,000 resources", float("nan"), "skipped", None, "checkov couldn't be installed here")
        return
    path = folder / "plan-1000.json"
    task("make_plan", "1000", path)
    argv = (checkov, "--file", path, "--framework", "terraform_plan", "--quiet", "--compact", "--output", "json", "--skip-download")

    def once() -> dict[str, float]:
        theirs, ours = run(argv), _ours("expect", "--from", str(path), "--vantage", "internet", "--format", "json")
        assert theirs.output.strip(), "checkov printed nothing"
        return {"time": theirs.seconds / ours.seconds, "memory": theirs.megabytes / ours.megabytes}

    found = rounds(count, once)
    yield Row("checkov 3.3 / `iacdrift expect`, plan of 1,000 resources, time", found["time"], "x", None, "a policy scanner, for scale")
    yield Row("… peak memory", found["memory"], "x")


def _checkov() -> Path | str | None:
    """The policy scanner, installed once beside this checkout's temporary files; never into its environment."""
    named = os.environ.get("IACDRIFT_BENCH_CHECKOV") or shutil.which("checkov")
    if named:
        return named
    home = Path(tempfile.gettempdir()) / "iacdrift-benchmarks" / "checkov"
    found = home / "bin" / "checkov"
    if not found.exists():
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", "checkov>=3.3,<3.4"], check=False)
    return found if found.exists() else None


def _ours(*arguments: str) -> Taken:
    taken = run((*_IACDRIFT, *arguments))
    assert taken.code in (0, 1, 3), f"iacdrift {arguments[0]} ended with {taken.code}"
    return taken


def start_up(folder: Path, count: int) -> Iterator[Row]:
    """What an import costs on top of the interpreter, and a whole `expect` of a small state, without its `.tf` files and with them."""
    lonely = folder / SMALL_STATE.name
    lonely.write_bytes(SMALL_STATE.read_bytes())

    def once() -> dict[str, float]:
        bare, imported = run((sys.executable, "-c", "")), run((sys.executable, "-c", "import iacdrift"))
        with_code = _ours("expect", "--from", str(SMALL_STATE), "--vantage", "internet")
        alone = _ours("expect", "--from", str(lonely), "--vantage", "internet")
        return {"import": (imported.seconds - bare.seconds) * 1000, "expect": alone.seconds, "with code": with_code.seconds}

    found = rounds(count, once)
    yield Row("`import iacdrift` on top of the interpreter", found["import"], "ms", 100)
    yield Row("`iacdrift expect` of a small state, the whole process", found["expect"], "s", 0.5)
    yield Row(
        "… with its `.tf` files beside it",
        found["with code"],
        "s",
        0.5,
        "a state asks its code for lines, which needs no parser",
    )


_ESTATES = {
    "alike": "hosts that look alike",
    "estate": "an estate of forty roles, with versions and TTLs of each host's own",
    "mixed": "the worst: ports, versions and TTLs at random, and fifty ports of each host that the XML says nothing about",
}


def large_diff(folder: Path, count: int, hosts: int) -> Iterator[Row]:
    """`iacdrift diff` beside `ndiff` on the same two files of Nmap's; both as whole processes."""
    ndiff = shutil.which("ndiff")
    if ndiff is None:
        yield Row("`iacdrift diff` / `ndiff`", float("nan"), "skipped", None, "ndiff isn't installed")
        return
    for kind, shown in _ESTATES.items():
        made = folder / kind
        made.mkdir()
        task("make_scans", str(hosts), made, kind)
        found = rounds(count, partial(_diffed, made, ndiff))
        size = f"{hosts:,} hosts x 10 ports, {(made / 'first.xml').stat().st_size / 1e6:.0f} MB a file"
        aside = f"{size}; ours also reads {hosts:,} expectations and judges, and keeps no history (--no-history)"
        yield Row(f"`iacdrift diff` of two XML files / `ndiff` of the same two, {shown}, time", found["time"], "x", 1.0, aside)
        yield Row("… peak memory", found["memory"], "x", 1.0)
        yield Row("`iacdrift diff` of the second file against the code / `ndiff` of the two, time", found["single"], "x", 1.0)
        yield Row("… peak memory", found["single memory"], "x", 1.0)


def _diffed(folder: Path, ndiff: str) -> dict[str, float]:
    """One round: theirs, ours of both files, ours of the second."""
    first, second = folder / "first.xml", folder / "second.xml"
    common = (
        "diff",
        "--no-history",
        "--from",
        str(folder / "expectations.json"),
        "--vantage",
        "internet",
        "--format",
        "json",
        "--nmap-xml",
        str(second),
    )
    theirs = run((ndiff, first, second))
    ours = _ours(*common, "--nmap-xml", str(first))
    single = _ours(*common)
    return {
        "time": ours.seconds / theirs.seconds,
        "memory": ours.megabytes / theirs.megabytes,
        "single": single.seconds / theirs.seconds,
        "single memory": single.megabytes / theirs.megabytes,
    }
