"""`pulumi refresh --preview-only` through Pulumi's Automation API, whose events tell all that the cloud's API said."""

from __future__ import annotations

from typing import Any

from iacdrift.errors import SourceError
from iacdrift.sources.pulumi_command import Program, ready_to_refresh, reason_of


def events_of(program: Program) -> list[dict[str, Any]] | None:
    """The engine's events in the form in which it writes them; None where the Automation API isn't installed, or too old for it."""
    try:
        from pulumi import automation
    except ImportError:
        return None
    if not hasattr(automation.Stack, "preview_refresh"):
        return None
    ready_to_refresh(program)
    found: list[dict[str, Any]] = []
    try:
        stack = automation.select_stack(_stack(program, automation), work_dir=str(program.folder.resolve()))
        stack.preview_refresh(on_event=lambda event: found.extend(_written(event)), color="never", show_secrets=False)
    except (automation.CommandError, RuntimeError) as error:
        raise SourceError(f"{program.name}: pulumi refresh failed: {reason_of(str(error))}") from None
    except OSError:
        raise SourceError(f"{program.name} needs pulumi on PATH, and it isn't there: install it") from None
    return found


def _stack(program: Program, automation: Any) -> str:
    if program.stack:
        return program.stack
    selected = automation.LocalWorkspace(work_dir=str(program.folder.resolve())).stack()
    if selected is None:
        raise SourceError(f"{program.name}: {reason_of('no stack selected')}")
    return str(selected.name)


def _written(event: Any) -> list[dict[str, Any]]:
    """The two kinds of event that matter."""
    if event.res_outputs_event is not None:
        told = event.res_outputs_event.metadata
        metadata = {"op": str(getattr(told.op, "value", told.op)), "urn": told.urn, "old": _state(told.old), "new": _state(told.new)}
        return [{"resOutputsEvent": {"metadata": metadata}}]
    return [{"summaryEvent": {"result": "succeeded"}}] if event.summary_event is not None else []


def _state(state: Any) -> dict[str, Any] | None:
    if state is None:
        return None
    return {"type": state.type, "custom": state.custom is not False, "inputs": state.inputs, "outputs": state.outputs}
