"""Parameters of templates: what the user gives, what the stack has, defaults; secrets and looked-up ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from iacdrift.errors import SourceError
from iacdrift.sources.document import decode, read_bytes
from iacdrift.sources.resource import Sensitive, Unknown, Value

_LOOKED_UP = "AWS::SSM::Parameter::Value<"


@frozen(slots=True)
class Given:
    """Parameter values that the user gave: for all templates, and for stacks by name. Files first, then single ones."""

    common: Mapping[str, str] = field(factory=dict)
    by_stack: Mapping[str, Mapping[str, str]] = field(factory=dict)

    @classmethod
    def of(cls, single: Iterable[tuple[str, str]], files: Iterable[Path]) -> Given:
        """`K` or `STACK:K` with its value, and files. SourceError where a file holds no parameters."""
        common: dict[str, str] = {}
        by_stack: dict[str, dict[str, str]] = {}
        for path in files:
            common.update(read_parameters(Path(path)))
        for name, value in single:
            stack, colon, key = name.rpartition(":")
            (by_stack.setdefault(stack, {}) if colon else common)[key] = value
        return cls(common, by_stack)

    def of_stack(self, stack: str) -> dict[str, str]:
        """What is given to one stack: its own before what is given to all."""
        return {**self.common, **self.by_stack.get(stack, {})}

    def refuse_unknown(self, known: Mapping[str, Iterable[str]]) -> None:
        """SourceError for a parameter that no template has; a misspelt one would leave a default in place. `known`: by stack."""
        everything = {name for names in known.values() for name in names}
        for stack, values in {**self.by_stack, "": self.common}.items():
            if stack and stack not in known:
                raise SourceError(f"--parameter {stack}:… names no stack; stacks: {', '.join(sorted(known)) or 'none'}")
            for name in values:
                if name not in (known[stack] if stack else everything):
                    listed = ", ".join(sorted(known[stack] if stack else everything)) or "none"
                    raise SourceError(f"no template has the parameter {name}; parameters: {listed}")


def read_parameters(path: Path) -> dict[str, str]:
    """A parameters file in AWS's shapes: a list of ParameterKey and ParameterValue, an object below Parameters, or `K=V` texts."""
    name = str(path)
    try:
        data = yaml.safe_load(decode(read_bytes(path, name), name))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise SourceError(f"{name} is no valid JSON or YAML: is it complete?") from None
    if isinstance(data, Mapping) and isinstance(data.get("Parameters"), Mapping | list):
        data = data["Parameters"]
    if isinstance(data, Mapping):
        return {str(key): _text(value) for key, value in data.items()}
    if isinstance(data, list):
        return dict(_pair(item, name) for item in data)
    raise SourceError(f"{name} holds no parameters: a list of ParameterKey and ParameterValue, or an object below Parameters, is read")


def _pair(item: Any, name: str) -> tuple[str, str]:
    if isinstance(item, str) and "=" in item:
        key, _, value = item.partition("=")
        return key, value
    if isinstance(item, Mapping) and "ParameterKey" in item and "ParameterValue" in item:
        return str(item["ParameterKey"]), _text(item["ParameterValue"])
    raise SourceError(f"{name}: each entry needs a ParameterKey and a ParameterValue (UsePreviousValue can't be told from a file)")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(_text(item) for item in value) if isinstance(value, list) else str(value)


def parameter_values(declared: Any, given: Mapping[str, Value], recorded: Mapping[str, str], source: str) -> dict[str, Value]:
    """Every declared parameter's value: given, else as the deployed stack has it, else its default, else unknown.

    SourceError where a value isn't among the allowed ones: CloudFormation would refuse it.
    """
    found: dict[str, Value] = {}
    for name, about in (declared or {}).items() if isinstance(declared, Mapping) else ():
        about = about if isinstance(about, Mapping) else {}  # noqa: PLW2901 - a parameter without a description
        value = given.get(name, recorded.get(name, about.get("Default")))
        if str(about.get("NoEcho")).lower() == "true" and name not in given and set(str(recorded.get(name, ""))) == {"*"}:
            value = None  # the API shows a secret as asterisks
        found[name] = _typed(name, about, value, source)
    return found


def _typed(name: str, about: Mapping[str, Any], value: Value, source: str) -> Value:
    kind = str(about.get("Type", "String"))
    if value is None:
        return Unknown(f"parameter {name} has no value: give --parameter {name}=VALUE")
    if kind.startswith(_LOOKED_UP):
        return Unknown(f"parameter {name} is looked up in the parameter store ({value})")
    if isinstance(value, str | int | float):
        allowed = about.get("AllowedValues")
        if isinstance(allowed, list) and kind in ("String", "Number") and str(value) not in map(_text, allowed):
            raise SourceError(f"{source}: parameter {name} must be one of {', '.join(map(_text, allowed))}")
        text = _text(value)
        value = [part.strip() for part in text.split(",")] if kind == "CommaDelimitedList" or kind.startswith("List<") else text
    return Sensitive(value) if str(about.get("NoEcho")).lower() == "true" and not isinstance(value, Sensitive) else value
