"""Neither library is imported before it is used, and what is missing is said in one sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from iacdrift.cdktf import NetworkDriftCheck, add_runtime_assertion, surface_of
from iacdrift.errors import SourceError, UsageError
from iacdrift.surface.exposure import TCP, UDP, Justification, Unjudged, asked_ports, undecided
from tests.cdktf.library import Library
from tests.command import ROOT


def test_importing_the_door_imports_no_framework() -> None:
    code = "import sys, iacdrift.cdktf; print([name for name in ('jsii', 'cdktf', 'cdktn', 'constructs', 'pulumi') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


def test_without_a_library_the_check_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    with pytest.raises(UsageError, match="neither cdktn nor cdktf is installed"):
        NetworkDriftCheck()


def test_without_node_one_sentence_says_so(library: Library) -> None:
    code = "from iacdrift.cdktf import NetworkDriftCheck\nNetworkDriftCheck()"
    ran = library.run("-c", code, env={"PATH": "/nowhere"})
    assert ran.code == 1
    assert f"iacdrift.errors.UsageError: {library.name} runs on Node, and there is no node on PATH" in ran.err


def test_what_is_no_construct_is_refused() -> None:
    with pytest.raises(UsageError, match="str is no construct"):
        add_runtime_assertion("web")


def test_a_text_that_is_no_synth_is_refused() -> None:
    with pytest.raises(SourceError, match=r"Testing\.synth"):
        surface_of("{")


def test_both_doors_share_their_words_and_their_justifications() -> None:
    from iacdrift import policy

    assert policy.EXPOSURE_DEFAULTS["tcp"] == str(TCP)
    assert policy.EXPOSURE_DEFAULTS["udp"] == str(UDP)
    assert policy.undecided is undecided
    assert policy.Justification is Justification
    assert undecided([Unjudged("a", "b")]) == "it couldn't be judged who is admitted, because values aren't known: a: b"
    assert Justification.parse({"resource": "aws_*", "why": "so"}) == Justification("aws_*", "so")
    with pytest.raises(UsageError, match="no set of ports"):
        asked_ports("ssh")
    with pytest.raises(UsageError, match='"why"'):
        Justification.parse({"resource": "aws_*"})


def test_the_assertion_knows_the_provider_s_attributes() -> None:
    pytest.importorskip("tf")
    from iacdrift.cdktf import runtime
    from iacdrift.terraform_provider import schema

    given = {*runtime.LISTS, *runtime.STRINGS, *runtime.PLAIN, "vantage", "settle", "resources", "source", "plan"}
    assert given == set(schema.INPUTS)
