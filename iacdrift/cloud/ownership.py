"""`--verify-owner` and `--resolve aws`: AWS is asked whose the addresses are, before anything is sent to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from iacdrift.cloud.account import Account
from iacdrift.cloud.interfaces import Described, addresses_of, described
from iacdrift.errors import UsageError
from iacdrift.model.addresses import Address
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface, HostStatus, NotInView

NOT_OWNED = "no interface or elastic IP of the account has this address in {regions}: it may be a stranger's by now"


@frozen(slots=True)
class Ownership:
    """What the account has: `interfaces` as one source more, `owned` its addresses; None where that wasn't asked for."""

    interfaces: Described | None = None
    owned: frozenset[Address] | None = None
    regions: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Ownership:
        """As `resolve`, `verify_owner` and `regions` say. SourceError where AWS can't be asked: nothing unverified is scanned."""
        resolve, verify = options.get("resolve"), bool(options.get("verify_owner"))
        if resolve not in (None, "aws"):
            raise UsageError(f"--resolve {resolve}: aws is the only cloud that can be asked")
        if not resolve and not verify:
            return cls()
        regions = options.get("regions") or ()
        account = Account.of((regions,) if isinstance(regions, str) else regions, "--resolve" if resolve else "--verify-owner")
        found = described(account, fleets=bool(resolve))
        return cls(found if resolve else None, addresses_of(account, found) if verify else None, account.regions)

    def beside(self, sources: Iterable[Any]) -> tuple[Any, ...]:
        """The sources, and what was resolved as one more."""
        return (*sources, self.interfaces) if self.interfaces is not None else tuple(sources)

    def kept(self, surface: ExpectedSurface) -> ExpectedSurface:
        """The surface without the hosts that aren't the account's any more: they are listed, and a verdict without them is incomplete."""
        if self.owned is None:
            return surface
        gone = [host for host in surface.hosts if self._gone(host)]
        if not gone:
            return evolve(surface, owned=self.owned)
        why = NOT_OWNED.format(regions=", ".join(self.regions))
        return evolve(
            surface,
            hosts=tuple(host for host in surface.hosts if not self._gone(host)),
            not_in_view=(*surface.not_in_view, *(NotInView(host.owner, str(host.address), why) for host in gone)),
            known_addresses=surface.known_addresses | {host.address for host in gone if host.address},
            gaps=(*surface.gaps, _gap(gone)),
            owned=self.owned,
        )

    def _gone(self, host: ExpectedHost) -> bool:
        return self.owned is not None and host.status is HostStatus.PRESENT and host.address not in self.owned


def _gap(gone: list[ExpectedHost]) -> str:
    shown = ", ".join(f"{host.address} ({host.owner})" for host in gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
    return f"left out, as they aren't the account's any more: {shown}; make the record anew, or name their region with --region"
