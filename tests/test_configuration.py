"""Command line before environment before file; unknown keys are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from iacdrift.cli import cli
from iacdrift.cli_options import key_shapes
from iacdrift.configuration import read_configuration
from iacdrift.errors import UsageError
from tests.command import iacdrift, refused

SHAPES = key_shapes(list(cli.all_commands().values()))


def read(directory: Path, text: str, name: str = "iacdrift.toml") -> dict[str, object]:
    (directory / name).write_text(text)
    return dict(read_configuration(None, lambda: SHAPES, directory).values)


def test_keys_are_the_long_names_with_dashes_or_underscores(tmp_path: Path) -> None:
    found = read(tmp_path, 'from = "plan.json"\nfail-on = "high"\nscan_type = "syn"\nstrict = true\nrate = 50\nscope = ["10.0.0.0/8"]')
    assert found == {"sources": ["plan.json"], "fail_on": "high", "scan_type": "syn", "strict": True, "rate": 50, "scope": ["10.0.0.0/8"]}


def test_pyproject_holds_the_same_in_its_own_table(tmp_path: Path) -> None:
    assert read(tmp_path, '[tool.iacdrift]\nports = "all"', "pyproject.toml") == {"ports": "all"}


def test_a_pyproject_without_the_table_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"')
    assert read_configuration(None, lambda: SHAPES, tmp_path).path is None


def test_iacdrift_toml_goes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.iacdrift]\nports = "all"')
    assert read(tmp_path, 'ports = "declared"') == {"ports": "declared"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prots = 1", "unknown key 'prots'; is 'ports' meant?"),
        ("zzzz = 1", "unknown key 'zzzz'; known are"),
        ("strict = 'yes'", "strict must be true or false"),
        ("ports = [1]", "ports must be one value"),
        ("scope = [[1]]", "scope must be a value or a list of values"),
        ("rate = true", "rate must be one value"),
        ("config = 'x'", "unknown key 'config'"),
        ("= 1", "is no TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence.replace("?", r"\?")):
        read(tmp_path, text)


def rate_refused(*words: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    """--rate is checked before the source is opened, so its refusal tells which of them won."""
    return refused(iacdrift("plan-scan", "--from", "nothing.json", *words, cwd=cwd, env=env))


def test_the_file_then_the_environment_then_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text('rate = "file"')
    assert "'file'" in rate_refused(cwd=tmp_path)
    assert str(tmp_path / "iacdrift.toml") in rate_refused(cwd=tmp_path)
    environment = {"IACDRIFT_RATE": "environment"}
    assert "'environment'" in rate_refused(cwd=tmp_path, env=environment)
    assert "IACDRIFT_RATE" in rate_refused(cwd=tmp_path, env=environment)
    assert "'typed'" in rate_refused("--rate", "typed", cwd=tmp_path, env=environment)


def test_config_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('rate = "mine"')
    assert "'mine'" in rate_refused("--config", "mine.toml", cwd=tmp_path)
    assert "'mine'" in rate_refused(cwd=tmp_path, env={"IACDRIFT_CONFIG": "mine.toml"})
    assert "gone.toml can't be read" in rate_refused("--config", "gone.toml", cwd=tmp_path)


def test_an_unknown_key_ends_the_real_command(tmp_path: Path) -> None:
    (tmp_path / "iacdrift.toml").write_text("fial-on = 'high'")
    assert "unknown key 'fial-on'; is 'fail-on' meant?" in refused(iacdrift("check", "--from", "x.json", cwd=tmp_path))


def test_terraform_exit_codes_hold_for_errors_too(tmp_path: Path) -> None:
    refused(iacdrift("check", "--terraform-exit-codes", "--from", "nothing.json", cwd=tmp_path), code=1)
    refused(iacdrift("check", "--from", "nothing.json", cwd=tmp_path, env={"IACDRIFT_TERRAFORM_EXIT_CODES": "1"}), code=1)
    (tmp_path / "iacdrift.toml").write_text("terraform-exit-codes = true")
    refused(iacdrift("check", "--from", "nothing.json", cwd=tmp_path), code=1)


def test_a_misspelt_variable_is_remarked(tmp_path: Path) -> None:
    ran = iacdrift("check", "--from", "nothing.json", cwd=tmp_path, env={"IACDRIFT_FIAL_ON": "high", "IACDRIFT_ELSEWHERE": "1"})
    assert ran.sentences[0] == "iacdrift: IACDRIFT_FIAL_ON in the environment is no option; is IACDRIFT_FAIL_ON meant?"
    assert len(ran.sentences) == 2


@pytest.mark.parametrize("command", sorted(set(cli.all_commands()) - {"completion"}))
def test_every_option_has_an_environment_variable_of_its_name(command: str) -> None:
    for param in cli.all_commands()[command].params:
        if param.param_type_name == "option":
            long = next(name for name in param.opts if name.startswith("--"))
            assert param.envvar == "IACDRIFT_" + long[2:].upper().replace("-", "_")
