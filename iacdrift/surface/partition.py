"""From what the way admits, and what is declared to listen, to what each port must, may or must not do."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from iacdrift.model.admission import Answer
from iacdrift.model.because import Because
from iacdrift.model.network import Interface, Listener
from iacdrift.model.ports import ALL_PORTS, NO_PORTS, PortSet
from iacdrift.surface.behind import STAGE, TargetsSay
from iacdrift.surface.expected import PROTOCOLS, Expectation, ExpectedPorts, Reason
from iacdrift.surface.groups import atoms
from iacdrift.surface.ruling import Ruling
from iacdrift.surface.ways import Way


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


def managed(way: Way, interface: Interface, protocol: str, behind: Mapping[Listener, TargetsSay]) -> ExpectedPorts:
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


def _listener_answer(way: Way, listener: Listener, behind: Mapping[Listener, TargetsSay]) -> Answer:
    targets = behind[listener].answer if listener in behind else Answer.ADMITTED
    answers = (way.admission(listener.protocol).of(listener.port), targets)
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
    behind: Mapping[Listener, TargetsSay] = field(factory=dict)

    def because(self, protocol: str, port: int) -> tuple[Because, ...]:
        """What decides on this port."""
        said = [o.because for o in self.overrides if o.protocol == protocol and port in o.ports]
        if said:
            return tuple(dict.fromkeys(b for because in said for b in because))
        if not self.interface.managed:
            return self.way.because(protocol, port)
        if self.interface.doubt:
            return (Because(self.interface.owner, self.interface.doubt, self.interface.because.at),)
        listener = self._listener(protocol, port)
        if listener is None:
            text = "only declared listeners can answer here, and none is declared on this port"
            return (Because(self.interface.owner, text, self.interface.because.at),)
        doubt = (Because(listener.because.resource, listener.doubt, listener.because.at),) if listener.doubt else ()
        return (listener.because, *self._deciding(listener), *doubt)

    def stages(self, protocol: str, port: int) -> tuple[Ruling, ...]:
        """Every stage of the way to this port, the targets behind its listener last."""
        listener = self._listener(protocol, port)
        if listener is None or listener not in self.behind:
            return self.way.stages
        says = self.behind[listener]
        return (*self.way.stages, *(Ruling.everywhere(STAGE, says.answer, because) for because in says.because[:1]))

    def _listener(self, protocol: str, port: int) -> Listener | None:
        return next((li for li in self.interface.listeners if (li.protocol, li.port) == (protocol, port)), None)

    def _deciding(self, listener: Listener) -> tuple[Because, ...]:
        """What decides on a listener's port: the balancer's own way, or the targets that filter the client too."""
        front, says = self.way.because(listener.protocol, listener.port), self.behind.get(listener)
        at_front = self.way.admission(listener.protocol).of(listener.port)
        if says is None or at_front is Answer.BLOCKED:
            return front
        return says.because if says.answer is Answer.BLOCKED else tuple(dict.fromkeys((*front, *says.because)))

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
