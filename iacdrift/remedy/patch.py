"""A finding's way into the code as a change of one file's text: the block beside its group, or inside it."""

from __future__ import annotations

import re
from difflib import unified_diff

from attrs import evolve, frozen

from iacdrift.errors import UsageError

_HEAD = re.compile(r"# (?P<where>inside|beside) (?P<group>\S+):\n(?P<blocks>.+)", re.DOTALL)
_OPEN = re.compile(r"<[a-z][^<>\n]*>", re.IGNORECASE)
_RESOURCE = re.compile(r'^resource "(?P<type>[\w-]+)" "(?P<name>[\w-]+)"', re.MULTILINE)
SOURCE = "<your CIDR>"


@frozen(slots=True)
class Adoption:
    """What a way back would add: `blocks` of HCL, `inside` the block of `group` or beside it."""

    group: str
    inside: bool
    blocks: str

    @classmethod
    def of(cls, adopt: str) -> Adoption | None:
        """From the text of the way back; None where it names no group and no block, as where something has to be taken out."""
        match = _HEAD.search(adopt)
        if match is None or "{" not in match["blocks"]:
            return None
        return cls(match["group"], match["where"] == "inside", match["blocks"].strip())

    def admitting(self, cidr: str | None) -> Adoption:
        """With the source that the finding leaves out. UsageError where something is left to be said."""
        blocks = self.blocks.replace(SOURCE, cidr) if cidr else self.blocks
        if SOURCE in blocks:
            raise UsageError("the finding doesn't tell from where it is to be admitted: give --cidr CIDR")
        if left := _OPEN.search(blocks):
            raise UsageError(f"the finding doesn't tell {left[0]}: adopt it by hand, as its way back shows")
        return evolve(self, blocks=blocks)


def inserted(text: str, adoption: Adoption, first: int, last: int) -> str:
    """The file's text with the blocks in it; `first` and `last` are the lines (from 1) of the group's block.

    Names that the file already has get a number behind them. Line ends stay as the file has them.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    blocks = _named_anew(adoption.blocks, text).split("\n")
    if adoption.inside:
        closing = lines[last - 1]
        if closing.strip() != "}" or first == last:
            raise UsageError(f"line {last} holds more than the closing brace of {adoption.group}: adopt it by hand")
        margin = closing[: len(closing) - len(closing.lstrip())] + "  "
        new = ["", *(f"{margin}{line}" if line else "" for line in blocks)]
        return end.join([*lines[: last - 1], *new, *lines[last - 1 :]])
    return end.join([*lines[:last], "", *blocks, *lines[last:]])


def difference(path: str, before: str, after: str) -> str:
    """A unified diff that `git apply` takes in the directory that `path` is relative to."""
    told = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told)


def _named_anew(blocks: str, text: str) -> str:
    taken = {(match["type"], match["name"]) for match in _RESOURCE.finditer(text)}

    def fresh(match: re.Match[str]) -> str:
        name, number = match["name"], 2
        while (match["type"], name) in taken:
            name, number = f"{match['name']}_{number}", number + 1
        taken.add((match["type"], name))
        return f'resource "{match["type"]}" "{name}"'

    return _RESOURCE.sub(fresh, blocks)
