"""`--from cdktf.out` of a real synth, with the states or outputs of its stacks; sends nothing."""

from __future__ import annotations

import json
import os
import shutil
from atexit import register
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from iacdrift import expected_surface
from iacdrift.errors import SourceError
from iacdrift.surface.expected import ExpectedSurface
from tests.cdktf.library import Library
from tests.cdktf.recorded import NETWORK_OUTPUTS, SERVERS, state, states, web
from tests.command import iacdrift, refused


@cache
def written(library: Library) -> Path:
    """The example's synth, made once for each library."""
    folder = Path(mkdtemp())
    register(shutil.rmtree, folder, ignore_errors=True)
    ran = library.synth("two-stacks", folder)
    assert ran.code == 0, ran.err
    return folder / "cdktf.out"


@pytest.fixture
def synth(library: Library, tmp_path: Path) -> Path:
    """`cdktf.out` of the example, in a directory of the test's own."""
    return shutil.copytree(written(library), tmp_path / "cdktf.out")


def hosts(surface: ExpectedSurface) -> dict[str, tuple[str, str]]:
    """Address -> status and what may answer over TCP."""
    return {str(host.address): (host.status.value, str(host.tcp.allowed)) for host in surface.hosts}


def expect(synth: Path, vantage: str = "internet", **options: Any) -> ExpectedSurface:
    return expected_surface(synth, vantage=vantage, **options)


EVERYBODY = dict.fromkeys(SERVERS, ("present", "443"))


def test_each_stack_is_joined_with_the_state_that_is_given_for_it(synth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "states"
    folder.mkdir()
    given = states(folder, "{}-state.json")
    assert hosts(expect(synth, states=given)) == EVERYBODY
    assert hosts(expect(synth, "203.0.113.9", states=given)) == dict.fromkeys(SERVERS, ("present", "22,443"))


def test_the_states_of_local_backends_are_found_beside_the_synth(synth: Path, tmp_path: Path) -> None:
    states(tmp_path, "terraform.{}.tfstate")
    found = expect(synth)
    assert hosts(found) == EVERYBODY
    assert [note for note in found.notes if "stack web: its state was found in" in note]
    assert hosts(expect(tmp_path)) == EVERYBODY, "the directory above is a source as well"


def test_the_state_is_found_where_the_backend_says(library: Library, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    assert library.synth("two-stacks", home).code == 0
    shutil.move(home / "cdktf.out", elsewhere)
    states(home, "terraform.{}.tfstate")
    assert hosts(expect(elsewhere / "manifest.json")) == EVERYBODY


def test_outputs_tell_addresses_where_there_is_no_state(library: Library, synth: Path, tmp_path: Path) -> None:
    stack = json.loads((synth / "stacks/web/cdk.tf.json").read_text())
    stack["output"] = {f"ip_{n}": {"value": f"${{aws_eip.ip-{n}.public_ip}}"} for n in range(2)}
    (synth / "stacks/web/cdk.tf.json").write_text(json.dumps(stack))
    (tmp_path / "web.json").write_text(json.dumps({f"ip_{n}": {"value": address, "type": "string"} for n, address in enumerate(SERVERS)}))
    # cdktf output --outputs-file writes all stacks, each under its name
    (tmp_path / "network.json").write_text(json.dumps({"network": NETWORK_OUTPUTS}))
    assert hosts(expect(synth, outputs={name: tmp_path / f"{name}.json" for name in ("web", "network")})) == EVERYBODY


def test_the_command_takes_the_same_and_needs_no_node(synth: Path, tmp_path: Path) -> None:
    found = states(tmp_path)
    shutil.move(tmp_path / "web.tfstate", tmp_path / "moved.json")
    path = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "node").exists())
    (tmp_path / "outputs.json").write_text(json.dumps(NETWORK_OUTPUTS))
    given = ("--state", f"web={tmp_path / 'moved.json'}", "--outputs", f"network={tmp_path / 'outputs.json'}")
    found["network"].unlink()
    ran = iacdrift("expect", "--from", synth, "--vantage", "internet", "--format", "json", *given, env={"PATH": path})
    assert ran.code == 0, ran.err
    assert {host["address"]: (host["status"], host["tcp"]["allowed"]) for host in json.loads(ran.out)["hosts"]} == EVERYBODY


def test_the_code_wins_over_a_rule_that_was_refreshed_into_the_state(synth: Path, tmp_path: Path) -> None:
    found = states(tmp_path, "terraform.{}.tfstate")
    held = web()
    held["aws_security_group.web"]["ingress"] = [{"from_port": 8080, "to_port": 8080, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}]
    state(found["web"], held)
    surface = expect(synth)
    assert hosts(surface) == EVERYBODY
    assert surface.declared_from == "configuration"


class TestBadInput:
    def test_a_synth_without_any_state_is_no_verdict_and_says_what_to_give(self, synth: Path) -> None:
        ran = iacdrift("check", "--from", synth, "--vantage", "internet", "--format", "json")
        assert ran.code == 3
        report = json.loads(ran.out)
        assert report["verdict"] == "incomplete"
        assert any("pending" in one["why"] for one in report["undetermined"])
        notes = [note for note in report["notes"] if "there is no state of it" in note]
        assert len(notes) == 2
        assert "give --state web=PATH" in " ".join(notes)

    def test_one_stack_without_a_state_makes_the_verdict_incomplete(self, synth: Path, tmp_path: Path) -> None:
        found = states(tmp_path, "terraform.{}.tfstate")
        found["web"].unlink()
        text = "stack web: there is no state of it, so its addresses aren't known: give --state web=PATH"
        assert text in expect(synth).gaps
        checked = iacdrift("check", "--from", synth, "--vantage", "internet", "--format", "json")
        assert checked.code == 3

    @pytest.mark.parametrize("version", ["1.0.0", "99", 3])
    def test_a_manifest_of_an_unknown_version_proves_nothing(self, synth: Path, tmp_path: Path, version: object) -> None:
        states(tmp_path, "terraform.{}.tfstate")
        manifest = json.loads((synth / "manifest.json").read_text())
        (synth / "manifest.json").write_text(json.dumps(manifest | {"version": version}))
        gaps = expect(synth).gaps
        assert [gap for gap in gaps if f"is of version {version}, and 0.x of CDKTF and CDK Terrain is known" in gap]

    def test_the_version_that_the_library_writes_is_known(self, synth: Path, tmp_path: Path) -> None:
        states(tmp_path, "terraform.{}.tfstate")
        assert expect(synth).gaps == ()

    def test_the_state_of_another_stack_is_refused(self, synth: Path, tmp_path: Path) -> None:
        folder = tmp_path / "states"
        folder.mkdir()
        found = states(folder, "{}-state.json")
        swapped = ("--state", f"network={found['web']}", "--state", f"web={found['network']}")
        text = refused(iacdrift("check", "--from", synth, "--vantage", "internet", *swapped))
        assert "was given for stack network, but holds what stack web declares: give each stack its own" in text

    def test_a_state_whose_file_says_another_stack_is_refused(self, synth: Path, tmp_path: Path) -> None:
        folder = tmp_path / "states"
        folder.mkdir()
        found = states(folder, "terraform.{}.tfstate")
        with pytest.raises(SourceError, match="is the state of stack network by its name, and was given for web"):
            expect(synth, states={"web": found["network"]})

    def test_a_state_of_which_the_stack_declares_nothing_any_more_is_leaving_and_not_refused(self, synth: Path, tmp_path: Path) -> None:
        old = {"aws_instance.old": {"id": "i-0f", "public_ip": "127.44.9.99"}}
        found = states(tmp_path, "terraform.{}.tfstate")
        state(found["web"], old)
        assert hosts(expect(synth))["127.44.9.99"][0] == "leaving"

    def test_a_stack_that_does_not_exist_is_refused_with_the_known_ones(self, synth: Path, tmp_path: Path) -> None:
        path = states(tmp_path)["web"]
        with pytest.raises(SourceError, match="has no stack 'wbe'; its stacks: network, web"):
            expect(synth, states={"wbe": path})

    def test_a_stack_whose_file_is_gone_makes_the_verdict_incomplete(self, synth: Path, tmp_path: Path) -> None:
        states(tmp_path, "terraform.{}.tfstate")
        shutil.rmtree(synth / "stacks" / "network")
        assert any("which isn't there: run cdktf synth again" in gap for gap in expect(synth).gaps)

    def test_a_synth_as_hcl_is_refused(self, library: Library, tmp_path: Path) -> None:
        ran = library.synth("two-stacks", tmp_path, SYNTH_HCL_OUTPUT="true")
        assert ran.code == 0, ran.err
        with pytest.raises(SourceError, match="was synthesised as HCL, which isn't read"):
            expect(tmp_path / "cdktf.out")
