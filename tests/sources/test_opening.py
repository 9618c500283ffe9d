import io
import os
import shutil
import sys
from pathlib import Path

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.kinds import READERS, reader
from iacdrift.sources.read import read_sources
from tests.sources.places import EDGE, SOURCES, SYNTH, WEB, read


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("other/empty.json", "is empty"),
        ("other/blank.json", "is empty"),
        ("other/list.json", "holds a JSON array"),
        ("other/package.json", "neither a state nor a plan"),
        ("other/junk.bin", "not JSON"),
        ("other/nul.bin", "not JSON"),
        ("other/truncated.json", "not valid JSON .line 1, column .*is it complete"),
        ("other/deep.json", "nested too deeply"),
        ("other/archive.gz", "compressed with gzip"),
        ("other/archive.zip", "zip archive, but no plan"),
        ("other/nothing-here.json", "doesn't exist"),
    ],
)
def test_what_is_no_source_is_one_clear_sentence(name, sentence):
    with pytest.raises(SourceError, match=sentence) as raised:
        read(name)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_code_is_told_from_a_source():
    with pytest.raises(SourceError, match="tf:DIR"):
        read(EDGE / "main.tf")


def test_no_source_at_all():
    with pytest.raises(SourceError, match="--from"):
        read_sources([])


def test_a_prefix_forces_the_kind():
    assert read(f"tfstate:{EDGE / 'terraform.tfstate'}").sources[0].kind == "tfstate"
    with pytest.raises(SourceError, match="plan"):
        read(f"plan:{EDGE / 'terraform.tfstate'}")
    with pytest.raises(SourceError, match="no CDKTF synth"):
        read(f"cdktf:{EDGE / 'terraform.tfstate'}")
    with pytest.raises(SourceError, match="names no file"):
        read("tfstate:")


def test_a_wrong_kind_is_told():
    with pytest.raises(SourceError, match="was given as eni:, but its content is something else"):
        read(f"eni:{EDGE / 'terraform.tfstate'}")


def test_an_unknown_kind_lists_the_known_ones():
    with pytest.raises(SourceError, match="known kinds: plan, cdktf"):
        reader("helm")


def test_every_reader_of_the_registry_is_there():
    for kind in READERS:
        assert callable(reader(kind).read)
        assert callable(reader(kind).recognises)


class Stdin:
    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)

    def isatty(self) -> bool:
        return False


def test_standard_input_is_read_once(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Stdin((EDGE / "terraform.tfstate").read_bytes()))
    inventory = read_sources(["-"])
    assert len(inventory.resources) == 38
    assert inventory.sources[0].path == "-"
    with pytest.raises(SourceError, match="given twice"):
        read_sources(["-", "tfstate:-"])


def test_a_directory_gives_its_states_and_never_its_plans(tmp_path):
    for name in ("terraform.tfstate", "create-plan.json"):
        shutil.copy(EDGE / name, tmp_path / name)
    shutil.copy(EDGE / "terraform.tfstate", tmp_path / "terraform.tfstate.backup")
    inventory = read(tmp_path)
    assert [info.path for info in inventory.sources] == [str(tmp_path / "terraform.tfstate")]
    assert inventory.notes == (f"{tmp_path}: read terraform.tfstate",)


def test_a_directory_gives_its_synth(tmp_path):
    shutil.copytree(SYNTH, tmp_path / "cdktf.out")
    inventory = read(tmp_path)
    assert inventory.sources[0].kind == "cdktf"
    assert any("cdktf.out/manifest.json" in note for note in inventory.notes)


def test_a_directory_with_neither_names_what_it_holds(tmp_path):
    with pytest.raises(SourceError, match="it is empty"):
        read(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(SourceError, match=r"if plan\.json is the source, name it"):
        read(tmp_path)
    (tmp_path / "main.tf").write_text("")
    with pytest.raises(SourceError, match="give tf:"):
        read(tmp_path)


def test_the_manifest_of_a_web_page_is_no_synth(tmp_path):
    (tmp_path / "manifest.json").write_text('{"name": "page"}')
    with pytest.raises(SourceError, match="neither"):
        read(tmp_path)


def test_a_directory_that_may_not_be_read_says_so(monkeypatch, tmp_path):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(SourceError, match="Permission denied"):
        read(tmp_path)


def test_a_file_that_may_not_be_read_says_so(monkeypatch, tmp_path):
    path = tmp_path / "a.tfstate"
    path.write_text("{}")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SourceError, match="Permission denied"):
        read(path)


def test_a_pipe_or_device_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="no regular file"):
        read(tmp_path / "pipe")


def test_the_commit_is_read_without_git(tmp_path):
    commit = "0123456789abcdef0123456789abcdef01234567"
    (tmp_path / ".git/refs/heads").mkdir(parents=True)
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git/refs/heads/main").write_text(commit + "\n")
    (tmp_path / "infra").mkdir()
    shutil.copy(WEB / "terraform.tfstate", tmp_path / "infra")
    assert read(tmp_path / "infra").sources[0].commit == commit
    (tmp_path / ".git/refs/heads/main").unlink()
    (tmp_path / ".git/packed-refs").write_text(f"# pack-refs with: peeled\n{commit} refs/heads/main\n")
    assert read(tmp_path / "infra").sources[0].commit == commit
    (tmp_path / ".git/HEAD").write_text("junk")
    assert read(tmp_path / "infra").sources[0].commit is None


def test_a_binary_plan_without_terraform_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match=r"needs terraform or tofu on PATH.*terraform show -json"):
        read("plans/binary.tfplan")
    with pytest.raises(SourceError, match="needs terraform or tofu on PATH"):
        read(f"tf:{EDGE}")


def test_tf_needs_a_directory():
    with pytest.raises(SourceError, match="no directory"):
        read(f"tf:{SOURCES / 'nowhere'}")
