"""The tests that need the real libraries in the process, once with each: a file of `inside` is one process of Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cdktf.library import EXAMPLES, INSIDE, NAMES, Library, built
from tests.needs import needs


@pytest.mark.parametrize("file", ["at_synth.py", "in_unit_tests.py", "at_deploy.py"])
def test_with_the_real_library(library: Library, file: str, tmp_path: Path) -> None:
    ran = library.tests(INSIDE / file, cwd=tmp_path, path=(INSIDE, EXAMPLES / "two-stacks"))
    assert ran.code == 0, ran.out + ran.err
    assert "passed" in ran.out


@needs("cdktf")
@needs("cdktn")
def test_where_both_are_installed_the_construct_decides(tmp_path: Path) -> None:
    """Each library's stack is served by its own classes, in one process that has both."""
    first, second = (Library(name, python) for name in NAMES if (python := built(name)))
    (packages,) = second.python.parents[1].glob("lib/python*/site-packages")
    ran = first.run(INSIDE / "both.py", cwd=tmp_path, path=(INSIDE, packages))
    assert ran.code == 0, ran.err
    assert ran.out.split() == ["cdktf:refused", "cdktn:refused", "cdktf:written", "cdktn:written"]
