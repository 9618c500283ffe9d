"""The expected surface for people, and the parts of it that every report repeats."""

from __future__ import annotations

from iacdrift.model.because import Unmodelled
from iacdrift.outputs.canvas import Canvas
from iacdrift.outputs.headline import FROM_STATE
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface, HostStatus, NotInView, Reason
from iacdrift.surface.vantage import Vantage

_STYLE = {"open": "green", "allowed": "cyan", "unknown": "yellow", "blocked": "dim"}


def place(vantage: Vantage) -> str:
    """The vantage as a phrase: `the internet`, `203.0.113.9`, `aws_instance.bastion`."""
    addresses = [str(address) for address in (vantage.ipv4, vantage.ipv6) if address is not None]
    inside = f" inside {vantage.network}" if vantage.network else ""
    known = " and ".join(addresses)
    if vantage.resource:
        return vantage.resource + (f" ({known})" if known else "") + inside
    return (known or "somewhere on the internet") + inside


def draw_surface(canvas: Canvas, surface: ExpectedSurface) -> None:
    """Draws what each host must, may and must not answer."""
    canvas.line((f"Expected from {place(surface.vantage)}", "bold"), f", rules from {surface.declared_from}", hang=2)
    if surface.declared_from == "state":
        canvas.line((f"a verdict on this says: {FROM_STATE}", "yellow"), hang=2)
    for host in surface.hosts:
        _host(canvas, host)
    if not surface.hosts:
        canvas.gap()
        canvas.line("No host is in view of this vantage.")
    if surface.assumptions:
        canvas.heading("Taken for granted")
        for assumption in surface.assumptions:
            canvas.line(f"{assumption.resource}: {assumption.text}", indent=2, hang=2)
    draw_not_in_view(canvas, surface.not_in_view)
    draw_unmodelled(canvas, surface.unmodelled)
    for title, texts in (("Gaps: a verdict on this is incomplete", surface.gaps), ("Remarks", surface.notes)):
        if texts:
            canvas.heading(title)
            for text in texts:
                canvas.line(text, indent=2, hang=2)


def _host(canvas: Canvas, host: ExpectedHost) -> None:
    canvas.gap()
    where = "  ".join(filter(None, (str(host.address) if host.address else "", host.name or "")))
    status = "" if host.status is HostStatus.PRESENT else f"  {host.status.value.replace('_', ' ')}"
    canvas.line((host.owner, "bold"), f"  {where}{status}" if where else status, f"  ({host.at or host.source})", hang=2)
    for protocol in ("tcp", "udp"):
        for name, ports in host.ports(protocol).to_dict().items():
            if ports and not (name == "blocked" and ports == "0-65535" and protocol == "udp"):
                canvas.line(f"{protocol}  ", (f"{name:<8}", _STYLE[name]), f" {ports}", indent=2, hang=14)
    for reason in host.explains.reasons():
        _reason(canvas, reason)


def _reason(canvas: Canvas, reason: Reason) -> None:
    canvas.line(f"{reason.protocol}/{reason.ports} {reason.expectation.value}:", indent=4, hang=2)
    canvas.because(reason.because, 6)


def draw_not_in_view(canvas: Canvas, items: tuple[NotInView, ...]) -> None:
    """What the vantage can't see."""
    if items:
        canvas.heading("Not in view")
        for item in items:
            canvas.line(f"{item.owner}{f'  {item.address}' if item.address else ''}: {item.why}", indent=2, hang=2)


def draw_unmodelled(canvas: Canvas, items: tuple[Unmodelled, ...]) -> None:
    """What no translator knows."""
    if items:
        canvas.heading("Not modelled")
        for item in items:
            canvas.line(f"{item.type} ({len(item.resources)}): {', '.join(item.resources)}", indent=2, hang=2)
