"""The check at deploy: the data source of iacdrift's Terraform provider, written into a stack with its postcondition."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

from attrs import define, field

from iacdrift.cdktf.construct_tree import resources
from iacdrift.cdktf.library import library_of
from iacdrift.errors import UsageError
from iacdrift.options import texts
from iacdrift.terraform_provider.address import ADDRESS, DATA_SOURCE

LISTS = ("sources", "scope", "controls", "sweep", "only", "skip")
STRINGS = ("ports", "scan_type", "family", "code", "fail_on", "nmap", "evidence")
PLAIN = ("rate", "timeout", "strict", "require_code", "max_age", "strict_listeners", "allow_incomplete", "allow_unaddressed")
"""The keywords that the provider takes as they are named here, by the type of their attribute."""
_NAME = re.compile(r"[A-Za-z_][\w-]*")


def add_runtime_assertion(
    stack: Any,
    *,
    vantage: str | Sequence[str] = "auto",
    name: str = "iacdrift",
    expect: Iterable[Mapping[str, Any]] = (),
    settle: float | None = 120,
    enforce: bool = True,
    version: str | None = None,
    **options: Any,
) -> Any:
    """Makes `cdktf deploy` and `terraform apply` of this stack end with a scan, and fail where the network isn't what the code says.

    Its resources are handed over as they were applied, the `cdk.tf.json` beside which Terraform runs tells which of their attributes
    it sets, and nothing is sent before all of them are applied. `expect`: what no translator knows, such as
    `{"host": "203.0.113.9", "open": ["443/tcp"]}`. Not `enforce`: a `check` block, which warns. `version` is a constraint on the
    provider; the other keywords are its attributes. Returns the data source, for outputs: `get_string_attribute("report_json")`.
    """
    library = library_of(stack)
    if not isinstance(stack, library.TerraformStack):
        raise UsageError("add_runtime_assertion takes a stack: its resources are judged together")
    if not _NAME.fullmatch(name):
        raise UsageError(f"name={name!r}: a name in Terraform has letters, digits, - and _ only")
    source = library.TerraformDataSource(stack, name, terraform_resource_type=DATA_SOURCE)
    address = f"data.{DATA_SOURCE}.{source.friendly_unique_id}"
    for key, value in _inputs(vantage, settle, expect, options).items():
        source.add_override(key, value)
    stack.add_override("terraform.required_providers.iacdrift", {"source": ADDRESS} | ({"version": version} if version else {}))
    stack.add_override("provider.iacdrift", [{}])
    handed = HandedOver(stack)
    source.add_override("resources", library.Lazy.string_value(_producer(library.IStringProducer, handed, handed.text)))
    source.add_override("depends_on", library.Lazy.list_value(_producer(library.IListProducer, handed, handed.depends_on)))
    if enforce:
        source.add_override("lifecycle.postcondition", [{"condition": "${self.passed}", "error_message": "${self.report}"}])
    else:
        asked = {"condition": f"${{{address}.passed}}", "error_message": f"${{{address}.report}}"}
        stack.add_override(f"check.{source.friendly_unique_id}", {"assert": [asked]})
    return source


def _inputs(
    vantage: str | Sequence[str], settle: float | None, expect: Iterable[Mapping[str, Any]], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes of the data source. UsageError for a keyword that it doesn't take."""
    if wrong := sorted(set(options) - {*LISTS, *STRINGS, *PLAIN}):
        raise UsageError(f"no such keyword of a runtime assertion: {', '.join(wrong)}")
    given = {key: value for key, value in options.items() if value is not None}
    said = {
        "after": "${timestamp()}",
        "vantage": vantage if isinstance(vantage, str) else ",".join(vantage),
        **({} if settle is None else {"settle": settle}),
        **{key: list(texts(value)) if key in LISTS else str(value) if key in STRINGS else value for key, value in given.items()},
    }
    blocks = [dict(block) for block in expect]
    return said | {"expect": blocks} if blocks else said


_ASKED: set[Any] = set()
"""Stacks that are being resolved for an assertion: what is resolved meanwhile must not ask again."""


@define(eq=False)
class HandedOver:
    """The resources of a stack as it is being synthesised, escape hatches and those that come after the call included."""

    stack: Any
    _warned: bool = field(default=False, init=False)

    def text(self) -> str:
        """`${jsonencode({ "aws_eip.a" = aws_eip.a })}`."""
        entries = ", ".join(f"{json.dumps(name)} = {name}" for name in self._managed())
        return f"${{jsonencode({{{entries}}})}}"

    def depends_on(self) -> list[str]:
        """Everything that has to be applied first. What modules make can't be handed over: that is a warning on the stack."""
        modules = sorted(name for name in self._synth().get("module") or {} if name != "//")
        if modules and not self._warned:
            self._warned = True
            text = f"iacdrift doesn't see the resources in {', '.join(modules)}: hand over what they open as expect=[…]"
            library_of(self.stack).Annotations.of(self.stack).add_warning(text)
        return [*self._managed(), *(f"module.{name}" for name in modules)]

    def _managed(self) -> list[str]:
        return sorted(resources(self._synth()))

    def _synth(self) -> Mapping[str, Any]:
        """The stack without the lists of its assertions, which are being asked for."""
        if self.stack in _ASKED:
            return {}
        _ASKED.add(self.stack)
        try:
            found: Mapping[str, Any] = self.stack.to_terraform()
        finally:
            _ASKED.discard(self.stack)
        return found


def _producer(interface: Any, handed: HandedOver, produce: Any) -> Any:
    made = _producing(interface)()
    made.handed, made.made = handed, produce
    return made


@lru_cache(maxsize=8)
def _producing(interface: Any) -> Any:
    """A class whose `produce` the library calls when it resolves tokens."""

    def produce(self: Any, context: Any) -> Any:
        del context
        return self.made()

    return import_module("jsii").implements(interface)(type("Producer", (), {"produce": produce}))
