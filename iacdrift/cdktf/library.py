"""Which of the two libraries a construct belongs to; both have the same classes, and neither knows the other's."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from iacdrift.errors import UsageError

NAMES = ("cdktn", "cdktf")


def library_of(construct: Any) -> ModuleType:
    """The library whose class this construct's class is made from. UsageError for what is no construct of either."""
    for kind in type(construct).__mro__:
        name = kind.__module__.partition(".")[0]
        if name in NAMES:
            return sys.modules[name]
    raise UsageError(f"{type(construct).__name__} is no construct of cdktf or cdktn: give a TerraformStack")


def stack_of(construct: Any) -> Any:
    """The stack that a construct is in, itself where it is one."""
    kind = library_of(construct).TerraformStack
    return construct if isinstance(construct, kind) else kind.of(construct)


def loaded() -> tuple[ModuleType, ...]:
    """Every library that the program has imported; without one, the one that is installed.

    UsageError where none is, or where it can't start because Node is missing.
    """
    found = tuple(sys.modules[name] for name in NAMES if name in sys.modules)
    return found or (_first_installed(),)


def _first_installed() -> ModuleType:
    for name in NAMES:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
        except FileNotFoundError:
            raise UsageError(f"{name} runs on Node, and there is no node on PATH: install Node 20 or newer (https://nodejs.org)") from None
    raise UsageError("neither cdktn nor cdktf is installed: pip install cdktn")
