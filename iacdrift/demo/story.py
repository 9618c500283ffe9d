"""What the demo says and does, in order."""

from __future__ import annotations

import contextlib
import json
import subprocess  # noqa: TID251 - the demo runs the real command, as a user would
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from iacdrift.demo.listeners import listening
from iacdrift.demo.namespaces import SAMPLE, SCANNER, environment, namespaces
from iacdrift.demo.sample import SOURCES, Promise, Sample, on_loopback
from iacdrift.errors import ScanError

SHOWN, NOT_SHOWN = 0, 1

_INTRODUCTION = """\
A corner shop on AWS: aws_instance.web and aws_instance.api, their security groups in main.tf, and what
`terraform show -json` says of it in plan.json. expectation.yaml adds what no translator can know.
{stage}

What the code says isn't what the hosts do:
{promises}

$ {command}
"""
_ON_LOOPBACK = "Real listeners stand for its hosts on {web} and {api}, addresses of this machine's loopback; nothing leaves it."
_IN_NAMESPACES = "Network namespaces stand for its hosts, with an nftables filter in front; the scan stands at {scanner}, outside."
_OUTCOME = """
Shown: {shown} of {all}. Everything that the demo started is gone again{kept}.

The same on a stack of your own:
  terraform plan -out=plan.out && terraform show -json plan.out > plan.json
  iacdrift plan-scan --from plan.json          # what would be sent, and to whom
  iacdrift check --from plan.json --scope YOUR-CIDR
"""


@frozen(slots=True)
class Stage:
    """Where the demo plays: the sample, the words in front of the command, and its own options."""

    sample: Sample
    prefix: tuple[str, ...]
    options: tuple[str, ...]
    promises: tuple[Promise, ...]
    text: str


def tell(*, netns: bool, keep: Path | None, color: str = "auto") -> int:
    """Play the demo. SHOWN when every promised finding was in the report, else NOT_SHOWN."""
    with contextlib.ExitStack() as stack:
        directory = keep.absolute() if keep else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="iacdrift-demo-")))
        stage = stack.enter_context(_in_namespaces() if netns else _on_loopback())
        stage.sample.write(directory)
        words = ["check", *(word for source in SOURCES for word in ("--from", source)), *stage.options]
        _say(_introduction(stage, words))
        found = _check(stage, words, directory, color)
    missed = [promise for promise in stage.promises if not _kept(promise, found)]
    for promise in missed:
        _say(f"NOT shown: {promise.story}\n")
    kept = f"; its files are in {directory}" if keep else ""
    _say(_OUTCOME.format(shown=len(stage.promises) - len(missed), all=len(stage.promises), kept=kept))
    return NOT_SHOWN if missed else SHOWN


@contextlib.contextmanager
def _on_loopback() -> Iterator[Stage]:
    sample = on_loopback()
    with listening(tuple(service for services in sample.services().values() for service in services)):
        options = ("--vantage", "internet", "--ports", sample.ports())
        yield Stage(sample, (), options, sample.promises(filtered=False), _ON_LOOPBACK.format(web=sample.web, api=sample.api))


@contextlib.contextmanager
def _in_namespaces() -> Iterator[Stage]:
    with namespaces() as bed:
        prefix = tuple(bed.inside("scanner"))
        options = ("--vantage", SCANNER, "--ports", "common")
        yield Stage(SAMPLE, prefix, options, SAMPLE.promises(filtered=True), _IN_NAMESPACES.format(scanner=SCANNER))


def _introduction(stage: Stage, words: list[str]) -> str:
    promises = "\n".join(f"  - {promise.story}" for promise in stage.promises)
    return _INTRODUCTION.format(stage=stage.text, promises=promises, command=" ".join(["iacdrift", *words]))


def _check(stage: Stage, words: list[str], directory: Path, color: str) -> dict[str, Any]:
    """The real command, in the directory of the sample; its report as JSON."""
    report = directory / "report.json"
    more = ["--color", color, "-o", f"json:{report}"]
    program = [*stage.prefix, sys.executable, "-m", "iacdrift", *words, *more]
    with subprocess.Popen(program, cwd=directory, env=environment(), stdin=subprocess.DEVNULL) as process:
        try:
            process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
    try:
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ScanError("the demo's own check left no report; what it says above is the reason") from None
    return found


def _kept(promise: Promise, report: dict[str, Any]) -> bool:
    from iacdrift.model.ports import PortSet

    return any(
        finding["kind"] == promise.kind.value and finding["address"] == promise.address and promise.port in PortSet.parse(finding["ports"])
        for finding in report["findings"]
    )


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
