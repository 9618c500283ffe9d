"""Why a port is expected to be as it is: one resource, what it says, and where in the code."""

from __future__ import annotations

from attrs import frozen


@frozen(slots=True)
class Because:
    """One reason. `at` is `file:line` where known; texts come from state and are hostile until `outputs` escapes them."""

    resource: str
    detail: str
    at: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """The JSON shape of interfaces: resource, detail, at."""
        return {"resource": self.resource, "detail": self.detail, "at": self.at}


@frozen(slots=True)
class Assumption:
    """Something that the code doesn't say and that was taken for granted; every report shows it."""

    resource: str
    text: str

    def to_dict(self) -> dict[str, str]:
        """The JSON shape of interfaces: resource, text."""
        return {"resource": self.resource, "text": self.text}


@frozen(slots=True)
class Unmodelled:
    """Resources of a type that no translator knows."""

    type: str
    resources: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces: type, count, resources."""
        return {"type": self.type, "count": len(self.resources), "resources": list(self.resources)}
