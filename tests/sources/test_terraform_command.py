import os
import subprocess

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.resource import Action, Origin, Reference
from tests.needs import needs
from tests.sources.places import SOURCES, by_address, read

pytestmark = needs("terraform")

MAIN = """
variable "names" { default = ["x", "y"] }
resource "terraform_data" "a" {
  count = 2
  input = var.names[count.index]
}
resource "terraform_data" "b" {
  input = terraform_data.a[1].id
}
output "edge" {
  value = { schema = "iacdrift/expectation/1", host = "198.51.100.7", open = ["443/tcp"] }
}
"""


def terraform(folder, *arguments):
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    done = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def root(tmp_path):
    (tmp_path / "main.tf").write_text(MAIN)
    terraform(tmp_path, "init", "-input=false")
    return tmp_path


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_root_directory_is_planned_and_nothing_is_changed(root):
    before = files(root)
    inventory = read(f"tf:{root}")
    assert files(root) == before
    found = by_address(inventory)
    assert found["terraform_data.b"].declared["input"] == Reference("terraform_data.a[1]", "id")
    assert found["terraform_data.b"].provenance.at == "main.tf:7"
    assert found["terraform_data.a[0]"].action is Action.CREATE
    assert found["expectation.edge"].declared["host"] == "198.51.100.7"
    assert inventory.sources[0].kind == "plan"
    assert inventory.sources[0].path == f"tf:{root}"


def test_a_binary_plan_is_shown_in_its_directory(root):
    terraform(root, "plan", "-out=tfplan", "-input=false")
    found = by_address(read(root / "tfplan"))
    assert found["terraform_data.a[0]"].declared["input"] == "x"


def test_after_apply_state_plan_and_directory_agree(root):
    terraform(root, "apply", "-auto-approve", "-input=false")
    state = by_address(read(root))
    planned = by_address(read(f"tf:{root}"))
    assert state.keys() == planned.keys()
    assert planned["terraform_data.b"].declared["input"] == state["terraform_data.a[1]"].recorded["id"]
    assert planned["terraform_data.b"].action is Action.KEEP
    assert planned["terraform_data.b"].origin is Origin.CODE
    assert planned["terraform_data.b"].recorded["id"] == state["terraform_data.b"].recorded["id"]
    joined = by_address(read(root, f"tf:{root}"))
    assert joined.keys() == state.keys()


def test_a_failing_plan_tells_terraforms_own_words(tmp_path):
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    terraform(tmp_path, "init", "-input=false")
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" { nonsense = 1 }\n')
    with pytest.raises(SourceError, match="terraform plan failed: Unsupported argument"):
        read(f"tf:{tmp_path}")


FAILING = """
resource "terraform_data" "a" { input = "x" }
resource "terraform_data" "b" {
  lifecycle {
    precondition {
      condition     = terraform_data.a.input != "x"
      error_message = "no"
    }
  }
}
"""


def test_a_plan_whose_condition_fails_is_read_and_incomplete(tmp_path):
    (tmp_path / "main.tf").write_text(FAILING)
    terraform(tmp_path, "init", "-input=false")
    inventory = read(f"tf:{tmp_path}")
    assert "terraform_data.a" in by_address(inventory)
    assert any("errored: true" in gap for gap in inventory.gaps)


def test_a_plan_that_terraform_cannot_read_is_an_error():
    with pytest.raises(SourceError, match=r"show -json failed.*--code"):
        read(SOURCES / "plans" / "binary.tfplan")
