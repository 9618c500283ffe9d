"""`pulumi:DIR` and `--refresh` against a real engine: a preview of the reference program, a refresh after drift, and what goes wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command import Ran, iacdrift, refused
from tests.needs import needs
from tests.pulumi.directory import Directory
from tests.pulumi.engine import listener

DATA = Path(__file__).parents[1] / "data"
FIXTURE = DATA / "pulumi" / "edge-and-bastion"
BASTION = "127.28.65.107"

pytestmark = [needs("pulumi-engine"), needs("pulumi_aws")]


class Program(Directory):
    """The reference program in a directory of its own, its stack as `pulumi up` left it."""

    def run(self, *words: str | Path, **more: str) -> Ran:
        return iacdrift(*words, cwd=self.folder.parent, env=self.environment | more, timeout=240)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    provider = {"pulumi-resource-aws": Path("stub_provider.py")}
    terraform = str(DATA / "terraform" / "edge-and-bastion")
    made = Program.of(FIXTURE, tmp_path_factory.mktemp("outside"), provider, STUB_TERRAFORM=terraform)
    made.must("stack", "init", "dev")
    shutil.copy(FIXTURE / "Pulumi.dev.yaml", made.folder)
    made.must("stack", "import", "--stack", "dev", "--file", "export.json")
    return made


CHECK = ("check", "--vantage", "203.0.113.9", "--only", "*Instance::bastion", "--ports", "18080,18081", "--scan-type", "connect")


def test_the_program_is_asked_what_it_declares(program: Program) -> None:
    ran = program.run("expect", "--from", f"pulumi:{program.folder}?stack=dev", "--vantage", "10.20.0.4", "--format", "json")
    assert ran.code == 0, ran.err
    asked = json.loads(ran.out)
    said = json.loads(iacdrift("expect", "--from", FIXTURE / "preview-clean.json", "--vantage", "10.20.0.4", "--format", "json").out)

    def sets(surface: dict[str, list[dict[str, object]]]) -> dict[str, tuple[object, object]]:
        return {str(host["address"] or host["name"]): (host["tcp"], host["udp"]) for host in surface["hosts"]}

    assert sets(asked) == sets(said)
    assert asked["declared_from"] == "configuration"


def test_a_preview_of_the_program_says_what_its_change_opens(program: Program) -> None:
    """SSH for the whole internet in the program, applied nowhere; the file is put back for the tests behind this one."""
    code = program.folder / "__main__.py"
    kept = code.read_text()
    changed = kept.replace('config.get_object("officeCidrs") or ["203.0.113.0/24", "198.51.100.7/32"]', '["0.0.0.0/0"]')
    assert changed != kept
    words = ("preview", f"pulumi:{program.folder}?stack=dev", "--fail-on-new-exposure", "--format", "json")
    try:
        code.write_text(changed)
        ran = program.run(*words)
    finally:
        code.write_text(kept)
    told = json.loads(ran.out)
    opened = {(one["owner"].rpartition("::")[2], f"{one['protocol']}/{one['ports']}") for one in told["changes"] if one["kind"] == "opened"}
    assert (ran.code, told["new_exposure"]) == (1, True), ran.err
    assert ("bastion", "tcp/22") in opened


@pytest.mark.live
@needs("nmap")
def test_a_directory_with_a_program_is_one_in_sync_and_with_a_second_service_drift(program: Program) -> None:
    ran = program.run(*CHECK, "--from", program.folder)
    assert ran.code == 0, ran.out + ran.err
    with listener(BASTION, 18080):
        ran = program.run(*CHECK, "--from", f"pulumi:{program.folder}?stack=dev")
    assert ran.code == 1, ran.out + ran.err
    assert "18080" in ran.out
    assert "aws:ec2/instance:Instance::bastion" in ran.out


@pytest.mark.live
@needs("nmap")
def test_the_api_is_asked_through_pulumi(program: Program) -> None:
    words = (*CHECK, "--from", f"pulumi:{program.folder}?stack=dev", "--refresh", "--format", "json")
    with listener(BASTION, 18080):
        ran = program.run(*words, STUB_DRIFT="by-content")
    assert ran.code == 1, ran.out + ran.err
    report = json.loads(ran.out)
    (found,) = [found for found in report["findings"] if found["ports"] == "18080"]
    # ssh was opened on this group by hand; of 18080 the API knows nothing
    assert found["cloud_api"]["agrees"] is False
    assert "look at the host" in found["cloud_api"]["detail"]
    assert any("the cloud's API was asked about" in note for note in report["notes"])


def test_what_goes_wrong_is_one_sentence(program: Program) -> None:
    source = f"pulumi:{program.folder}"
    for words, environment, sentence in (
        ([f"{source}?stack=prod"], {}, "no stack of that name"),
        ([f"{source}?stack=dev"], {"PULUMI_CONFIG_PASSPHRASE": "wrong"}, "not the stack's passphrase"),
        ([f"{source}?stack=dev"], {"PATH": "/usr/bin:/bin"}, "needs pulumi on PATH"),
        ([f"{source}?stock=dev"], {}, "only stack=NAME is known"),
        ([f"pulumi:{program.folder.parent}"], {}, "holds no Pulumi.yaml"),
    ):
        assert sentence in refused(program.run("expect", "--from", *words, **environment))


def test_a_pulumi_that_is_too_old_is_named(program: Program, tmp_path: Path) -> None:
    old = tmp_path / "pulumi"
    old.write_text("#!/bin/sh\necho v2.25.0\n")
    old.chmod(0o755)
    ran = program.run("expect", "--from", f"pulumi:{program.folder}", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert "pulumi 2.25.0 is too old for preview --json --show-sames: 3.0.0 or newer is needed" in refused(ran)


def test_a_pulumi_that_is_too_old_to_ask_the_cloud_is_named(program: Program, tmp_path: Path) -> None:
    """A preview can be had of it, a refresh that writes nothing can't."""
    old = tmp_path / "pulumi"
    preview = FIXTURE / "preview-clean.json"
    old.write_text(
        f'#!/bin/sh\ncase "$1" in version) echo v3.90.1;; preview) cat {preview};; *) echo "error: unknown flag" >&2; exit 1;; esac\n'
    )
    old.chmod(0o755)
    words = ("check", "--from", f"pulumi:{program.folder}?stack=dev", "--vantage", "203.0.113.9", "--scope", "127.0.0.0/8", "--refresh")
    ran = program.run(*words, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert "pulumi 3.90.1 is too old for refresh --preview-only: 3.105.0 or newer is needed" in refused(ran)


def test_no_passphrase_at_all(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    kept = {name: value for name, value in program.environment.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
    ran = iacdrift("expect", "--from", f"pulumi:{program.folder}?stack=dev", env=kept)
    assert "need a passphrase" in refused(ran)
