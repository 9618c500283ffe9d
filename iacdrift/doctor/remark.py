"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from attrs import frozen

from iacdrift.errors import IacDriftError


class State(Enum):
    """How one thing stands: MISSING keeps a check from giving its verdict, REMARK is worth knowing."""

    OK = "ok"
    REMARK = "remark"
    MISSING = "missing"


@frozen(slots=True)
class Remark:
    """`about`: what was looked at, `text`: how it stands, `mend`: what to do; never a secret."""

    about: str
    state: State
    text: str
    mend: str = ""

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"about": self.about, "state": self.state.value, "text": self.text, "mend": self.mend}


def tried(about: str, look: Callable[[], str], mend: str) -> Remark:
    """What `look` says when it succeeds; its error is what is missing."""
    try:
        return Remark(about, State.OK, look())
    except IacDriftError as error:
        return Remark(about, State.MISSING, str(error), mend)
