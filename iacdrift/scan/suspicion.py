"""Which ports must be asked again before anybody believes them: whatever isn't as the code says."""

from __future__ import annotations

from attrs import frozen

from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.scan.belief import PROOF, ports_with
from iacdrift.scan.facts import Groups
from iacdrift.surface.expected import ExpectedHost
from iacdrift.surface.observed import Evidence

MOST_REFUSALS = 1024
"""Where more blocked ports refuse, a spread of them is asked again: they are one finding with ranges."""
MOST_SILENT = 256
EVERYTHING_OPEN = 256
"""Where more ports are open than this, a spread of SAMPLE is looked at: it is a SYN proxy or a tarpit."""
SAMPLE = 16
_LONE = 64


@frozen(slots=True)
class Suspicion:
    """`again`: to be asked again. `listen`: open ports whose service decides something, a part of `again`."""

    again: PortSet = NO_PORTS
    listen: PortSet = NO_PORTS

    def __or__(self, other: Suspicion) -> Suspicion:
        return Suspicion(self.again | other.again, self.listen | other.listen)


def suspicions(host: ExpectedHost, protocol: str, asked: PortSet, groups: Groups, certain: PortSet = NO_PORTS) -> Suspicion:
    """What to ask this host again, from its believed answers so far.

    `certain`: ports that were silent to as many probes as the measured loss wants. Where they may answer but needn't,
    there is nothing to be asked.
    """
    ports = host.ports(protocol)
    opened = ports_with(groups, Evidence.OPEN) & asked
    silent = ports_with(groups, Evidence.SILENT, Evidence.REJECTED_ON_THE_WAY) & asked
    refused = ports_with(groups, Evidence.CLOSED, Evidence.REJECTED) & asked
    must = ports.open & asked
    served = PortSet.of(port for (kind, port) in host.services if kind == protocol) & must
    listen = _sample_open(opened - ports.open) | (served & opened)
    again = listen | (must - opened) | spread((silent - certain) & ports.allowed, MOST_SILENT)
    if not host.managed:
        again |= spread(refused & (ports.blocked | ports.unknown), MOST_REFUSALS)
    if len(silent) <= _LONE and len(opened | refused) > len(silent):
        again |= silent  # a few silent ports among many that answer look like loss
    return Suspicion(again, listen)


def unsigned(groups: Groups) -> PortSet:
    """Ports rejected by an ICMP error whose sender isn't known, though the scan could have told."""
    rejected = Evidence.REJECTED_ON_THE_WAY
    return ports_with([(p, a) for p, a in groups if a.evidence is rejected and not a.reason_ip and a.scan != "connect"], rejected)


def answering(groups: Groups) -> PortSet:
    """Ports on which the target itself answered in any way."""
    return ports_with(groups, *PROOF)


def _sample_open(ports: PortSet) -> PortSet:
    return spread(ports, SAMPLE) if len(ports) > EVERYTHING_OPEN else ports


def spread(ports: PortSet, most: int) -> PortSet:
    """At most `most` of these ports, evenly spread over them; all of them where there are no more."""
    count = len(ports)
    if count <= most:
        return ports
    listed = list(ports)
    return PortSet.of(listed[index * count // most] for index in range(most))
