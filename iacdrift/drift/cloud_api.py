"""What the cloud's own API says of a finding, and who made it so."""

from __future__ import annotations

from attrs import frozen


@frozen(slots=True)
class Changed:
    """Who changed a filter: `who` as CloudTrail names the identity, `at` in RFC 3339, `through` the call, `source` the caller's address."""

    who: str
    at: str
    through: str
    resource: str
    event: str | None = None
    source: str | None = None

    def to_dict(self) -> dict[str, str]:
        """The attributes that are known."""
        names = ("who", "at", "through", "resource", "event", "source")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}


@frozen(slots=True)
class CloudApi:
    """What the cloud's own API says of a finding: it agrees, it shows nothing that would explain it, or (None) it can't be told.

    `opened_by`, `closed_by`: who made the change that the API agrees on; `rules`: ids of what decides there; `unlearnt`: why
    something more wasn't learnt.
    """

    agrees: bool | None
    detail: str
    opened_by: Changed | None = None
    closed_by: Changed | None = None
    rules: tuple[str, ...] = ()
    unlearnt: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The JSON shape of interfaces: agrees, detail; the others where they are known."""
        shown: dict[str, object] = {"agrees": self.agrees, "detail": self.detail}
        changes = {"opened_by": self.opened_by, "closed_by": self.closed_by}
        shown |= {name: change.to_dict() for name, change in changes.items() if change is not None}
        return shown | ({"rules": list(self.rules)} if self.rules else {}) | ({"unlearnt": self.unlearnt} if self.unlearnt else {})

    @classmethod
    def from_dict(cls, told: dict[str, object]) -> CloudApi:
        """What `to_dict` made. KeyError or TypeError for anything else."""
        further = {name: Changed(**told[name]) for name in ("opened_by", "closed_by") if name in told}  # type: ignore[arg-type]
        return cls(
            told["agrees"],  # type: ignore[arg-type]
            str(told["detail"]),
            rules=tuple(told.get("rules", ())),  # type: ignore[arg-type]
            unlearnt=told.get("unlearnt"),  # type: ignore[arg-type]
            **further,
        )
