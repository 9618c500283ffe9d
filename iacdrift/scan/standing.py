"""Whether this machine stands where it is believed to stand: by its own source address, or by a control that answers only there."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.model.addresses import is_public
from iacdrift.scan.route import local_source
from iacdrift.scan.scope import forbidden
from iacdrift.scan.settings import ControlTarget
from iacdrift.surface.expected import Address, AnyNetwork
from iacdrift.surface.vantage import Vantage

_PATIENCE = 3.0


@frozen(slots=True)
class Standing:
    """A place that has to be proven. `control`: answers a TCP connection from there and from nowhere else.

    `networks`: the declared ones; whoever is inside one isn't somewhere on the internet.
    """

    name: str
    vantage: Vantage
    control: ControlTarget | None = None
    networks: tuple[AnyNetwork, ...] = ()

    def doubt(self, targets: Iterable[Address]) -> str | None:
        """Why this machine isn't proven to stand there, seen from its routes to these targets; None where it is."""
        if self.control is not None:
            return self._unheard(self.control)
        first: dict[int, Address] = {}
        for target in targets:
            first.setdefault(target.version, target)
        sources = [(version, local_source(target)) for version, target in sorted(first.items())]
        return next((why for version, source in sources if source is not None and (why := self._elsewhere(version, source))), None)

    def _elsewhere(self, version: int, source: Address) -> str | None:
        wanted = self.vantage.address(version)
        if wanted is not None:
            return None if source == wanted else f"it sends from {source}, not from {wanted}"
        inside = next((network for network in self.networks if source in network), None)
        if inside is not None:
            return f"it sends from {source}, inside the declared network {inside}"
        return None if is_public(source) else f"it sends from {source}, which no target on the internet sees: give a control as its proof"

    @staticmethod
    def _unheard(control: ControlTarget) -> str | None:
        why = forbidden(control.address)
        if why:
            return f"its control {control.address} is {why}, and isn't asked"
        try:
            with socket.create_connection((str(control.address), control.port or 0), _PATIENCE):
                return None
        except OSError as error:
            return f"the control {control.address} port {control.port} doesn't answer it ({error.strerror or 'no answer'})"


def proof(text: str) -> tuple[str, ControlTarget]:
    """`NAME=HOST:PORT`: the control that proves a vantage. UsageError for anything else."""
    name, equals, control = text.partition("=")
    found = ControlTarget.parse(control) if name and equals else None
    if found is None or found.port is None:
        raise UsageError(f"--proof {text!r}: give NAME=HOST:PORT, where HOST:PORT answers from that vantage only")
    return name, found
