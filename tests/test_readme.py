"""What README and docs show is run, and says what they show."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from iacdrift.demo.sample import SHIPPED
from tests.command import ROOT, iacdrift
from tests.needs import needs
from tests.shop import Shop

pytestmark = [pytest.mark.live, needs("root"), needs("nmap")]

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODES = {"check": 1, "diff": 1}


def blocks(name: str, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall((ROOT / name).read_text()) if found == language]


def examples(name: str) -> list[tuple[str, list[str]]]:
    """Every `$ iacdrift …` of the console blocks, with the lines of output under it."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(name, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
    return [(command, lines) for command, lines in found if command.startswith("iacdrift ")]


def shown(shop: Shop, text: str) -> str:
    """The text as the docs have it, whatever loopback addresses were free."""
    for shipped, own in zip(SHIPPED, (shop.sample.web, shop.sample.api), strict=True):
        text = text.replace(own, shipped)
    return text


def follows(lines: list[str], output: list[str]) -> str | None:
    """The first line that the output doesn't hold behind the ones before it; `…` leaves lines out."""
    rest = iter(output)
    for line in lines:
        if line.strip() != "…" and line not in rest:
            return line
    return None


def run(shop: Shop, command: str) -> tuple[int, list[str]]:
    words = shlex.split(command, comments=True)[1:]
    for shipped, own in zip(SHIPPED, (shop.sample.web, shop.sample.api), strict=True):
        words = [word.replace(shipped, own).replace("127.44.0.0/24", f"{own.rsplit('.', 1)[0]}.0/24") for word in words]
    if "scan.xml" in words:
        ports = ["-p", "6379,18080-18090,18443", "-oX", "scan.xml"]
        subprocess.run(["nmap", "-n", "-Pn", *ports, shop.sample.web, shop.sample.api], cwd=shop.directory, check=True, capture_output=True)
    ran = iacdrift(*words, cwd=shop.directory)
    assert "Traceback" not in ran.err
    return ran.code, shown(shop, ran.out).splitlines()


@pytest.mark.parametrize("name", ["README.md", "docs/reading-a-report.md"])
def test_the_commands_say_what_is_shown(shop: Shop, name: str) -> None:
    assert examples(name)
    for command, lines in examples(name):
        code, output = run(shop, command)
        assert code == CODES.get(command.split()[1], 0), (command, output)
        missing = follows(lines, output)
        assert missing is None, f"{command} doesn't print {missing!r}; it prints:\n" + "\n".join(output)


def test_the_pytest_example_fails_with_the_counterexample_that_is_shown(shop: Shop) -> None:
    (program,) = blocks("README.md", "python")
    (text,) = blocks("README.md", "text")
    (shop.directory / "test_shown.py").write_text(program)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(shop.directory), "test_shown.py"]
    done = subprocess.run(words, cwd=shop.directory, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    output = [re.sub(r"^E\s+(iacdrift\.errors\.NetworkDriftError: )?", "", line).strip() for line in shown(shop, done.stdout).splitlines()]
    missing = follows([line.strip() for line in text.splitlines()], output)
    assert missing is None, f"{missing!r} isn't in\n{done.stdout}"
    # __tracebackhide__: the failure points at the test's own line and at nothing of ours.
    assert "assertion.py" not in done.stdout


def test_a_line_that_isnt_printed_is_noticed() -> None:
    assert follows(["a", "…", "c"], ["a", "b", "c"]) is None
    assert follows(["c", "a"], ["a", "b", "c"]) == "a"
    assert follows(["d"], ["a"]) == "d"


def test_the_first_screen_shows_the_main_job() -> None:
    first = (ROOT / "README.md").read_text().splitlines()[:20]
    assert any("make demo" in line for line in first)
    assert any("make test" in line for line in first)
    assert any("exposed" in line for line in first)


@pytest.mark.parametrize("name", ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))])
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / name).read_text()):
        assert ((ROOT / name).parent / target).exists(), target


def test_docs_are_here() -> None:
    assert (Path(ROOT) / "docs" / "decisions").is_dir()
