"""Whether something is there now, from what the plan is about to do and what was recorded."""

from __future__ import annotations

from iacdrift.model.network import Presence
from iacdrift.providers.attributes import recorded, text
from iacdrift.sources.resource import Action, Resource

_GONE = {"terminated", "shutting-down"}
_STOPPED = {"stopped", "stopping"}


def presence_of(resource: Resource) -> Presence:
    """Leaving where the plan destroys or replaces it, pending where it creates it, else what the record says."""
    if resource.action in (Action.DELETE, Action.REPLACE):
        return Presence.LEAVING
    if resource.action is Action.CREATE or not resource.recorded:
        return Presence.PENDING
    state = text(recorded(resource, "instance_state")) or ""
    if state in _GONE:
        return Presence.LEAVING
    return Presence.STOPPED if state in _STOPPED else Presence.PRESENT
