"""The one door through which hostile text reaches a terminal or a file: names from a state, banners from the network."""

from __future__ import annotations

import unicodedata

LONGEST = 400
"""So many characters of one value are shown; a longer one is cut, and the cut is seen."""

# Format characters turn text around (bidi), hide in it (zero width), or tag it (U+E00xx); all of them are shown as escapes.
_NEVER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe(text: object, longest: int | None = LONGEST) -> str:
    """One line of printable text: control characters, ANSI escapes, bidi marks and line breaks become visible escapes.

    `longest` None keeps the whole text, for commands that somebody has to copy.
    """
    plain = str(text)
    # Nearly every text is printable ASCII, which is shown as it is: pages of a thousand findings hold millions of characters.
    shown = plain if plain.isascii() and plain.isprintable() else "".join(_shown(character) for character in plain)
    if longest is not None and len(shown) > longest:
        return f"{shown[: longest - 1]}…"
    return shown


def safe_lines(text: str) -> tuple[str, ...]:
    """The lines of a text of our own making (a command, a block of code), each made safe, none cut."""
    return tuple(safe(line, None) for line in text.split("\n"))


def safe_json(text: str) -> str:
    """JSON text without the one control character that JSON leaves as it is."""
    return text.replace("\x7f", "\\u007f")


def _shown(character: str) -> str:
    if " " <= character <= "~":
        return character
    if unicodedata.category(character) in _NEVER or not character.isprintable():
        code = ord(character)
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    return character
