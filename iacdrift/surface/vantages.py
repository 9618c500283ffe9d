"""Several places to stand: which of the texts that name vantages belong together, and what each place is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.surface.vantage import Vantage

_NAMED = re.compile(r"^(?P<name>[A-Za-z][\w-]*)=(?P<text>.+)$")


@frozen(slots=True)
class NamedVantage:
    """A vantage and what its user calls it: `office` for `office=203.0.113.9`, else its own text."""

    name: str
    vantage: Vantage


def vantages_of(texts: Iterable[str]) -> tuple[NamedVantage, ...]:
    """The vantages that these texts name, in order of their first mention.

    One IPv4 and one IPv6 address are one vantage, and so are all texts of one name (`office=203.0.113.9
    office=2001:db8::9`). UsageError where it can't be told which addresses belong together, or a text is no vantage.
    """
    named: dict[str, list[str]] = {}
    addresses: list[str] = []
    for text in texts:
        found = _NAMED.match(text)
        if found is None and _version(text):
            addresses.append(text)
        name, place = (found["name"], found["text"]) if found else (text, text)
        named.setdefault(name, []).append(place)
    for together in _paired(addresses):
        for text in together[1:]:
            named.pop(text, None)
        named[together[0]] = list(together)
    return tuple(NamedVantage(name, Vantage.parse(*places)) for name, places in (named or {"auto": ["auto"]}).items())


def _paired(addresses: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Addresses without a name: one of each family together, several of one family each for itself."""
    of_v4 = [text for text in addresses if _version(text) == 4]
    if not of_v4 or len(of_v4) == len(addresses):
        return ((text,) for text in addresses)
    if len(addresses) > 2:
        raise UsageError(
            f"--vantage {' '.join(addresses)}: name the places, such as --vantage office={addresses[0]} --vantage office={addresses[-1]}: "
            "it can't be told which addresses belong together"
        )
    return (tuple(addresses),)


def _version(text: str) -> int:
    try:
        return ip_address(text).version
    except ValueError:
        return 0
