"""A preview as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iacdrift.drift.wording import few
from iacdrift.model.because import Because
from iacdrift.outputs.markdown_text import code
from iacdrift.outputs.preview_wording import contrast, deciding, seen_from, title, who
from iacdrift.surface.change import Change, ChangeKind
from iacdrift.surface.preview import Preview


def preview_lines(preview: Preview) -> Iterator[str]:
    """Headings and lists; what needs no reading in a review is folded away."""
    yield f"### Network preview, seen from {code(seen_from(preview.vantage))}"
    yield ""
    yield _verdict(preview)
    for kind in ChangeKind:
        if found := preview.of(kind):
            yield from (
                "",
                f"#### {title(kind, preview.vantage).replace(seen_from(preview.vantage), code(seen_from(preview.vantage)))}",
                "",
            )
            for change in found:
                yield from _change(change)
    if preview.gaps:
        yield from ("", "#### Gaps: this comparison is incomplete", "", *(f"- {code(gap)}" for gap in preview.gaps))
    yield from _folded(preview)


def _verdict(preview: Preview) -> str:
    counts = preview.counts()
    text = "Nothing is newly reachable."
    if preview.new_exposure:
        text = f"**{counts['opened']} newly reachable.**"
    elif preview.incomplete:
        text = "**Nothing is surely newly reachable, but something couldn't be judged.**"
    return text + (f" New and not modelled: {counts['unmodelled']}." if counts["unmodelled"] else "")


def _change(change: Change) -> Iterator[str]:
    where = "".join(f", {code(word)}" for word in who(change))
    yield f"- {code(f'{change.protocol}/{few(change.ports)}')} on {code(change.owner)}{where}: {contrast(change)}"
    yield from _reasons("by", deciding(change))
    if change.before and change.after:
        yield from _reasons("before", change.before)


def _reasons(label: str, reasons: Sequence[Because], most: int = 4) -> Iterator[str]:
    for reason in reasons[:most]:
        at = f" ({code(reason.at)})" if reason.at else ""
        yield f"  - {label} {code(reason.resource)}{at}: {code(reason.detail)}"
    if len(reasons) > most:
        yield f"  - and {len(reasons) - most} more"


def _folded(preview: Preview) -> Iterator[str]:
    parts = {
        "couldn't be judged before, and can't be judged now": [
            f"{code(f'{item.protocol}/{few(item.ports)}')} on {code(item.owner)}"
            + "".join(f"; {code(reason.resource)}: {code(reason.detail)}" for reason in item.because[:2])
            for item in preview.unknown
        ],
        "new hosts": [code(owner) for owner in preview.new],
        "hosts that leave": [code(owner) for owner in preview.leaving],
        "new, and not modelled": [f"{code(item.type)}: {', '.join(map(code, item.resources))}" for item in preview.unmodelled],
        "taken for granted": [f"{code(item.resource)}: {code(item.text)}" for item in preview.assumptions],
        "remarks": [code(note) for note in preview.notes],
    }
    for name, lines in parts.items():
        if lines:
            yield from ("", f"<details><summary>{len(lines)} {name}</summary>", "", *(f"- {line}" for line in lines), "", "</details>")
