"""What a real Terraform says where nothing may be sent or nothing can be known: one clear sentence, and never in sync."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.listeners import counted
from tests.terraform.root import DATA, HEAD, ROOT, Root

EXPECT = 'expect {{\n    host = "{host}"\n    open = ["{port}/tcp"]\n  }}'
POSTCONDITION = """
  lifecycle {
    postcondition {
      condition     = self.passed
      error_message = self.report
    }
  }
"""
KNOWN = "a value of `after` that is known before the apply would let every plan send packets: write `after = timestamp()`"


@pytest.mark.parametrize("after", ["plantimestamp()", '"2099-01-01T00:00:00Z"', '"2020-01-01T00:00:00Z"'])
def test_what_is_known_in_a_plan_is_refused_before_a_packet_is_sent(after: str, root: Callable[..., Root]) -> None:
    with counted("127.77.6.2") as listener:
        inputs = EXPECT.format(host=listener.address, port=listener.port)
        made = root(HEAD + DATA.format(inputs=inputs).replace("timestamp()", after))
        ran = made.plan()
    assert ran.code == 1
    assert KNOWN in ran.flat
    assert listener.connections == 0


def test_a_resource_of_the_state_is_no_time_of_the_apply(root: Callable[..., Root]) -> None:
    """Its value is unknown in the plan that creates it, and known in every later one: what passes once must not scan then."""
    with counted("127.77.6.2") as listener:
        kept = 'resource "terraform_data" "then" {\n  input = timestamp()\n  lifecycle {\n    ignore_changes = [input]\n  }\n}\n'
        inputs = EXPECT.format(host=listener.address, port=listener.port)
        made = root(HEAD + kept)
        assert made.apply().code == 0
        (made.folder / "main.tf").write_text(HEAD + kept + DATA.format(inputs=inputs).replace("timestamp()", "terraform_data.then.output"))
        ran = made.plan()
    assert ran.code == 1
    assert KNOWN in ran.flat
    assert listener.connections == 0


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ("", "nothing says what is declared: give source, resources or expect blocks"),
        ('ports = "443-22"\n  source = "state.json"', "443-22"),
        ('vantage = "the moon"\n  source = "state.json"', "--vantage"),
        ('fail_on = "often"\n  source = "state.json"', "--fail-on 'often'"),
        ('expect {\n    host = "192.0.2.1"\n    open = ["443"]\n  }', "'443' is no port"),
        ('expect {\n    host = var.host\n    open = ["99999/tcp"]\n  }', "'99999/tcp' is no port"),
        ('plan = "plan.json"\n  source = "state.json"', "plan goes with resources"),
    ],
)
def test_what_has_no_meaning_is_found_out_before_anything_is_applied(inputs: str, sentence: str, root: Callable[..., Root]) -> None:
    text = DATA.format(inputs=inputs)
    if "vantage" in inputs:
        text = text.replace('  vantage   = "internet"\n', "")
    ran = root(HEAD + 'variable "host" {}\n' + text).run("validate", "-no-color")
    assert ran.code == 1
    assert "Invalid iacdrift_network" in ran.text
    assert sentence in ran.flat


def test_what_isnt_known_yet_is_no_mistake(root: Callable[..., Root]) -> None:
    dynamic = 'dynamic "expect" {\n    for_each = var.hosts\n    content {\n      host = expect.value\n      open = ["443/tcp"]\n    }\n  }'
    partly = "ports = var.ports\n  settle = var.settle\n  scope = [var.ports]\n  " + dynamic
    variables = "".join(f'variable "{name}" {{}}\n' for name in ("hosts", "ports", "settle"))
    root(HEAD + variables + DATA.format(inputs=partly)).must("validate", "-no-color")


def test_a_source_that_cant_be_read_is_an_error_and_with_warn_a_warning(root: Callable[..., Root]) -> None:
    text = HEAD + DATA.format(inputs='source = "missing.json"' + POSTCONDITION)
    verdict = 'output "verdict" {\n  value = "${data.iacdrift_network.shop.verdict} ${data.iacdrift_network.shop.in_sync}"\n}\n'
    made = root(text + verdict)
    failed = made.apply()
    assert failed.code == 1
    assert "Error: There is no verdict on the network" in failed.text
    assert "missing.json doesn't exist" in failed.flat
    forgiven = made.apply(env={"IACDRIFT_ENFORCE": "warn"})
    assert forgiven.code == 0, forgiven.text
    assert "Warning: IACDRIFT_ENFORCE=warn: the apply goes on" in forgiven.text
    assert 'verdict = "none false"' in forgiven.text
    mistyped = made.apply(env={"IACDRIFT_ENFORCE": "warning"})
    assert mistyped.code == 1
    assert "IACDRIFT_ENFORCE=warning in the environment: it is error or warn" in mistyped.flat


def test_what_isnt_learnt_is_incomplete_and_fails_the_postcondition(root: Callable[..., Root]) -> None:
    """No code tells what the handed over group sets, and there is no host: no packet, no verdict but this one."""
    handed = 'resources = jsonencode({ "aws_security_group.web" = { id = "sg-1", ingress = [] } })'
    verdict = 'output "verdict" {\n  value = data.iacdrift_network.shop.verdict\n}\n'
    made = root(HEAD + DATA.format(inputs=handed + POSTCONDITION) + verdict)
    failed = made.apply()
    assert failed.code == 1
    assert "no drift seen, but the scan is incomplete" in failed.flat
    assert "aws_security_group.web: its block isn't in the code of" in failed.flat


def test_home_that_cant_be_written_is_no_hindrance(root: Callable[..., Root]) -> None:
    made = root(HEAD + DATA.format(inputs='source = "missing.json"'))
    ran = made.run("plan", "-no-color", "-detailed-exitcode", env={"HOME": "/dev/null"})
    assert ran.code == 2, ran.text


def test_without_any_directory_for_the_certificate_one_sentence_says_so() -> None:
    script = (
        "import tempfile; tempfile.tempdir = '/nonexistent'\n"
        "from iacdrift.terraform_provider.serving import serve\nraise SystemExit(serve(['provider']))"
    )
    ran = started("-c", script, HOME="/dev/null", PLUGIN_PROTOCOL_VERSIONS="5,6")
    assert ran.returncode == 1
    assert ran.stdout.startswith("iacdrift: the provider needs a directory for its certificate and its socket, and finds none: ")
    assert ran.stderr == ""


def test_an_older_terraform_is_told_so_where_its_user_sees_it(root: Callable[..., Root]) -> None:
    """A real Terraform whose list of protocols is taken away: it shows what it can't make sense of."""
    made = root(HEAD + DATA.format(inputs='source = "missing.json"'))
    old = made.folder / "old"
    old.mkdir()
    executable = old / "terraform-provider-iacdrift"
    executable.write_text(f"#!/bin/sh\nPLUGIN_PROTOCOL_VERSIONS=4,5 exec {sys.executable} -m iacdrift.terraform_provider\n")
    executable.chmod(0o755)
    overridden = made.folder / "old.rc"
    overridden.write_text(f'provider_installation {{\n  dev_overrides {{\n    "iacdrift/iacdrift" = "{old}"\n  }}\n  direct {{}}\n}}\n')
    ran = Root(made.folder, overridden, made.terraform).run("plan", "-no-color")
    assert ran.code == 1
    assert "iacdrift: this provider speaks protocol 6, this Terraform only 4,5: it is too old, take 1.2 or newer" in ran.flat


def test_started_by_hand_it_says_what_it_is() -> None:
    ran = started("-m", "iacdrift.terraform_provider")
    assert ran.returncode == 1
    assert ran.stdout == "iacdrift: this is a Terraform provider, which Terraform itself starts: iacdrift terraform install says how\n"
    assert ran.stderr == ""


def test_a_start_imports_nothing_of_the_pipeline() -> None:
    """Terraform starts the provider several times in one command."""
    ran = started("-c", "import sys, iacdrift.terraform_provider.serving\nprint('\\n'.join(sys.modules))")
    loaded = ran.stdout.split()
    assert "iacdrift.terraform_provider.network" in loaded
    heavy = (
        "iacdrift.scan",
        "iacdrift.sources",
        "iacdrift.providers",
        "iacdrift.drift",
        "iacdrift.assertion",
        "nmap",
        "hcl2",
        "click",
        "rich",
    )
    assert not [name for name in loaded if name.startswith(heavy)]


def started(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The provider's Python without a Terraform around it."""
    return subprocess.run(
        [sys.executable, *words],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(Path.home()), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
