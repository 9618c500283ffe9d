"""From what the way admits, and what is declared to listen, to what each port must, may or must not do."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import Interface, Listener
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.surface.expected import PROTOCOLS, Expectation, ExpectedPorts, Reason
from iacdrift.surface.groups import atoms
from iacdrift.surface.ways import Way

_EXPECTATION = {
    Answer.ADMITTED: Expectation.ALLOWED,
    Answer.BLOCKED: Expectation.BLOCKED,
    Answer.UNKNOWN_BY_CODE: Expectation.UNKNOWN,
    Answer.UNKNOWN_BY_VANTAGE: Expectation.UNKNOWN,
}


@frozen(slots=True)
class Override:
    """What an explicit expectation, or a listener, says over the way: these ports are so, because of this."""

    protocol: str
    ports: PortSet
    expectation: Expectation
    because: tuple[Because, ...]


def unmanaged(way: Way, protocol: str) -> ExpectedPorts:
    """On a machine anybody may start a service: what is admitted is allowed."""
    admission = way.admission(protocol)
    return ExpectedPorts(allowed=admission.admitted, unknown_by_vantage=admission.by_vantage, unknown_by_code=admission.by_code)


def managed(way: Way, interface: Interface, protocol: str, behind: Mapping[Listener, Answer]) -> ExpectedPorts:
    """On a managed endpoint only declared listeners can answer: open where every filter admits, blocked elsewhere."""
    sets = dict.fromkeys(Answer, NO_PORTS)
    for listener in interface.listeners:
        if listener.protocol == protocol:
            sets[_listener_answer(way, listener, behind)] |= PortSet.single(listener.port)
    if interface.doubt:
        return ExpectedPorts(unknown_by_code=ALL_PORTS)
    return ExpectedPorts(
        open=sets[Answer.ADMITTED], unknown_by_vantage=sets[Answer.UNKNOWN_BY_VANTAGE], unknown_by_code=sets[Answer.UNKNOWN_BY_CODE]
    )


def _listener_answer(way: Way, listener: Listener, behind: Mapping[Listener, Answer]) -> Answer:
    answers = (way.admission(listener.protocol).of(listener.port), behind.get(listener, Answer.ADMITTED))
    if Answer.BLOCKED in answers:
        return Answer.BLOCKED
    if listener.doubt or Answer.UNKNOWN_BY_CODE in answers:
        return Answer.UNKNOWN_BY_CODE
    return Answer.UNKNOWN_BY_VANTAGE if Answer.UNKNOWN_BY_VANTAGE in answers else Answer.ADMITTED


@frozen(slots=True)
class HostExplains:
    """Why one host's ports are as they are: overrides first, then listeners, then the way."""

    way: Way
    interface: Interface
    tcp: ExpectedPorts
    udp: ExpectedPorts
    overrides: tuple[Override, ...] = field(default=())

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What decides on this port."""
        said = [o.because for o in self.overrides if o.protocol == protocol and port in o.ports]
        if said:
            return tuple(dict.fromkeys(b for because in said for b in because))
        if not self.interface.managed:
            return self.way.because(protocol, port)
        listener = next((li for li in self.interface.listeners if (li.protocol, li.port) == (protocol, port)), None)
        if listener is None:
            text = "only declared listeners can answer here, and none is declared on this port"
            return (Because(self.interface.owner, text, self.interface.because.at),)
        doubt = tuple(Because(listener.because.resource, text, listener.because.at) for text in _doubts(listener))
        return (listener.because, *self.way.because(protocol, port), *doubt)

    def reasons(self) -> tuple[Reason, ...]:
        """Every open, allowed or unknown range with its reason; one for the rest where one filter blocks everything."""
        return tuple(reason for protocol in PROTOCOLS for reason in self._reasons(protocol))

    def _reasons(self, protocol: str) -> list[Reason]:
        ports = self.tcp if protocol == "tcp" else self.udp
        if self.overrides or self.interface.managed:
            return self._parted(protocol, ports)
        # nothing of the host itself has a say: hosts that share the way share its reasons
        return self.way.once((protocol, ports), lambda: self._parted(protocol, ports))

    def _parted(self, protocol: str, ports: ExpectedPorts) -> list[Reason]:
        found: dict[tuple[Expectation, tuple[Because, ...]], PortSet] = {}
        told = ALL_PORTS - ports.blocked if ports.blocked != ALL_PORTS else ALL_PORTS
        for atom in atoms(told, self._edges(protocol, ports)):
            port = next(iter(atom))
            key = ports.of(port), self.because(protocol, port)
            found[key] = found.get(key, NO_PORTS) | atom
        return [Reason(protocol, where, *key) for key, where in found.items()]

    def _edges(self, protocol: str, ports: ExpectedPorts) -> list[PortSet]:
        cuts = [clause.ports(protocol) for stage in self.way.stages for clause in stage.clauses]
        cuts += [PortSet.single(listener.port) for listener in self.interface.listeners if listener.protocol == protocol]
        cuts += [override.ports for override in self.overrides if override.protocol == protocol]
        return [*cuts, ports.open, ports.allowed, ports.unknown_by_vantage, ports.unknown_by_code]


def _doubts(listener: Listener) -> list[str]:
    return [text for text in (listener.doubt, listener.behind.doubt if listener.behind else None) if text]


def expectation_of(answer: Answer) -> Expectation:
    """What an answer means on a machine."""
    return _EXPECTATION[answer]
