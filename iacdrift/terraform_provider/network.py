"""The data source `iacdrift_network`: what the configuration hands over -> one scan -> its outputs, or an error without a verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from tf.iface import DataSource, ReadDataContext
from tf.schema import Schema
from tf.types import Unknown
from tf.utils import Diagnostics

from iacdrift.errors import IacDriftError, UsageError
from iacdrift.terraform_provider.inputs import check, known, options, sources
from iacdrift.terraform_provider.schema import NAME, schema

ENFORCE = "IACDRIFT_ENFORCE"
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
        given = known(config)
        try:
            _enforced()
            self._refuse_plan(given["after"])
            check(given)
        except IacDriftError as error:
            diags.add_error("Invalid iacdrift_network", str(error))

    def read(self, ctx: ReadDataContext, config: Mapping[str, Any]) -> dict[str, Any] | None:
        """One scan. Drift is no error here but in `passed`, so that a postcondition decides; without a verdict it is an error."""
        try:
            enforced = _enforced()
            self._refuse_plan(config["after"])
        except IacDriftError as error:
            ctx.diagnostics.add_error("Nothing was sent", str(error))
            return None
        try:
            found: dict[str, Any] = self._provider.in_main_thread(lambda: _judged(config, enforced=enforced))
        except Exception as error:  # whatever it is, Terraform's user gets a sentence and no verdict
            why = str(error) if isinstance(error, IacDriftError) else f"internal error, please report it: {type(error).__name__}: {error}"
            if enforced:
                ctx.diagnostics.add_error(_NO_VERDICT, why)
                return None
            from iacdrift.terraform_provider.answer import nothing_known

            found = nothing_known(why)
        if not (enforced or found["in_sync"]):
            ctx.diagnostics.add_warning(f"{ENFORCE}=warn: the apply goes on", found["report"])
        # the attributes of `resources` may hold secrets, and stand in the state once already
        return {**config, **found, "resources": None}

    def _refuse_plan(self, after: object) -> None:
        if after is not Unknown and (why := self._provider.walk.refusal(after)):
            raise UsageError(why)


def _enforced() -> bool:
    chosen = os.environ.get(ENFORCE) or "error"
    if chosen not in ("error", "warn"):
        raise UsageError(f"{ENFORCE}={chosen} in the environment: it is error or warn")
    return chosen == "error"


def _judged(config: Mapping[str, Any], *, enforced: bool) -> dict[str, Any]:
    from iacdrift.assertion import check_network_drift
    from iacdrift.terraform_provider.answer import outputs

    chosen = options(config)
    report = check_network_drift(*sources(config), **chosen)
    return outputs(report, chosen.get("fail_on", "low"), enforced=enforced)
