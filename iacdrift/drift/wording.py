"""The sentences of a finding: what was seen, how sure that is, what the code says, and where.

Names, banners and details in them come from state and network: they are hostile until `outputs` has made them safe.
"""

from __future__ import annotations

from iacdrift.drift.report import FindingKind
from iacdrift.drift.service import heard_as
from iacdrift.drift.severity import proven
from iacdrift.model.because import Because
from iacdrift.model.ports import PortSet
from iacdrift.surface.observed import Answer, Evidence
from iacdrift.surface.vantage import Vantage, VantageKind

_SEEN = {
    Evidence.OPEN: "open",
    Evidence.CLOSED: "refused",
    Evidence.REJECTED: "rejected by the target's own address",
    Evidence.REJECTED_ON_THE_WAY: "rejected on the way",
    Evidence.SILENT: "silent",
    Evidence.OPEN_OR_SILENT: "silent",
    Evidence.NOT_LEARNT: "not known",
}
_MEANS = {
    FindingKind.EXPOSED: "The code lets nothing through here, so something answers that should be out of reach.",
    FindingKind.PASSABLE: "The code lets nothing through here, yet packets arrive: whatever starts to listen is exposed at once.",
    FindingKind.MISSING: "The code declares a listener that must answer: nobody listens, or something rejects.",
    FindingKind.UNREACHABLE: "The code declares a listener that must answer: look at the filters, the path, the host, the targets.",
    FindingKind.NARROWED: "The code lets packets through, but something on the way doesn't.",
    FindingKind.UNDECLARED_LISTENER: "The code lets packets through, so nothing is wrong; but it declares no listener here.",
    FindingKind.UNEXPLAINED: "The code admits this from certain sources only, and it isn't known whether the scan stands in one of them.",
    FindingKind.EVERYTHING_OPEN: "No host listens like that: a SYN proxy or a tarpit answers in its place, and hides what is behind it.",
}


def where(vantage: Vantage, version: int) -> str:
    """The place of the scan, as a phrase: `from 203.0.113.9`."""
    address = vantage.address(version)
    if vantage.resource:
        return f"from {vantage.resource}"
    if address is not None:
        return f"from {address}"
    return "from here" if vantage.kind is VantageKind.AUTO else "from somewhere on the internet"


def few(ports: PortSet, most: int = 12) -> str:
    """The ports as text; of very many ranges the first ones, and how many there are more."""
    spans = list(ports.ranges())
    if len(spans) <= most:
        return str(ports)
    shown = PortSet.of(port for first, last in spans[:most] for port in range(first, last + 1))
    return f"{shown} and {len(spans) - most:,} more ranges ({len(ports):,} ports)"


def subject(protocol: str, ports: PortSet, address: str, owner: str | None) -> str:
    """`tcp/8080 on 198.51.100.7 (aws_instance.web)`."""
    return f"{protocol}/{few(ports)} on {address}" + (f" ({owner})" if owner else "")


def evidence(answer: Answer, protocol: str) -> str:
    """What was seen and how sure that is, as one phrase."""
    seen = _SEEN[answer.evidence]
    if answer.evidence is Evidence.CLOSED and answer.scan == "connect":
        seen = "refused (a connect scan can't tell by whom)"
    if answer.evidence is Evidence.REJECTED_ON_THE_WAY and answer.scan == "connect":
        seen = "rejected (a connect scan can't tell by whom)"
    if answer.evidence is Evidence.OPEN:
        seen += f": {_heard(answer, protocol)}"
    by = f" by {answer.reason_ip}" if answer.evidence is Evidence.REJECTED_ON_THE_WAY and answer.reason_ip else ""
    how = ", ".join(filter(None, (f"{answer.scan} scan", answer.reason, f"{answer.probes} probes" if answer.probes > 1 else "")))
    return f"{seen}{by} ({how})"


def _heard(answer: Answer, protocol: str) -> str:
    if proven(answer, protocol):
        product = " ".join(filter(None, (answer.product, answer.version)))
        return f"{heard_as(answer)} answered with data" + (f" ({product})" if product else "")
    return "the handshake was answered, but no service spoke, so a device in between can't be excluded"


def mismatch(declared: str, answer: Answer) -> str:
    """What a service mismatch means."""
    return f"The code declares {declared} here; what answers is {heard_as(answer)}."


def code_says(because: tuple[Because, ...]) -> str:
    """Which resources decide on the port, and where they stand."""
    if not because:
        return ""
    shown = [f"{reason.resource}: {reason.detail}" + (f" ({reason.at})" if reason.at else "") for reason in because[:3]]
    more = f"; and {len(because) - 3} more" if len(because) > 3 else ""
    return f"Why: {'; '.join(shown)}{more}."


def with_sentence(explanation: str, because: tuple[Because, ...], sentence: str) -> str:
    """An explanation with one sentence more, in front of what the code says, which stays the end."""
    end = code_says(because)
    if end and explanation.endswith(end):
        return f"{explanation.removesuffix(end)}{sentence} {end}"
    return f"{explanation} {sentence}"


def meaning(kind: FindingKind) -> str:
    """What a finding of this kind means."""
    return _MEANS.get(kind, "")


def unexplained(version: int) -> str:
    """How to say where one stands."""
    return f"Say where it stands: --vantage ADDRESS, the IPv{version} source that targets see, or --vantage RESOURCE."
