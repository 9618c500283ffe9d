"""The door for Pulumi's policy packs (CrossGuard): two policies, and a pack that is ready to run.

    # __main__.py of a policy pack
    from iacdrift.policy import pack

    pack()

`network-matches-code` scans after an update; `no-undeclared-exposure` needs no packet and works in a preview. A pack sees every
resource of the stack, those inside remote components too. See docs of `policies` for what can be configured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from attrs import define, field, frozen
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from iacdrift.assertion import check_network_drift, expected_part
from iacdrift.drift.report import Severity
from iacdrift.errors import IacDriftError, UsageError
from iacdrift.pulumi.document import STACK, Collected, Seen, document
from iacdrift.pulumi.report import told
from iacdrift.pulumi.values import UNKNOWN, holds_secret, plain, secret
from iacdrift.surface.exposure import TCP, UDP, Justification, Unjudged, asked_ports, exposures, undecided

MATCHES = "network-matches-code"
EXPOSURE = "no-undeclared-exposure"
INPUTS = "network-inputs"

MATCHES_DEFAULTS: Mapping[str, Any] = {
    "vantage": "auto",
    "ports": "common",
    "scope": [],
    "rate": 1000,
    "failOn": "low",
    "settle": 120,
    "controls": [],
    "scanType": "auto",
    "allowIncomplete": False,
}
EXPOSURE_DEFAULTS: Mapping[str, Any] = {"tcp": str(TCP), "udp": str(UDP), "justified": []}
_UPPER = re.compile(r"_([a-z])")
_OPTIONS = {"failOn": "fail_on", "scanType": "scan_type", "allowIncomplete": "allow_incomplete"}


@define(slots=True)
class Inputs:
    """What the program gives, by URN: the resource policy of a pack is told of every resource before its stack policies run.

    Secrets reach a policy's `validate` unwrapped; only a remediation, which the engine asks first, is shown which they are.
    """

    by_urn: dict[str, Any] = field(factory=dict)
    secrets: dict[str, frozenset[str]] = field(factory=dict)
    """URN -> the properties that hold a secret."""

    def mark(self, args: ResourceValidationArgs) -> None:
        """Remembers which of one resource's inputs are secret; remedies nothing."""
        self.secrets[args.urn] = frozenset(name for name, value in plain(args.props).items() if holds_secret(value))

    def keep(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Remembers one resource's inputs; never a violation."""
        del report
        self.by_urn[args.urn] = plain(args.props)

    def hiding(self, urn: str, values: Mapping[str, Any], also: Sequence[str] = ()) -> dict[str, Any]:
        """A resource's values with the secret properties marked: all of them where nobody said which they are."""
        hidden = self.secrets.get(urn)
        return {name: secret(value) if hidden is None or name in hidden or name in also else value for name, value in values.items()}


def policies(config: Mapping[str, Mapping[str, Any]] | None = None) -> list[Policy]:
    """The two policies, and the one that keeps the program's inputs for them; all three belong into one pack.

    `config`, by policy: `{"network-matches-code": {"vantage": "internet"}}`; what the pack is configured with from outside
    wins property by property. UsageError for a name that means nothing.
    """
    given = config or {}
    if unknown := sorted(set(given) - {MATCHES, EXPOSURE}):
        raise UsageError(f"no such policy: {', '.join(unknown)}; known: {MATCHES}, {EXPOSURE}")
    matches, exposure = _over(MATCHES_DEFAULTS, given.get(MATCHES, {})), _over(EXPOSURE_DEFAULTS, given.get(EXPOSURE, {}))
    inputs = Inputs()
    return [
        ResourceValidationPolicy(
            INPUTS,
            "Keeps what the program declares for the other policies; reports and changes nothing.",
            inputs.keep,
            EnforcementLevel.REMEDIATE,
            remediate=inputs.mark,
        ),
        StackValidationPolicy(
            MATCHES,
            "After an update, the network answers as the program says, and nothing else does.",
            Scan(inputs, matches),
            config_schema=PolicyConfigSchema(_schema(matches)),
        ),
        StackValidationPolicy(
            EXPOSURE,
            "No administrative or database port is admitted from the whole internet without a justification.",
            Exposed(inputs, exposure),
            config_schema=PolicyConfigSchema(_schema(exposure)),
        ),
    ]


def pack(
    name: str = "iacdrift",
    *,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    enforcement_level: EnforcementLevel = EnforcementLevel.MANDATORY,
    **options: Any,
) -> PolicyPack:
    """Runs the pack: the last line of its `__main__.py`, since it serves the engine until that ends it.

    `config` as `policies` takes it. Whoever configures the pack from outside has to give `enforcementLevel` along with the
    rest: Pulumi takes a configuration without one for advisory, and no policy can tell.
    """
    return PolicyPack(name, policies=policies(config), enforcement_level=enforcement_level, **options)


@frozen(slots=True)
class Scan:
    """`network-matches-code`. Does nothing in a preview: there is nothing to scan yet."""

    inputs: Inputs
    defaults: Mapping[str, Any]

    def __call__(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """A violation for drift, for what couldn't be learnt, and where there is no verdict."""
        if pulumi.runtime.is_dry_run():
            return
        try:
            said = _over(self.defaults, args.get_config() or {})
            options = {_OPTIONS.get(key, key): value for key, value in said.items()}
            options["settle"] = options["settle"] or None
            source = collected(args.resources, self.inputs)
            found = check_network_drift(source, **options)
            if found.exit_code:
                report(told(found, Severity(options["fail_on"]), source), None)
        except IacDriftError as error:
            report(f"there is no verdict on the network: {error}", None)


@frozen(slots=True)
class Exposed:
    """`no-undeclared-exposure`. Sends nothing."""

    inputs: Inputs
    defaults: Mapping[str, Any]

    def __call__(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """A violation for every exposure, at the resource that makes it; what can't be judged is never silent."""
        try:
            said = _over(self.defaults, args.get_config() or {})
            tcp, udp = asked_ports(said["tcp"]), asked_ports(said["udp"])
            source = collected(args.resources, self.inputs)
            found, unsure = exposures(expected_part([source], "internet").network, tcp, udp, map(Justification.parse, said["justified"]))
        except IacDriftError as error:
            report(f"exposure couldn't be judged: {error}", None)
            return
        urns = _urns(source)
        for exposure in found:
            report(str(exposure), urns.get(exposure.because.resource) or urns.get(exposure.owner))
        if unsure:
            _unjudged(unsure, report)


def _unjudged(unsure: Sequence[Unjudged], report: ReportViolation) -> None:
    """In an update nothing more will be known: a violation. In a preview it will be, so that it only must not be silent."""
    text = undecided(unsure)
    if not pulumi.runtime.is_dry_run():
        report(text, None)
        return
    error = UnknownValueError(UNKNOWN_STRING_VALUE, [])
    error.message = text  # the engine shows it as an advisory, whatever the policy's level, and judges again in the update
    raise error


def collected(resources: Sequence[PolicyResource], inputs: Inputs) -> Collected:
    """The stack as the program gives it (inputs) and as it was recorded (the outputs that a stack policy is told)."""
    parents = {one.parent.urn for one in resources if one.parent is not None}
    seen, blind = [], []
    for one in resources:
        outputs = plain(one.props)
        custom = one.resource_type != STACK and not (one.provider is None and one.urn in parents)
        if custom and one.urn not in inputs.by_urn and not one.resource_type.startswith("pulumi:"):
            blind.append(one.urn)
        seen.append(_seen(one, inputs, outputs, custom=custom))
    gaps = (f"the pack wasn't told what the program says of {len(blind)} resources, such as {blind[0]}",) if blind else ()
    return document("Pulumi stack in a policy pack", seen, gaps)


def _seen(one: PolicyResource, inputs: Inputs, outputs: dict[str, Any], *, custom: bool) -> Seen:
    physical = outputs.get("id")
    also = [_UPPER.sub(lambda found: found[1].upper(), name) for name in one.opts.additional_secret_outputs]
    shown = inputs.hiding(one.urn, outputs, also) if custom else outputs
    coming = custom and pulumi.runtime.is_dry_run() and (physical is None or physical == UNKNOWN)
    return Seen(
        one.urn,
        one.resource_type,
        custom,
        inputs.hiding(one.urn, inputs.by_urn.get(one.urn, outputs)) if custom else inputs.by_urn.get(one.urn, outputs),
        None if coming else shown,
        physical if isinstance(physical, str) else None,
        one.parent.urn if one.parent is not None else None,
        property_dependencies={name: tuple(found.urn for found in sources) for name, sources in one.property_dependencies.items()},
    )


def _urns(source: Collected) -> dict[str, str]:
    from iacdrift.sources.pulumi_urn import addresses

    return {address: urn for urn, address in addresses(step["urn"] for step in source["steps"]).items()}


def _over(defaults: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration over the defaults, which Pulumi's SDK doesn't apply. UsageError for a name that means nothing."""
    given = plain(config)
    if unknown := sorted(set(given) - set(defaults)):
        raise UsageError(f"no such property in the policy's configuration: {', '.join(unknown)}; known: {', '.join(defaults)}")
    return {name: given.get(name) if given.get(name) is not None else value for name, value in defaults.items()}


def _schema(defaults: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    schema: dict[str, dict[str, Any]] = {name: {"type": kinds[type(value)], "default": value} for name, value in defaults.items()}
    schema.get("justified", {})["items"] = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in ("resource", "ports", "why")},
        "required": ["resource", "why"],
    }
    return schema
