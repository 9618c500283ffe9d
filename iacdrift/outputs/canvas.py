"""What the text views draw on: rich, given nothing but literal text, so that no value can become markup."""

from __future__ import annotations

from io import StringIO

from attrs import field, frozen
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from iacdrift.model.because import Because
from iacdrift.outputs.safe import safe, safe_lines


def _console(color: bool, width: int) -> Console:
    return Console(
        file=StringIO(),
        width=max(width, 20),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


@frozen(slots=True)
class Canvas:
    """Lines of at most `width` columns; every text passes the door of `safe` here."""

    console: Console = field()

    @classmethod
    def of(cls, *, color: bool, width: int) -> Canvas:
        """An empty one."""
        return cls(_console(color, width))

    def line(self, *parts: str | tuple[str, str], indent: int = 0, hang: int = 0) -> None:
        """One paragraph of texts or (text, style) pairs; wrapped lines are indented `hang` further."""
        text = Text(overflow="fold")
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            text.append(safe(words, None), style=style)
        self._put(text, indent, hang)

    def field(self, label: str, value: object, indent: int, *, longest: int | None = None) -> None:
        """A label and its value, the value's lines under each other."""
        text = Text(overflow="fold")
        text.append(f"{label:<9} ", style="dim")
        text.append(safe(value, longest))
        self._put(text, indent, 10)

    def block(self, label: str, text: str, indent: int) -> None:
        """A label over lines that keep their own breaks: a command, a block of code."""
        self.line((label, "dim"), indent=indent)
        for line in safe_lines(text):
            inner = len(line) - len(line.lstrip(" "))
            self._code(line.strip(" "), indent + 2 + inner)

    def _code(self, line: str, indent: int) -> None:
        """A line of code, wrapped only where it must be; a comment stays a comment on every line."""
        if not line.startswith("# "):
            self.line(line, indent=indent, hang=2)
            return
        room = max(self.console.width - indent - 2, 10)
        for part in Text(line[2:]).wrap(self.console, room, overflow="fold"):
            self.line(f"# {part.plain.strip()}", indent=indent)

    def because(self, reasons: tuple[Because, ...], indent: int, most: int = 4) -> None:
        """Why the code says what it says, and where; long lists are cut, and the cut is counted."""
        for number, reason in enumerate(reasons[:most]):
            where = f"  at {safe(reason.at)}" if reason.at else ""
            self.field("why" if number == 0 else "", f"{safe(reason.resource)}: {safe(reason.detail)}{where}", indent)
        if len(reasons) > most:
            self.field("", f"and {len(reasons) - most} more", indent)

    def heading(self, text: str) -> None:
        """The title of a part, after an empty line."""
        self.gap()
        self.line((text, "bold"))

    def gap(self) -> None:
        """An empty line."""
        self.console.print()

    def text(self) -> str:
        """All that was drawn, without blanks at line ends."""
        drawn = self.console.file
        assert isinstance(drawn, StringIO)  # noqa: S101 - it is the one that _console made
        return "\n".join(line.rstrip() for line in drawn.getvalue().rstrip("\n").split("\n")) + "\n"

    def _put(self, text: Text, indent: int, hang: int) -> None:
        room = max(self.console.width - indent, 10)
        first, *rest = text.wrap(self.console, room, overflow="fold") or [Text()]
        if rest and hang:
            first, *rest = self._hanging(text, room, hang)
        for number, line in enumerate([first, *rest]):
            line.rstrip()
            self.console.print(Padding(line, (0, 0, 0, indent + (hang if number else 0))), soft_wrap=False)

    def _hanging(self, text: Text, room: int, hang: int) -> list[Text]:
        """The first line as it is, what follows wrapped again in the narrower room."""
        first = text.wrap(self.console, room, overflow="fold")[0]
        rest = text[len(first.plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :] if rest.plain else rest
        return [first, *rest.wrap(self.console, max(room - hang, 10), overflow="fold")]
