"""CloudTrail's LookupEvents: the latest management events about one resource, of the last 90 days."""

from __future__ import annotations

from attrs import field, frozen

from iacdrift.cloud.account import Account
from iacdrift.refresh.trail import Event

MOST = 200
"""Events read of one resource: LookupEvents gives 50 a page, two pages a second."""


@frozen(slots=True)
class Trail:
    """Events by resource, each asked for once."""

    account: Account
    _known: dict[tuple[str, str], tuple[Event, ...]] = field(factory=dict, eq=False, repr=False)

    def events(self, region: str, resource: str) -> tuple[Event, ...]:
        """What happened to one resource. SourceError where CloudTrail can't be asked."""
        if (region, resource) not in self._known:
            wanted = [{"AttributeKey": "ResourceName", "AttributeValue": resource}]
            paging = {"MaxItems": MOST, "PageSize": 50}
            told = self.account.items(region, "cloudtrail.lookup_events", "Events", LookupAttributes=wanted, PaginationConfig=paging)
            self._known[region, resource] = tuple(event for item in told if (event := Event.of(item)))
        return self._known[region, resource]
