"""`iacdrift ignore` writes what `check` and `diff` then heed, and leaves the file otherwise as it was."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.command import iacdrift, refused
from tests.stored import PLAN, scanned

WORDS = ("--reason", "debug port", "--owner", "ann", "--until", "2099-01-31")
FILE = """# options of the shop
family = "4" # no IPv6 yet

[[ignore]] # by hand
kind = "undeclared_host"
reason = "known"
owner = "ops"
until = 2098-12-31
"""


def test_an_exception_is_written_with_comments_kept_and_takes_the_finding_out(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text(FILE)
    xml = scanned(tmp_path, open_ports=[8080])
    first = iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, "--format", "json", "--no-history", cwd=tmp_path)
    assert first.code == 1, first.err
    [finding] = [item["id"] for item in json.loads(first.out)["findings"] if item["kind"] == "exposed"]
    assert iacdrift("ignore", finding, *WORDS, cwd=tmp_path).code == 0
    text = (tmp_path / "iacdrift.toml").read_text()
    assert text.startswith(FILE)
    assert tomllib.loads(text)["ignore"][1]["finding"] == finding
    second = iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, "--format", "json", "--no-history", cwd=tmp_path)
    told = json.loads(second.out)
    assert [item["id"] for item in told["ignored"]] == [finding]
    assert finding not in [item["id"] for item in told["findings"]]
    assert any("undeclared_host" in note and "matches no finding" in note for note in told["notes"])
    text = iacdrift("diff", "--from", PLAN, "--nmap-xml", xml, "--no-history", cwd=tmp_path).out
    assert "1 more ignored" in text
    assert "until 2099-01-31 (ann: debug port)" in text


def test_in_a_pyproject_it_goes_where_the_options_are(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop" # ours\n\n[tool.iacdrift]\nfamily = "4"\n\n[tool.other]\nx = 1\n')
    assert iacdrift("ignore", "--port", "22", *WORDS, cwd=tmp_path).code == 0
    text = (tmp_path / "pyproject.toml").read_text()
    assert "# ours" in text
    assert tomllib.loads(text)["tool"]["iacdrift"]["ignore"][0]["port"] == "22"
    assert not (tmp_path / "iacdrift.toml").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("x", *WORDS[:4], "--until", "2099-13-01"), "no date"),
        (("x", *WORDS[:4], "--until", "2020-01-01"), "over already"),
        (("x", *WORDS[:4]), "until is missing"),
        (("x", *WORDS[2:]), "reason is missing"),
        (("x", *WORDS[:2], *WORDS[4:]), "owner is missing"),
        (WORDS, "nothing says what to ignore"),
    ],
)
def test_a_wrong_one_is_one_sentence_and_writes_nothing(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(iacdrift("ignore", *words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_bad_one_in_the_file_ends_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text('[[ignore]]\nport = 22\nreason = "x"\nowner = "y"\nuntil = "soon"\n')
    assert "until is 'soon'" in refused(iacdrift("check", "--from", "nothing.json", cwd=tmp_path))
