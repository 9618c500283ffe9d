"""`--cloud-api`: AWS itself is asked about the hosts that have findings, and its word joins each of them; the verdict stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from iacdrift.cloud.account import Account
from iacdrift.cloud.live import hosts_of
from iacdrift.cloud.trail import Trail
from iacdrift.drift.cloud_api import CloudApi
from iacdrift.drift.report import DriftReport, Finding
from iacdrift.drift.wording import with_sentence
from iacdrift.errors import SourceError
from iacdrift.model.addresses import Address
from iacdrift.options import texts
from iacdrift.refresh.join import OPENED, both
from iacdrift.refresh.live import Decided, LiveHost, asks, decided
from iacdrift.refresh.trail import change_in_words, changed
from iacdrift.remedy import RemedyContext, way_back
from iacdrift.remedy.context import Live
from iacdrift.surface.expected import ExpectedHost

if TYPE_CHECKING:
    from iacdrift.assertion import ExpectedPart
    from iacdrift.model.network import Network


def account_of(options: Mapping[str, Any]) -> Account | None:
    """Whom `--cloud-api` asks; None without it. UsageError or SourceError before anything is sent."""
    return Account.of(texts(options.get("regions")), "--cloud-api") if options.get("cloud_api") else None


def with_cloud_api(report: DriftReport, part: ExpectedPart, account: Account) -> DriftReport:
    """The report with AWS's word on each finding that it could explain. Where AWS can't be asked, the report says what wasn't learnt."""
    wanted = {ip_address(finding.address) for finding in report.findings if finding.address and asks(finding)}
    if not wanted:
        return report
    try:
        hosts = hosts_of(account, wanted, {address: ids for address, (_, ids) in _declared(part.network)})
    except SourceError as error:
        return _unasked(report, str(error))
    view = _View(report, part, hosts, Trail(account), dict(_declared(part.network)), ", ".join(account.regions))
    told = f"--cloud-api: AWS was asked about {len(wanted)} addresses with findings"
    return evolve(report, findings=tuple(view.told(finding) for finding in report.findings), notes=(*report.notes, told))


def _declared(network: Network) -> Iterator[tuple[Address, tuple[frozenset[str], frozenset[str]]]]:
    """Each address with the groups that the code attaches to it, and the ids of what has it."""
    for interface in network.interfaces:
        ids = interface.aliases | {interface.key}
        for endpoint in interface.endpoints:
            if endpoint.address is not None:
                yield endpoint.address, (interface.groups or frozenset(), ids)


def _unasked(report: DriftReport, why: str) -> DriftReport:
    said = CloudApi(None, f"what AWS has in front of it wasn't learnt: {why}", unlearnt=why)
    findings = tuple(evolve(one, cloud_api=both(one.cloud_api, said)) if asks(one) else one for one in report.findings)
    return evolve(report, findings=findings, notes=(*report.notes, f"--cloud-api: nothing was learnt; {why}"))


@frozen(slots=True)
class _View:
    """Everything that one finding is looked at with."""

    report: DriftReport
    part: ExpectedPart
    hosts: Mapping[Address, LiveHost]
    trail: Trail
    declared: Mapping[Address, tuple[frozenset[str], frozenset[str]]]
    where: str

    def told(self, finding: Finding) -> Finding:
        """The finding with AWS's word, who made it so, and ids in its way back."""
        if finding.address is None or not asks(finding):
            return finding
        address = ip_address(finding.address)
        host, groups = self.hosts.get(address), self.declared.get(address, (frozenset(), frozenset()))[0]
        known = groups if all(group.startswith("sg-") for group in groups) else frozenset()
        source = self.report.vantage.address(address.version)
        said = decided(finding, host, source, known, self.where)
        api = self._traced(finding, said, host)
        sentence = f"{api.detail[0].upper()}{api.detail[1:]}{f' ({api.unlearnt})' if api.unlearnt else ''}."
        text = with_sentence(finding.explanation, finding.because, sentence)
        back = self._way_back(finding, said, host) if host and said.api.agrees and finding.kind in OPENED else finding.way_back
        return evolve(finding, cloud_api=both(finding.cloud_api, api), explanation=text, way_back=back)

    def _traced(self, finding: Finding, said: Decided, host: LiveHost | None) -> CloudApi:
        """With who and when, where AWS's filters explain the finding."""
        if not said.api.agrees or host is None or not said.resources:
            return said.api
        try:
            events = {resource: self.trail.events(host.region, resource) for resource in said.resources}
        except SourceError as error:
            return evolve(said.api, unlearnt=f"who made it so wasn't learnt: {error}")
        found, opened = changed(finding, said, events), finding.kind in OPENED
        if found is None:
            return evolve(said.api, unlearnt="CloudTrail's last 90 days hold no call that made it so")
        detail = f"{said.api.detail}, {change_in_words(found, 'opened' if opened else 'closed')}"
        return evolve(said.api, detail=detail, opened_by=found if opened else None, closed_by=None if opened else found)

    def _way_back(self, finding: Finding, said: Decided, host: LiveHost) -> Any:
        expected = next((one for one in self.part.surface.hosts if self._is(one, finding)), None)
        rules: dict[str, tuple[str, ...]] = {}
        for rule in said.rules:
            rules[rule.group] = (*rules.get(rule.group, ()), rule.id)
        entry = (host.acl, said.entry.number) if host.acl and said.entry else None
        live = Live(host.interface, host.subnet, tuple(rules.items()), entry, said.stays)
        context = evolve(RemedyContext.of(finding, expected), group_id=next(iter(rules), None), live=live)
        return way_back(finding, expected, self.report.vantage, context)

    def _is(self, host: ExpectedHost, finding: Finding) -> bool:
        if host.address is not None:
            return str(host.address) == finding.address
        return host.owner == finding.owner and host.name == finding.name
