"""A preview for people: what opens, what closes, what couldn't be judged, each with what decides."""

from __future__ import annotations

from iacdrift.drift.wording import few
from iacdrift.model.because import Because
from iacdrift.outputs.canvas import Canvas
from iacdrift.outputs.preview_wording import by, contrast, deciding, headline, seen_from, title, who
from iacdrift.outputs.text_surface import draw_unmodelled
from iacdrift.surface.change import Change, ChangeKind
from iacdrift.surface.preview import Preview

_STYLE = {ChangeKind.OPENED: "bold red", ChangeKind.MAY_OPEN: "yellow", ChangeKind.MAY_CLOSE: "yellow"}


def draw_preview(canvas: Canvas, preview: Preview) -> None:
    """Draws everything that the preview holds."""
    style = "bold red" if preview.new_exposure else "bold yellow" if preview.incomplete else "bold green"
    canvas.line((f"PREVIEW: {headline(preview)}", style), hang=2)
    for kind in ChangeKind:
        if found := preview.of(kind):
            canvas.heading(title(kind, preview.vantage))
            for change in found:
                _change(canvas, change, seen_from(preview.vantage))
    if preview.unknown:
        canvas.heading("Couldn't be judged before, and can't be judged now")
        for item in preview.unknown:
            canvas.line(f"{item.protocol}/{few(item.ports)} on {item.owner}{f'  {item.address}' if item.address else ''}", indent=2, hang=2)
            canvas.because(item.because, 4)
    _grounds(canvas, preview)


def _change(canvas: Canvas, change: Change, place: str) -> None:
    what = f"{change.protocol}/{few(change.ports)}"
    # one line that says it all, as it may be quoted; the reasons in full below it
    lead = f"newly reachable from {place}: " if change.kind is ChangeKind.OPENED else ""
    canvas.line((f"{lead}{what}", _STYLE.get(change.kind, "")), f" on {change.owner}{by(change)}", indent=2, hang=2)
    canvas.field("host", "  ".join(who(change)) or "address known after apply", 4)
    canvas.field("change", contrast(change), 4)
    canvas.because(deciding(change), 4)
    if change.before and change.after:
        for number, reason in enumerate(change.before[:2]):
            canvas.field("before" if number == 0 else "", _reason(reason), 4)


def _reason(reason: Because) -> str:
    return f"{reason.resource}: {reason.detail}" + (f"  at {reason.at}" if reason.at else "")


def _grounds(canvas: Canvas, preview: Preview) -> None:
    for name, owners in (("New hosts in view", preview.new), ("Hosts that leave", preview.leaving)):
        if owners:
            canvas.heading(name)
            for owner in owners:
                canvas.line(owner, indent=2, hang=2)
    if preview.assumptions:
        canvas.heading("Taken for granted")
        for assumption in preview.assumptions:
            canvas.line(f"{assumption.resource}: {assumption.text}", indent=2, hang=2)
    draw_unmodelled(canvas, preview.unmodelled)
    for name, texts in (("Gaps: this comparison is incomplete", preview.gaps), ("Remarks", preview.notes)):
        if texts:
            canvas.heading(name)
            for text in texts:
                canvas.line(text, indent=2, hang=2)
