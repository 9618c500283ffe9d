"""An engine that is too old for what a program asks of it: the update fails, and says which version is needed."""

from __future__ import annotations

import pulumi
import pytest

import iacdrift.pulumi as network
from iacdrift.pulumi import hooks
from tests.needs import needs
from tests.pulumi.engine import Engine

pytestmark = [needs("pulumi-engine"), needs("pulumi_aws")]


def hooked() -> None:
    pulumi.export("hook", bool(network.after(network.observe())))


def test_an_after_hook_that_could_not_fail_the_update_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real engine is asked; it is too old for a version of the future."""
    assert engine.preview(hooked).ok
    monkeypatch.setattr(hooks, "FAILING", "99.0.0")
    done = engine.up(hooked)
    assert not done.ok
    assert "after() needs Pulumi 99.0.0 or newer, engine and SDK" in done.text
    assert "Traceback" not in done.text


def test_without_transforms_there_is_nothing_to_observe(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with an engine that doesn't know them."""
    monkeypatch.setattr("pulumi.runtime.stack.monitor_supports_feature", lambda _feature: False)
    done = engine.up(lambda: network.observe() and None)
    assert not done.ok
    assert "observe() needs Pulumi 3.115 or newer" in done.text
