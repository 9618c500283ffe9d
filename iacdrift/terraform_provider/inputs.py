"""What a configuration hands over, as the pipeline's sources and options."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from msgpack import ExtType
from tf.types import Unknown

from iacdrift.errors import SourceError, UsageError
from iacdrift.terraform_provider.schema import INPUTS

SOURCES = ("source", "sources", "resources", "plan")
_HOW = 'write resources = jsonencode({ "aws_instance.web" = aws_instance.web })'


class Said(dict[str, Any]):
    """A document that was never a file. `name` is how a report calls it; `written_at`: now, later than any plan or state."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self.name = name
        self.written_at = datetime.now(UTC).isoformat(timespec="seconds")


def known(value: Any) -> Any:
    """With one word for what isn't known: of some values Terraform says more (they are no null), in a form that `tf` leaves as it came."""
    if isinstance(value, dict):
        return {name: known(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [known(inner) for inner in value]
    return Unknown if isinstance(value, ExtType) else value


def options(config: Mapping[str, Any]) -> dict[str, Any]:
    """What the configuration sets of the command line's options; without those that aren't known yet."""
    chosen = {name: config[name] for name in INPUTS if name not in SOURCES and config.get(name) is not None}
    settled = {name: value for name, value in chosen.items() if not _holds_unknown(value)}
    if "vantage" in settled:
        settled["vantage"] = settled["vantage"].replace(",", " ").split()
    if "rate" in settled:
        settled["rate"] = int(settled["rate"])
    return settled


def check(config: Mapping[str, Any]) -> None:
    """UsageError or SourceError where what is known so far has no meaning."""
    if all(not config.get(name) for name in (*SOURCES, "expect")):
        raise UsageError("nothing says what is declared: give source, resources or expect blocks")
    if config.get("plan") and not config.get("resources"):
        raise UsageError("plan goes with resources: it tells which of their attributes the configuration sets; a plan alone is a source")
    from iacdrift.assertion import Pipeline
    from iacdrift.options import families
    from iacdrift.surface.vantage import Vantage

    chosen = options(config)
    families(chosen.get("family"))
    if "vantage" in chosen:
        Vantage.parse(*chosen["vantage"])
    Pipeline.of(chosen)
    _check_expectations(config.get("expect") or ())


def _check_expectations(blocks: Any) -> None:
    """Their ports and networks; a host is known only once it exists, so any name stands for it."""
    said = [] if blocks is Unknown else [_set(block) for block in blocks if block is not Unknown]
    named = [{key: "known.invalid" if key == "host" and value is Unknown else value for key, value in block.items()} for block in said]
    settled = [block for block in named if not any(_holds_unknown(value) for value in block.values())]
    if settled:
        from iacdrift.sources.read import read_sources

        read_sources([_expected(settled)])


def _expected(blocks: list[dict[str, Any]]) -> Said:
    return Said("expect blocks", {"schema": "iacdrift/expectation/1", "expectations": blocks})


def _set(block: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if value is not None}


def sources(config: Mapping[str, Any]) -> list[Any]:
    """What is declared, and where. SourceError where `resources` is no JSON object."""
    found: list[Any] = [config["source"]] if config.get("source") else []
    found += config.get("sources") or []
    plan = config.get("plan")
    found += [f"plan:{plan}"] if plan else []
    if config.get("resources"):
        # the folder of the plan is part of the name: only what lies beside a plan is taken for its outcome
        name = str((Path(plan).parent if plan else Path()) / "resources of the configuration")
        found.append(Said(name, _resources(config["resources"]) | {"folder": ".", "planned": bool(plan)}))
    if config.get("expect"):
        found.append(_expected([_set(block) for block in config["expect"]]))
    return found


def _resources(text: str) -> dict[str, Any]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise SourceError(f"resources is not JSON: {_HOW}") from None
    if not isinstance(given, dict):
        raise SourceError(f"resources is no object: {_HOW}")
    return {"schema": "iacdrift/resources/1", "resources": given}


def _holds_unknown(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is Unknown or any(item is Unknown for item in inner)
