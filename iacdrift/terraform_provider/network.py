"""The data source `iacdrift_network`: what the configuration hands over -> one scan -> its outputs, or an error without a verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgpack import ExtType
from tf.iface import DataSource, ReadDataContext
from tf.schema import Schema
from tf.types import Unknown
from tf.utils import Diagnostics

from iacdrift.errors import IacDriftError, UsageError
from iacdrift.terraform_provider.schema import INPUTS, NAME, schema

ENFORCE = "IACDRIFT_ENFORCE"
_SOURCES = ("source", "sources", "resources", "plan")
_NO_VERDICT = "There is no verdict on the network"


class Network(DataSource):  # type: ignore[misc] # tf ships no types
    """One `data "iacdrift_network"`."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    @classmethod
    def get_name(cls) -> str:
        """Its type is `iacdrift_network`."""
        return NAME

    @classmethod
    def get_schema(cls) -> Schema:
        """What it takes and gives."""
        return schema()

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        """Before anything is applied: an option without a meaning must not be found out after resources have changed."""
        del type_name
        config = _known(config)
        try:
            _enforced()
            if config["after"] is not Unknown and (why := self._provider.walk.refusal(config["after"])):
                raise UsageError(why)
            _check(config)
        except IacDriftError as error:
            diags.add_error("Invalid iacdrift_network", str(error))

    def read(self, ctx: ReadDataContext, config: Mapping[str, Any]) -> dict[str, Any] | None:
        """One scan. Drift is no error here but in `passed`, so that a postcondition decides; without a verdict it is an error."""
        try:
            if why := self._provider.walk.refusal(config["after"]):
                raise UsageError(why)
            enforced = _enforced()
        except IacDriftError as error:
            ctx.diagnostics.add_error("Nothing was sent", str(error))
            return None
        try:
            found: dict[str, Any] = self._provider.in_main_thread(lambda: _judged(config, enforced=enforced))
        except IacDriftError as error:
            if enforced:
                ctx.diagnostics.add_error(_NO_VERDICT, str(error))
                return None
            from iacdrift.terraform_provider.answer import nothing_known

            found = nothing_known(str(error))
        if not (enforced or found["in_sync"]):
            ctx.diagnostics.add_warning(f"{ENFORCE}=warn: the apply goes on", found["report"])
        # the attributes of `resources` may hold secrets, and stand in the state once already
        return dict(config) | found | {"resources": None}


def _enforced() -> bool:
    chosen = os.environ.get(ENFORCE) or "error"
    if chosen not in ("error", "warn"):
        raise UsageError(f"{ENFORCE}={chosen} in the environment: it is error or warn")
    return chosen == "error"


def _options(config: Mapping[str, Any]) -> dict[str, Any]:
    """What the configuration sets of the command line's options."""
    chosen = {name: config[name] for name in INPUTS if name not in _SOURCES and config.get(name) is not None}
    if "vantage" in chosen and chosen["vantage"] is not Unknown:
        chosen["vantage"] = chosen["vantage"].replace(",", " ").split()
    if isinstance(chosen.get("rate"), float):
        chosen["rate"] = int(chosen["rate"])
    return chosen


def _check(config: Mapping[str, Any]) -> None:
    """UsageError where what is known so far has no meaning."""
    if all(not config.get(name) for name in (*_SOURCES, "expect")):
        raise UsageError("nothing says what is declared: give source, resources or expect blocks")
    from iacdrift.assertion import Pipeline
    from iacdrift.options import families
    from iacdrift.surface.vantage import Vantage

    known = {name: value for name, value in _options(config).items() if not _holds_unknown(value)}
    families(known.get("family"))
    if "vantage" in known:
        Vantage.parse(*known["vantage"])
    Pipeline.of(known)


def _known(value: Any) -> Any:
    """With one word for what isn't known: of some values Terraform says more (it is no null), in a form that `tf` leaves as it came."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return Unknown if isinstance(value, ExtType) else value


def _holds_unknown(value: Any) -> bool:
    return value is Unknown or (isinstance(value, list) and any(item is Unknown for item in value))


def _judged(config: Mapping[str, Any], *, enforced: bool) -> dict[str, Any]:
    from iacdrift.assertion import check_network_drift
    from iacdrift.terraform_provider.answer import outputs

    options = _options(config)
    report = check_network_drift(*_sources(config), **options)
    return outputs(report, options.get("fail_on", "low"), enforced=enforced)


def _sources(config: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = [config["source"]] if config.get("source") else []
    found += config.get("sources") or []
    folder = Path(config["plan"]).parent if config.get("plan") else Path()
    if config.get("plan"):
        found.append(f"plan:{config['plan']}")
    if config.get("resources"):
        from iacdrift.terraform_provider.handed_over import handed_over

        found.append(handed_over(config["resources"], folder))
    if config.get("expect"):
        said = [{key: value for key, value in block.items() if value is not None} for block in config["expect"]]
        found.append({"schema": "iacdrift/expectation/1", "expectations": said})
    return found
