"""Values from a state inside text that somebody will paste: quoted for the shell, or for HCL."""

from __future__ import annotations

import json
import re
import shlex

_REFERENCE = re.compile(r"[a-z]\w*\.[A-Za-z_][\w-]*(?:\[(?:\d+|\"[\w./ -]*\")\])?")
_MODULE = re.compile(r"^(?:module\.[\w-]+(?:\[(?:\d+|\"[^\"]*\")\])?\.)+")


def in_shell(value: object) -> str:
    """One word of a shell command, printable and on one line."""
    return shlex.quote("".join(character if character.isprintable() else "?" for character in str(value)))


def in_hcl(value: str) -> str:
    """A quoted HCL string in which nothing is a template: `${` and `%{` are doubled."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")


def in_comment(value: str) -> str:
    """Text for the rest of a comment line."""
    return "".join(character if character.isprintable() else "?" for character in value)


def reference(address: str) -> str | None:
    """How code in the same module refers to a resource; None where the address isn't a plain one."""
    local = _MODULE.sub("", address)
    return local if _REFERENCE.fullmatch(local) else None


def label(*parts: str) -> str:
    """A name for a block, of letters, digits and underscores."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(parts)).strip("_")[:60]
    return words if words[:1].isalpha() else f"rule_{words}"
