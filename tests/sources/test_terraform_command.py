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
    done = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
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
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" { nonsense = 1 }\n')
    terraform_init = subprocess.run(["terraform", "init"], cwd=tmp_path, capture_output=True, timeout=120)
    assert terraform_init.returncode == 0
    with pytest.raises(SourceError, match="terraform plan failed: Unsupported argument"):
        read(f"tf:{tmp_path}")


def test_a_plan_that_fails_in_a_postcondition_is_incomplete(tmp_path):
    (tmp_path / "main.tf").write_text(
        """
        resource "terraform_data" "a" { input = "x" }
        data "terraform_remote_state" "s" {
          backend = "local"
          config  = { path = "missing.tfstate" }
          defaults = { x = 1 }
        }
        resource "terraform_data" "b" {
          input = "y"
          lifecycle {
            precondition {
              condition     = false
              error_message = "no"
            }
          }
        }
        """
    )
    terraform(tmp_path, "init", "-input=false")
    try:
        inventory = read(f"tf:{tmp_path}")
    except SourceError as error:
        assert "terraform plan failed" in str(error)
    else:
        assert any("errored: true" in gap for gap in inventory.gaps)


def test_a_plan_that_terraform_cannot_read_is_an_error():
    with pytest.raises(SourceError, match="show -json failed.*--code"):
        read(SOURCES / "plans" / "binary.tfplan")
