"""A drift report for people: the verdict, then host by host what differs, then all that the verdict rests on."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from iacdrift.drift.figure import SilenceCoverage
from iacdrift.drift.report import DriftReport, Finding, ReportedHost, Severity, Undetermined
from iacdrift.drift.wording import code_says, few
from iacdrift.model.moment import age, span
from iacdrift.model.ports import PortSet
from iacdrift.outputs.canvas import Canvas
from iacdrift.outputs.headline import headline, qualified
from iacdrift.outputs.text_surface import draw_not_in_view, draw_unmodelled, place

_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.NOTE: "dim",
}


def draw_report(canvas: Canvas, report: DriftReport) -> None:
    """Draws everything that the report holds."""
    canvas.line(headline(report), hang=2)
    warning = qualified(report)
    if warning:
        canvas.line((warning, "yellow"), hang=2)
    canvas.line(_from(report), hang=2)
    _findings(canvas, [finding for finding in report.findings if finding.severity is not Severity.NOTE], "")
    _findings(canvas, [finding for finding in report.findings if finding.severity is Severity.NOTE], "Notes (they fail nothing)")
    _undetermined(canvas, "Not determined", [item for item in report.undetermined if item.required])
    _undetermined(canvas, "Not judged, and not needed for the verdict", [item for item in report.undetermined if not item.required])
    _carried(canvas, report)
    _resolved(canvas, report)
    _settled(canvas, report)
    _coverage(canvas, report)
    _grounds(canvas, report)


def _from(report: DriftReport) -> str:
    sent = f" (sent from {report.sent_from})" if report.sent_from else ""
    return f"from {place(report.vantage)}{sent}, rules from {report.declared_from}"


def _host(finding: Finding) -> tuple[str, str]:
    return finding.owner or "", finding.address or ""


def _worst(findings: list[Finding]) -> int:
    """Hosts with the worst finding come first."""
    return min(list(Severity).index(finding.severity) for finding in findings)


def _findings(canvas: Canvas, findings: list[Finding], title: str) -> None:
    if findings and title:
        canvas.heading(title)
    hosts = [list(of_host) for _, of_host in groupby(sorted(findings, key=_host), key=_host)]
    for together in sorted(hosts, key=_worst):
        owner, address = _host(together[0])
        name = f"  {together[0].name}" if together[0].name else ""
        canvas.gap()
        canvas.line((owner or "nobody's", "bold"), f"  {address}{name}", hang=2)
        for finding in together:
            _finding(canvas, finding)


def _finding(canvas: Canvas, finding: Finding) -> None:
    ports = f"{finding.protocol}/{few(finding.ports)}"
    canvas.line((finding.severity.value, _STYLE[finding.severity]), f"  {ports}  {finding.kind.value}", indent=2, hang=2)
    canvas.field("seen", finding.explanation.removesuffix(code_says(finding.because)), 4)
    canvas.field("expected", finding.expected.value + (f", {finding.expected_service}" if finding.expected_service else ""), 4)
    canvas.because(finding.because, 4)
    if finding.way_back.revert:
        canvas.block("revert in reality:", finding.way_back.revert, 4)
    if finding.way_back.adopt:
        canvas.block("or adopt in the code:", finding.way_back.adopt, 4)
    canvas.field("ask again", finding.reproduce, 4)
    if finding.first_seen is not None:
        canvas.field("first seen", f"{finding.first_seen}{', new in this run' if finding.new else ''}", 4)
    canvas.field("id", finding.id, 4)


def _undetermined(canvas: Canvas, title: str, items: list[Undetermined]) -> None:
    if not items:
        return
    canvas.heading(title)
    for item in items:
        who = "  ".join(filter(None, (item.owner, item.address))) or "the whole run"
        ports = f"  {item.protocol}/{few(item.ports)}" if item.ports else ""
        canvas.line(f"{who}{ports}: {item.why}", indent=2, hang=2)


def _carried(canvas: Canvas, report: DriftReport) -> None:
    """Open findings of earlier runs: they are neither seen nor gone."""
    if report.carried:
        canvas.heading(f"Open since earlier runs, and not looked at in this one: {len(report.carried):,}")
    for finding in report.carried:
        canvas.line(f"{_in_short(finding)}  first seen {finding.first_seen or '?'}  id {finding.id}", indent=2, hang=2)


def _resolved(canvas: Canvas, report: DriftReport) -> None:
    """What was open before, and isn't there any more."""
    if report.resolved:
        canvas.heading(f"Resolved since the run before: {len(report.resolved):,}")
    for finding in report.resolved:
        canvas.line(f"{_in_short(finding)}: {finding.ended or 'gone'}  id {finding.id}", indent=2, hang=2)


def _in_short(finding: Finding) -> str:
    """One of an earlier run, in a line."""
    who = "  ".join(filter(None, (finding.owner, finding.address)))
    return f"{finding.severity.value}  {finding.protocol}/{few(finding.ports)}  {finding.kind.value}  {who}"


def _settled(canvas: Canvas, report: DriftReport) -> None:
    """How long after a deploy what was wrong at first took to be right."""
    if report.settled:
        canvas.heading("Settling, since the first verdict")
    for item in report.settled:
        took = "not settled" if item["seconds"] is None else f"right after {item['seconds']:g} s"
        canvas.line(f"{item['address']}  {item['protocol']}/{few(PortSet.parse(item['ports']))}: {took}", indent=2, hang=2)


def _coverage(canvas: Canvas, report: DriftReport) -> None:
    canvas.heading("Coverage")
    hosts, ports = report.coverage.to_dict()["hosts"], report.coverage.to_dict()["ports"]
    canvas.field("hosts", ", ".join(f"{count:,} {name}" for name, count in hosts.items()), 2)
    canvas.field("ports", ", ".join(f"{count:,} {name}" for name, count in ports.items()), 2)
    if report.coverage.silence:
        canvas.field("silence", _silence(report.coverage.silence, udp=any(host.udp.asked for host in report.hosts)), 2)
    owned: dict[tuple[str, bool], list[ReportedHost]] = {}
    for host in report.hosts:
        owned.setdefault((host.owner, host.address is None), []).append(host)
    for hosts_of_owner in owned.values():
        _same_host(canvas, hosts_of_owner)


def _same_host(canvas: Canvas, hosts: list[ReportedHost]) -> None:
    """The addresses of one host under each other."""
    one = hosts[0]
    if len(hosts) > 1:
        canvas.line(f"{one.owner}  {len(hosts)} addresses", indent=2, hang=2)
    for host in hosts:
        indent = 2 if len(hosts) == 1 else 4
        canvas.line("  ".join(filter(None, (host.owner if len(hosts) == 1 else "", host.address, host.name))), indent=indent, hang=2)
        for protocol in ("tcp", "udp"):
            told = _ports(host, protocol)
            if told:
                canvas.field(protocol, told, indent + 2)


_LENDERS = 4


def _silence(found: SilenceCoverage, *, udp: bool) -> str:
    """What the silence rests on, in the worst case of all hosts. `udp`: whether UDP was asked as well, which has no such figure."""
    loss = f"{found.lost} of {found.controls:,} controls lost (at most {found.loss:.1%} of all probes)"
    told = f"at least {found.probes} probes a port; {loss}; an open port is missed at most once in {int(1 / found.miss):,}"
    if found.elsewhere:
        named = ", ".join(found.measured_on[:_LENDERS]) + (" …" if len(found.measured_on) > _LENDERS else "")
        told += (
            f"; for {found.elsewhere:,} address{'es' if found.elsewhere > 1 else ''} that never answered the loss was measured on {named}"
        )
    return told + ("; that is about TCP: silence over UDP has no figure" if udp else "")


def _ports(host: ReportedHost, protocol: str) -> str:
    ports = host.tcp if protocol == "tcp" else host.udp
    shown = [f"{len(ports.asked):,} asked", f"open {few(ports.open)}" if ports.open else ""]
    counted = {"closed": ports.closed, "filtered": ports.filtered, "undetermined": ports.undetermined}
    shown += [f"{len(of_kind):,} {name}" for name, of_kind in counted.items() if of_kind]
    return "; ".join(filter(None, shown)) if ports.asked or ports.open else ""


def _grounds(canvas: Canvas, report: DriftReport) -> None:
    """What the verdict rests on, and what it leaves out."""
    if report.assumptions:
        canvas.heading("Taken for granted")
        for assumption in report.assumptions:
            canvas.line(f"{assumption.resource}: {assumption.text}", indent=2, hang=2)
    draw_not_in_view(canvas, report.not_in_view)
    draw_unmodelled(canvas, report.unmodelled)
    if report.ignored:
        canvas.heading(f"Ignored: {len(report.ignored):,}")
        for item in report.ignored:
            canvas.line(_ignored(item), indent=2, hang=2)
    if report.notes:
        canvas.heading("Remarks")
        for note in report.notes:
            canvas.line(note, indent=2, hang=2)
    _made_of(canvas, report)


def _ignored(item: dict[str, Any]) -> str:
    """One exception at work: what it takes out of the verdict, and whose it is."""
    said = item.get("ignored")
    if not isinstance(said, dict):
        return ", ".join(f"{key} {value}" for key, value in sorted(item.items()))
    what = f"{item['severity']}  {item['protocol']}/{item['ports']}  {item['kind']}  {item['owner'] or ''}  {item['address'] or ''}"
    return f"{what}  until {said['until']} ({said['owner']}: {said['reason']})  id {item['id']}"


def _made_of(canvas: Canvas, report: DriftReport) -> None:
    canvas.heading("Made from")
    for source in report.sources:
        serial = f", serial {source.serial}" if source.serial is not None else ""
        old = age(source.written_at, report.started_at)
        written = f", written {source.written_at}{f' ({span(old)} before)' if old is not None else ''}" if source.written_at else ""
        canvas.field(source.kind, f"{source.path}{serial}{written}", 2)
    kinds = ", ".join(report.scanner.get("scan_types") or ())
    canvas.field("nmap", f"{report.scanner.get('nmap') or 'not run'}{f' ({kinds})' if kinds else ''}", 2)
    canvas.field("time", f"{report.started_at or '?'} to {report.finished_at or '?'}", 2)
    canvas.field("iacdrift", report.version, 2)
