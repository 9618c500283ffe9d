"""`--only` and `--skip`: a part of the expected surface, which says that it is only a part."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from attrs import evolve

from iacdrift.errors import UsageError
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.scan.task import Only


def narrowed(expected: ExpectedSurface, only: Iterable[str] = (), skip: Iterable[str] = ()) -> ExpectedSurface:
    """The hosts that some `only` pattern matches (all, without one) and no `skip` pattern does.

    UsageError where a pattern leaves nothing of a surface that had hosts: a check of nothing is never in sync. The
    addresses left out stay known, so that they aren't taken for undeclared hosts.
    """
    only, skip = tuple(only), tuple(skip)
    kept = tuple(host for host in expected.hosts if (not only or _matches(host, only)) and not _matches(host, skip))
    if len(kept) == len(expected.hosts):
        return expected
    if not kept:
        owners = ", ".join(sorted({host.owner for host in expected.hosts})[:5])
        raise UsageError(f"--only and --skip leave no host; patterns match resource addresses, names and IP addresses, such as {owners}")
    left_out = len(expected.hosts) - len(kept)
    return evolve(
        expected,
        hosts=kept,
        known_addresses=expected.known_addresses | {host.address for host in expected.hosts if host.address},
        notes=(*expected.notes, f"{left_out} of {len(expected.hosts)} hosts left out by --only or --skip"),
    )


def only_finding(part: ExpectedPart, finding: str) -> tuple[ExpectedPart, Only]:
    """The part of the surface that a finding of this id is about, and what to ask of it. UsageError where it is gone."""
    from iacdrift.drift.identity import locate

    found = locate(finding, part.surface)
    if not found:
        raise UsageError(f"nothing in these sources has the finding {finding}: the code or the vantage may have changed; run check")
    hosts = tuple(dict.fromkeys(id(host) for host, _, _ in found))
    kept = tuple(host for host in part.surface.hosts if id(host) in hosts)
    surface = evolve(
        part.surface,
        hosts=kept,
        known_addresses=part.surface.known_addresses | {host.address for host in part.surface.hosts if host.address},
        notes=(*part.surface.notes, f"only the ports of finding {finding} were asked"),
    )
    return evolve(part, surface=surface), found


def _matches(host: ExpectedHost, patterns: tuple[str, ...]) -> bool:
    names = [host.owner, host.name, str(host.address) if host.address else None]
    # `aws_instance.web[0]` is an address before it is a pattern with a character class.
    return any(name == pattern or fnmatchcase(name, pattern) for name in names if name for pattern in patterns)
