"""Turns rulings into findings: one an address, protocol, kind and reason, open ports singly."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from attrs import frozen

from iacdrift.drift import wording
from iacdrift.drift.identity import REJECTED, SINGLE_PORT, WHOLE, finding_id
from iacdrift.drift.middlebox import foreign_ttl
from iacdrift.drift.reason import ReasonKey, by_reason
from iacdrift.drift.report import Finding, FindingKind, WayBack
from iacdrift.drift.settings import JudgeSettings
from iacdrift.drift.severity import proven, weigh
from iacdrift.drift.table import Fate, Ruling
from iacdrift.drift.target import Target
from iacdrift.model.ports import NO_PORTS, PortSet
from iacdrift.surface.explain import whole_way
from iacdrift.surface.observed import Answer, Evidence
from iacdrift.surface.step import Staged
from iacdrift.surface.vantage import Vantage

NO_WAY_BACK = WayBack("", "")
_NOTHING = Answer(Evidence.NOT_LEARNT)


@frozen(slots=True)
class Scene:
    """What every finding of one target and protocol shares. `everywhere`: ports that are open on every address alike."""

    target: Target
    protocol: str
    vantage: Vantage
    settings: JudgeSettings
    everywhere: PortSet = NO_PORTS


def findings_of(rulings: tuple[Ruling, ...], scene: Scene) -> Iterator[Finding]:
    """One finding for each port or range that isn't as the code says."""
    for ruling in rulings:
        if ruling.fate is Fate.FINDING and ruling.kind is not None:
            for reason, ports in _parts(ruling, ruling.kind, scene):
                yield _finding(ruling, ruling.kind, reason, ports, scene)


def _parts(ruling: Ruling, kind: FindingKind, scene: Scene) -> Iterator[tuple[ReasonKey, PortSet]]:
    if ruling.whole:
        yield WHOLE, ruling.ports
        return
    for reason, ports in by_reason(scene.target.host, scene.protocol, ruling.ports).items():
        if kind in SINGLE_PORT:
            yield from ((reason, PortSet.single(port)) for port in ports)
        else:
            yield from _by_evidence(reason, ports, scene)


def _by_evidence(reason: ReasonKey, ports: PortSet, scene: Scene) -> Iterator[tuple[ReasonKey, PortSet]]:
    """A refusal and an ICMP rejection are two findings; the second names its evidence so that ids stay apart."""
    seen = scene.target.observed.ports(scene.protocol) if scene.target.observed else None
    plain = ports & seen.of(Evidence.REJECTED, Evidence.REJECTED_ON_THE_WAY) if seen else NO_PORTS
    if ports - plain:
        yield reason, ports - plain
    if plain:
        yield (*reason, REJECTED), plain


def _finding(ruling: Ruling, kind: FindingKind, reason: ReasonKey, ports: PortSet, scene: Scene) -> Finding:
    host, port = scene.target.host, next(iter(ports))
    answer = _answer(scene, ports)
    oddity = _oddity(kind, answer, port, scene)
    remarks = (ruling.aside, oddity)
    declared = host.services.get((scene.protocol, port)) if kind is FindingKind.SERVICE_MISMATCH else None
    because = host.explains.because(scene.protocol, port)
    return Finding(
        id=finding_id(kind, scene.protocol, port if kind in SINGLE_PORT else None, host.owner, reason, mark=scene.target.mark),
        kind=kind,
        severity=weigh(kind, answer, scene.protocol, scene.settings, foreign=oddity is not None, mild=ruling.mild),
        address=str(scene.target.address) if scene.target.address else None,
        name=host.name,
        protocol=scene.protocol,
        ports=ports,
        owner=host.owner,
        expected=ruling.row.expectation,
        observed=answer,
        because=because,
        explanation=_explanation(kind, ports, answer, remarks, scene),
        way_back=NO_WAY_BACK,
        reproduce=reproduce(scene.target, scene.protocol, ports, answer),
        expected_service=declared,
        way=whole_way(host, scene.vantage, scene.protocol, port) if isinstance(host.explains, Staged) else (),
    )


def _answer(scene: Scene, ports: PortSet) -> Answer:
    seen = scene.target.observed
    return (seen.ports(scene.protocol).answer(next(iter(ports))) if seen else None) or _NOTHING


def _oddity(kind: FindingKind, answer: Answer, port: int, scene: Scene) -> str | None:
    """Why something in between may have answered in the host's place; None once the service itself spoke."""
    if proven(answer, scene.protocol) or kind not in (FindingKind.EXPOSED, FindingKind.PASSABLE, FindingKind.UNEXPLAINED):
        return None
    if answer.evidence is Evidence.OPEN and port in scene.everywhere:
        return "this port answers on every address alike"
    return foreign_ttl(answer, port, scene.target, scene.protocol)


def _explanation(kind: FindingKind, ports: PortSet, answer: Answer, remarks: tuple[str, str | None], scene: Scene) -> str:
    aside, oddity = remarks
    host, address = scene.target.host, scene.target.address
    version = address.version if address else 4
    what = wording.subject(scene.protocol, ports, str(address), host.owner)
    declared = host.services.get((scene.protocol, next(iter(ports))), "")
    means = wording.mismatch(declared, answer) if kind is FindingKind.SERVICE_MISMATCH else wording.meaning(kind)
    sentences = (
        f"{what} is {wording.evidence(answer, scene.protocol)}, asked {wording.where(scene.vantage, version)}.",
        means,
        f"Note that {aside}." if aside else "",
        f"Unconfirmed: {oddity}, so a device in between may have answered." if oddity else "",
        wording.unexplained(version) if kind is FindingKind.UNEXPLAINED else "",
        wording.code_says(host.explains.because(scene.protocol, next(iter(ports)))),
    )
    return " ".join(filter(None, sentences))


def reproduce(target: Target, protocol: str, ports: PortSet, answer: Answer) -> str:
    """The Nmap command that asks the same again."""
    kind = "-sU" if protocol == "udp" else "-sT" if answer.scan == "connect" else "-sS"
    family = ("-6",) if target.address is not None and target.address.version == 6 else ()
    detect = ("-sV",) if answer.evidence is Evidence.OPEN else ()
    return shlex.join(("nmap", "-n", "-Pn", *family, kind, *detect, "-p", str(ports), str(target.address)))
