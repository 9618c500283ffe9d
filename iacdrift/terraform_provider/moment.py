"""Plan or apply: Terraform's protocol doesn't say which, and a plan must send nothing.

`timestamp()` is unknown while Terraform plans, so a data source that takes it is read in the apply only. Terraform evaluates
it when it reaches the data source, which is after it configured the provider. Everything that is known in a plan and
looks like a time is older: `plantimestamp()` is taken before any provider starts, and whatever a state or a variable holds
before that. The function's times have whole seconds, so the provider waits for the next one before it is configured.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

from attrs import define, field

WRITE = "write `after = timestamp()` in the data source itself"
_STARTED = time.time()


@define(slots=True, eq=False)
class Walk:
    """One walk of Terraform over its graph, as the provider sees it. `began`: seconds since the epoch.

    A provider that is kept running for a debugger serves several walks: all but the first begin when it is configured.
    """

    began: float = _STARTED
    _configured: bool = field(default=False, init=False)

    def configured(self) -> None:
        """Terraform configures the provider: from here on `timestamp()` gives a later second than the one in which the walk began."""
        if self._configured:
            self.began = time.time()
        self._configured = True
        left = math.floor(self.began) + 1 - time.time()
        if left > 0:
            time.sleep(left)

    def refusal(self, after: object) -> str | None:
        """Why a scan that takes this for the time of the apply would be sent in a plan, or None where it may be sent."""
        told = _seconds(after)
        if told is None:
            return f"after = {after!r} is no time: {WRITE}"
        if not math.floor(self.began) < told <= time.time():
            return f"a value of `after` that is known before the apply would let every plan send packets: {WRITE}"
        return None


def _seconds(text: object) -> float | None:
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return told.replace(tzinfo=told.tzinfo or UTC).timestamp()
