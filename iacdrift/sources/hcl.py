"""Blocks of a `.tf` file by python-hcl2's parse tree: only names and lines are taken, no value is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hcl2.api import parses_to_tree
from lark import Token, Tree
from lark.exceptions import LarkError

from iacdrift.sources.code import CodeBlock
from iacdrift.sources.hcl_lines import headers_of, key_of

_META = frozenset(
    {"count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner", "source", "version", "providers"}
)


def blocks_of(text: str, shown: str) -> Mapping[str, CodeBlock]:
    """Every resource, data source and module call of one file; with their lines alone where it doesn't parse."""
    try:
        tree = parses_to_tree(text)
    except LarkError:
        return dict(headers_of(text, shown))
    return dict(_by_tree(tree, shown))


def _by_tree(tree: Any, shown: str) -> Iterator[tuple[str, CodeBlock]]:
    for block in _blocks_in(tree.children[0]):
        labels, body = _labels(block), _body(block)
        key = key_of(labels)
        if key and body is not None:
            source = _string(_attribute(body, "source")) if labels[0] == "module" else None
            yield (
                key,
                CodeBlock(
                    f"{shown}:{block.meta.line}", frozenset(_names(body)) - _META, frozenset(_ignored(body)), source, _repeated(body)
                ),
            )


def _blocks_in(body: Any) -> Iterator[Any]:
    return (child for child in body.children if isinstance(child, Tree) and child.data == "block")


def _body(block: Any) -> Any:
    return next((child for child in block.children if isinstance(child, Tree) and child.data == "body"), None)


def _labels(block: Any) -> list[str]:
    """The words in front of the brace: `resource`, type, name."""
    heads = (child for child in block.children if isinstance(child, Tree) and child.data in ("identifier", "string", "keyword"))
    return [_plain(head) for head in heads]


def _plain(tree: Any) -> str:
    """The text of a subtree without its quotes."""
    return "".join(str(token) for token in tree.scan_values(lambda value: isinstance(value, Token))).strip('"')


def _names(body: Any) -> Iterator[str]:
    for child in body.children:
        if isinstance(child, Tree) and child.data == "attribute":
            yield _plain(child.children[0]).strip()
        elif isinstance(child, Tree) and child.data == "block":
            labels = _labels(child)
            yield labels[1] if labels[0] == "dynamic" and len(labels) > 1 else labels[0]


def _repeated(body: Any) -> frozenset[tuple[str, str]]:
    """Dynamic blocks with their `for_each`, where no static block of the same name sets it too."""
    found: list[tuple[str, str]] = []
    static: set[str] = set()
    for block in _blocks_in(body):
        head, *labels = _labels(block)
        inside = _body(block)
        if head == "dynamic" and labels:
            found.append((labels[0], (_string(_attribute(inside, "for_each")) if inside is not None else None) or ""))
        else:
            static.add(head)
    return frozenset(one for one in found if one[0] not in static)


def texts_of(text: str) -> Mapping[str, str]:
    """The expressions of local values and of the arguments of module calls, as written; none where the file doesn't parse."""
    try:
        tree = parses_to_tree(text)
    except LarkError:
        return {}
    return dict(_texts(tree))


def _texts(tree: Any) -> Iterator[tuple[str, str]]:
    for block in _blocks_in(tree.children[0]):
        labels, body = _labels(block), _body(block)
        front = "local" if labels == ["locals"] else key_of(labels) if labels[:1] == ["module"] else None
        for child in body.children if front and body is not None else ():
            if isinstance(child, Tree) and child.data == "attribute":
                yield f"{front}.{_plain(child.children[0]).strip()}", _string(child) or ""


def _attribute(body: Any, name: str) -> Any:
    attributes = (child for child in body.children if isinstance(child, Tree) and child.data == "attribute")
    return next((found for found in attributes if _plain(found.children[0]).strip() == name), None)


def _string(attribute: Any) -> str | None:
    return _plain(attribute.children[-1]).strip().strip('"') if attribute is not None else None


def _ignored(body: Any) -> Iterator[str]:
    """Attribute names in `ignore_changes`, without what follows them; `all` as written."""
    for block in _blocks_in(body):
        inside = _body(block)
        listed = _attribute(inside, "ignore_changes") if inside is not None and _labels(block)[:1] == ["lifecycle"] else None
        if listed is not None:
            yield from re.findall(r"(?<![\w.\]])[A-Za-z_]\w*", _plain(listed.children[-1]))


def spans_of(text: str) -> tuple[tuple[int, int], ...]:
    """The first and last line, from 1, of every block at the top of a file; none where it doesn't parse."""
    try:
        tree = parses_to_tree(text)
    except LarkError:
        return ()
    return tuple((block.meta.line, block.meta.end_line) for block in _blocks_in(tree.children[0]))


def parses(text: str) -> bool:
    """Whether the text is HCL."""
    try:
        parses_to_tree(text)
    except LarkError:
        return False
    return True
