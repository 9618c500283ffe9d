"""Writes the two ways back from one finding: text to read, adapt and paste; nothing is applied."""

from __future__ import annotations

from collections.abc import Callable

from iacdrift.drift.identity import OF_BASELINES
from iacdrift.drift.report import Finding, FindingKind, Severity, WayBack
from iacdrift.remedy import aws
from iacdrift.remedy.context import RemedyContext
from iacdrift.remedy.hcl import declare, source
from iacdrift.remedy.quote import in_comment, in_hcl, in_shell
from iacdrift.surface.expected import ExpectedHost
from iacdrift.surface.vantage import Vantage

_Writer = Callable[[Finding, RemedyContext, Vantage], WayBack]


def way_back(finding: Finding, host: ExpectedHost | None, vantage: Vantage, context: RemedyContext | None = None) -> WayBack:
    """How to make the network what the code says, and how to make the code say what the network is.

    `host` is None where nothing owns the address; `context` is read from the host's reasons where it isn't given.
    """
    return _WRITERS[finding.kind](finding, context or RemedyContext.of(finding, host), vantage)


def _where(finding: Finding) -> str:
    """The resource that decides and its line, for a comment."""
    reason = finding.because[0] if finding.because else None
    if reason is None or not reason.resource:
        return in_comment(finding.owner or "the code")
    return in_comment(reason.resource + (f" ({reason.at})" if reason.at else ""))


def _queries(finding: Finding, context: RemedyContext) -> str:
    """First who stands in front of the address, then which rules admit the ports, then what else lies on the way."""
    if finding.address is None or not aws.is_aws(finding.owner):
        what = f"{finding.protocol}/{finding.ports}"
        return f"# find the filter in front of {finding.address or 'the host'} and the rule in it that decides on {what}"
    parts = [
        "# which groups and which subnet:",
        aws.find_interface(finding.address),
        "# which rules of those groups admit it:",
        aws.find_rules(finding, context),
    ]
    return "\n".join(parts)


def _further(finding: Finding, context: RemedyContext) -> str:
    return (
        f"\n# none does? then the network ACL of that subnet, then its route:\n{aws.look_further(context)}"
        if aws.is_aws(finding.owner)
        else ""
    )


def _opened(finding: Finding, context: RemedyContext, vantage: Vantage) -> WayBack:
    """Something lets packets through that the code doesn't; a note is about this machine itself, where nothing filters."""
    if finding.severity is Severity.NOTE:
        return WayBack("# nothing to take back: no filter of the code stands in front of this machine itself", "# nothing to adopt")
    found = f"{_queries(finding, context)}{_further(finding, context)}"
    if not aws.is_aws(finding.owner):
        return WayBack(f"{found}, and remove it", _expect(finding, vantage, "allowed"))
    return WayBack(f"{found}\n# then take the rule back:\n{aws.revoke(context)}", declare(finding, context, vantage))


def _expect(finding: Finding, vantage: Vantage, what: str) -> str:
    """An explicit expectation, for what no translator knows."""
    host = in_hcl(finding.name or finding.address or "<address>")
    ports = ", ".join(
        in_hcl(f"{first}/{finding.protocol}" if first == last else f"{first}-{last}/{finding.protocol}")
        for first, last in finding.ports.ranges()
    )
    lines = [
        "# in an expectation file:",
        f"- host: {host}",
        f"  {what}: [{ports}]",
        f"  admitted_from: [{in_hcl(source(finding, vantage))}]",
    ]
    return "\n".join(lines)


def _listener(finding: Finding) -> str:
    """How to see on the host itself what listens."""
    option, spans = ("-lntp" if finding.protocol == "tcp" else "-lnup"), list(finding.ports.ranges())
    wanted = " or ".join(f"sport >= :{first} and sport <= :{last}" if first != last else f"sport = :{first}" for first, last in spans[:5])
    return f"ss {option} {in_shell(f'( {wanted} )')}"


def _missing(finding: Finding, _context: RemedyContext, _vantage: Vantage) -> WayBack:
    revert = f"# on the host: does anything listen? start it if not; if it does, a local firewall rejects\n{_listener(finding)}"
    return WayBack(revert, f"# remove the declared listener, if it is gone for good: {_where(finding)}")


def _unreachable(finding: Finding, context: RemedyContext, _vantage: Vantage) -> WayBack:
    found = f"{_queries(finding, context)}{_further(finding, context)}"
    up = f"# all of it admits the port? then on the host: is it up, does anything listen?\n{_listener(finding)}"
    again = f"\n# a rule is missing? then let the code put it back:\n{_plan(finding)}" if aws.is_aws(finding.owner) else ""
    return WayBack(f"{found}{again}\n{up}", f"# remove the declared listener or its rule, if it is gone for good: {_where(finding)}")


def _plan(finding: Finding) -> str:
    targets = sorted({reason.resource for reason in finding.because if reason.resource and ", " not in reason.resource})
    if aws.is_pulumi(finding.owner):
        return " ".join(["pulumi up --refresh", *(f"--target {in_shell(f'**{target}')}" for target in targets)])
    return " ".join(["terraform plan", *(in_shell(f"-target={target}") for target in targets)])


def _narrowed(finding: Finding, context: RemedyContext, _vantage: Vantage) -> WayBack:
    found = f"{_queries(finding, context)}{_further(finding, context)}"
    return WayBack(found, f"# narrow the rule to what really gets through: {_where(finding)}")


def _mismatch(finding: Finding, _context: RemedyContext, _vantage: Vantage) -> WayBack:
    declared = in_comment(finding.expected_service or "the declared service")
    heard = in_comment(finding.observed.service or "what answers")
    revert = f"# on the host: what listens there? bring {declared} back\n{_listener(finding)}"
    return WayBack(revert, f"# declare {heard} instead of {declared}: {_where(finding)}")


def _undeclared_listener(finding: Finding, _context: RemedyContext, vantage: Vantage) -> WayBack:
    revert = f"# on the host: stop it if nobody wants it, or narrow {_where(finding)}\n{_listener(finding)}"
    return WayBack(revert, _expect(finding, vantage, "open"))


def _undeclared_host(finding: Finding, _context: RemedyContext, _vantage: Vantage) -> WayBack:
    address = finding.address or ""
    found = f"# in AWS: whose interface is it? end it there if nobody wants it\n{aws.find_interface(address)}"
    return WayBack(
        found,
        "# write the resource that owns it, and import it:\nimport {\n  to = <its address in the code>\n  id = <its id from the query>\n}",
    )


def _everything_open(finding: Finding, _context: RemedyContext, _vantage: Vantage) -> WayBack:
    revert = (
        "# something answers in the host's place: look for a SYN proxy, a tarpit or an intercepting firewall between here and there,\n"
        f"# ask from another network, and look at the host itself:\n{'ss -lntp' if finding.protocol == 'tcp' else 'ss -lnup'}"
    )
    return WayBack(revert, "# nothing to adopt: no code should declare every port open")


def _unexplained(finding: Finding, context: RemedyContext, vantage: Vantage) -> WayBack:
    revert = f"# if the declared ranges don't hold this scanner, another rule lets it in:\n{_queries(finding, context)}"
    version = 6 if finding.address and ":" in finding.address else 4
    place = f"# first say where the scan stands: --vantage ADDRESS, the IPv{version} source that targets see"
    return WayBack(revert, f"{place}\n{declare(finding, context, vantage)}" if aws.is_aws(finding.owner) else place)


def _deviating(finding: Finding, _context: RemedyContext, _vantage: Vantage) -> WayBack:
    """The baseline is on neither side: what is right is accepted into it, what isn't is mended on the host."""
    revert = f"# on the host: what listens there now, and who changed it? bring back what was\n{_listener(finding)}"
    return WayBack(revert, finding.way_back.adopt or "# if that is right: iacdrift baseline accept, with the id of the finding")


_WRITERS: dict[FindingKind, _Writer] = {
    FindingKind.EXPOSED: _opened,
    FindingKind.PASSABLE: _opened,
    FindingKind.MISSING: _missing,
    FindingKind.UNREACHABLE: _unreachable,
    FindingKind.NARROWED: _narrowed,
    FindingKind.SERVICE_MISMATCH: _mismatch,
    FindingKind.UNDECLARED_LISTENER: _undeclared_listener,
    FindingKind.UNDECLARED_HOST: _undeclared_host,
    FindingKind.EVERYTHING_OPEN: _everything_open,
    FindingKind.UNEXPLAINED: _unexplained,
    **dict.fromkeys(OF_BASELINES, _deviating),
}
