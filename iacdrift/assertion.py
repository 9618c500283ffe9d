"""The pipeline, in order: what may answer, what answers, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve, frozen

from iacdrift.conclusion import concluded, refuse_wrong
from iacdrift.errors import IncompleteScanError, NetworkDriftError, SourceError, UsageError
from iacdrift.meanwhile import JUDGING, imported_meanwhile
from iacdrift.options import CheckOptions, ExpectOptions, expect_options, families, judge_settings, scan_settings, texts, unknown_keywords
from iacdrift.recording import compared, keeping, kept_in, reminded
from iacdrift.surface.expected import ExpectedSurface
from iacdrift.surface.vantage import Vantage

if TYPE_CHECKING:
    from iacdrift.cloud.account import Account
    from iacdrift.drift.report import DriftReport
    from iacdrift.model.network import Network
    from iacdrift.refresh.change import Refresh
    from iacdrift.scan.plan import ScanPlan
    from iacdrift.scan.progress import Progress
    from iacdrift.scan.settings import ScanSettings
    from iacdrift.scan.task import Only
    from iacdrift.sources.resource import Inventory, SourceInfo
    from iacdrift.surface.explain import Explanation
    from iacdrift.surface.observed import ObservedSurface

Source = str | Path | Mapping[str, Any]
"""A path, a `KIND:path`, `-`, or a dict already parsed."""

VantageLike = Vantage | str | Iterable[str]
"""A vantage, its text, or one address per IP version."""


def assert_no_network_drift(
    *sources: Source,
    vantage: VantageLike = "auto",
    ports: str = "common",
    scope: Iterable[str] = (),
    controls: Iterable[str] = (),
    settle: float | None = None,
    fail_on: str = "low",
    allow_incomplete: bool = False,
    **options: Unpack[CheckOptions],
) -> DriftReport:
    """The network is what the code says, or this raises.

    NetworkDriftError (an AssertionError) prints the counterexample; IncompleteScanError means that something which had
    to be known wasn't learnt. Both carry `.report`. SourceError, ScanError and UsageError mean that there is no verdict.
    """
    __tracebackhide__ = True
    from iacdrift.drift.report import Severity, Verdict

    report = check_network_drift(
        *sources,
        vantage=vantage,
        ports=ports,
        scope=scope,
        controls=controls,
        settle=settle,
        fail_on=fail_on,
        allow_incomplete=allow_incomplete,
        **options,
    )
    if report.verdict is Verdict.IN_SYNC or report.exit_code == 0:
        return report
    from iacdrift.counterexample import counterexample, what_is_missing

    if report.verdict is Verdict.DRIFT:
        raise NetworkDriftError(counterexample(report, Severity(fail_on)), report)
    raise IncompleteScanError(what_is_missing(report), report)


def check_network_drift(
    *sources: Source,
    vantage: VantageLike = "auto",
    ports: str = "common",
    scope: Iterable[str] = (),
    controls: Iterable[str] = (),
    settle: float | None = None,
    fail_on: str = "low",
    allow_incomplete: bool = False,
    **options: Unpack[CheckOptions],
) -> DriftReport:
    """The verdict of one scan; never raises for drift. The keywords are the command line's options."""
    __tracebackhide__ = True
    _refuse_unknown(options, CheckOptions)
    chosen = {
        **options,
        "ports": ports,
        "scope": texts(scope),
        "controls": texts(controls),
        "settle": settle,
        "fail_on": fail_on,
        "allow_incomplete": allow_incomplete,
        "sources": sources,
        "vantage": vantage,
    }
    keep, pipeline, part = keeping(chosen), Pipeline.of(chosen).looking_ahead(), expected_part(sources, vantage, **expect_options(chosen))
    pipeline = evolve(pipeline, options=compared(chosen, part), settings=reminded(pipeline.settings, part, kept_in(chosen)))
    return keep(pipeline.check(part))


def expected_surface(*sources: Source, vantage: VantageLike = "auto", **options: Unpack[ExpectOptions]) -> ExpectedSurface:
    """What must, may and must not answer, seen from the vantage; sends nothing."""
    __tracebackhide__ = True
    _refuse_unknown(options, ExpectOptions)
    return expected_part(sources, vantage, **options).surface


@frozen(slots=True)
class ExpectedPart:
    """The first half of the pipeline: the model, the surface expected from it, and what both were read from."""

    network: Network
    surface: ExpectedSurface
    sources: tuple[SourceInfo, ...]


def expected_part(sources: Iterable[Source], vantage: VantageLike, **options: Unpack[ExpectOptions]) -> ExpectedPart:
    """What may answer. SourceError where a source can't be read or is refused, UsageError where an option has no meaning."""
    from iacdrift.cloud.ownership import Ownership
    from iacdrift.sources.read import read_sources

    families(options.get("family"))
    place, said = to_vantage(vantage), Ownership.of(options)
    part = part_of(read_sources(said.beside(sources), **reading(options)), place, options)
    return evolve(part, surface=said.kept(part.surface))


def reading(options: ExpectOptions) -> dict[str, Any]:
    """The part of the options that steers how sources are read."""
    from iacdrift.sources.reading import Deployment

    code, files, named = options.get("code"), options.get("parameter_files") or (), options.get("parameters") or ()
    said = tuple((str(key), str(value)) for key, value in (named.items() if isinstance(named, Mapping) else named))
    return {
        "code": None if code is None else Path(code),
        "states": _paths(options.get("states")),
        "outputs": _paths(options.get("outputs")),
        "deployment": Deployment(said, tuple(Path(file) for file in files), texts(options.get("stacks"))),
    }


def part_of(inventory: Inventory, place: Vantage, options: ExpectOptions) -> ExpectedPart:
    """What may answer, out of what was read."""
    if options.get("max_age") is not None:
        from iacdrift.age import refuse_old

        refuse_old(inventory.sources, float(options["max_age"] or 0), datetime.now(UTC))
    from iacdrift.egress import standing
    from iacdrift.providers.translate import translate
    from iacdrift.surface.expect import expect

    network = translate(inventory, strict=bool(options.get("strict")))
    place = standing(network, place, options.get("egress_url"))
    surface = expect(network, place, families=families(options.get("family")), strict=bool(options.get("strict")))
    if options.get("require_code") and surface.declared_from == "state":
        raise SourceError("--require-code: rules were read from a state, which holds refreshed drift as well: give a plan or the code")
    if options.get("only") or options.get("skip"):
        from iacdrift.selection import narrowed

        surface = narrowed(surface, texts(options.get("only")), texts(options.get("skip")))
    return ExpectedPart(network, surface, inventory.sources)


@frozen(slots=True)
class Pipeline:
    """The second half: what answers, and what differs. `progress` is told how far the scan is; `refreshes` what the cloud's API says."""

    options: Mapping[str, Any]
    settings: ScanSettings
    progress: Progress | None = None
    refreshes: tuple[Refresh, ...] = ()
    account: Account | None = None
    later: tuple[str, ...] = JUDGING

    @classmethod
    def of(cls, options: Mapping[str, Any], *, talkative: bool = False) -> Pipeline:
        """From the options; UsageError, before anything is read or sent, where one has no meaning.

        `talkative`: a bar on stderr while it scans, where that is a terminal.
        """
        refuse_wrong(options)
        settings, account, refreshes = scan_settings(options), None, _refreshes(options)
        if options.get("cloud_api"):
            from iacdrift.cloud_view import account_of

            account = account_of(options)
        if not talkative:
            return cls(options, settings, None, refreshes, account)
        from iacdrift.scan.progress import progress_on_terminal

        return cls(options, settings, progress_on_terminal(), refreshes, account)

    def looking_ahead(self, *later: str) -> Pipeline:
        """Nmap is asked about itself while the sources are read, where it will run here; modules for `later` are imported while it runs."""
        if self.options.get("executor") is None:
            from iacdrift.scan.ahead import ask_ahead

            ask_ahead(self.settings.nmap)
        return evolve(self, later=(*self.later, *later))

    def check(self, part: ExpectedPart) -> DriftReport:
        """Scan what is expected and judge it."""
        return self.judge(part, self.observe(part))

    def judge(self, part: ExpectedPart, observed: ObservedSurface) -> DriftReport:
        """What differs, with what the cloud says of it now."""
        report = self._judged(part, observed)
        if self.account is None:
            return report
        from iacdrift.cloud_view import with_cloud_api

        return with_cloud_api(report, part, self.account)

    def _judged(self, part: ExpectedPart, observed: ObservedSurface) -> DriftReport:
        from iacdrift.drift.judge import judge
        from iacdrift.remedy import way_back

        report = judge(part.surface, observed, judge_settings(self.options), part.sources, way_back=way_back)
        if self.refreshes:
            from iacdrift.refresh.join import joined

            report = joined(report, self.refreshes)
        return concluded(report, part, observed, self.options)

    def observe(self, part: ExpectedPart, only: Only | None = None) -> ObservedSurface:
        """What answers: once, or with `settle` until it holds."""
        from iacdrift.asking import Asking, anything_to_ask, nothing_observed

        if not anything_to_ask(part.surface, self.settings):
            return nothing_observed()
        scan = Asking.of(self.options).asks(part, self.settings, self.progress)
        with imported_meanwhile(self.later):
            first = scan(only)
        if self.settings.settle is None:
            return first
        from iacdrift.settle import settled

        def judged(observed: ObservedSurface) -> DriftReport:
            return self._judged(part, observed)

        return settled(first, part.surface, self.settings.settle, scan, judged)

    def plan(self, part: ExpectedPart) -> ScanPlan:
        """What `check` would send."""
        from iacdrift.scan.plan import plan_scan

        return plan_scan(part.surface, self.settings)

    def read(self, part: ExpectedPart, xml: Iterable[Path], ports: str | None) -> ObservedSurface:
        """What answered, out of Nmap XML that somebody already has; `ports` None: each XML's own."""
        from iacdrift.scan.xml import read_nmap_xml

        return read_nmap_xml(tuple(xml), part.surface, ports=ports)


def explained(part: ExpectedPart, host: str, protocol: str, port: int) -> Explanation:
    """The way of one packet from the vantage to a host of the model, which may be named by address, name or resource."""
    from iacdrift.surface.explain import explain

    return explain(part.network, part.surface.vantage, host, protocol, port)


def _refreshes(options: Mapping[str, Any]) -> tuple[Refresh, ...]:
    """What the cloud's API says, where the user asks for it."""
    files = options.get("refresh_json") or ()
    if not files and not options.get("refresh"):
        return ()
    from iacdrift.refresh.read import refreshes_of

    named = (files,) if isinstance(files, str | Path) else files
    return refreshes_of(options.get("sources") or (), asking=bool(options.get("refresh")), files=named)


def to_vantage(vantage: VantageLike) -> Vantage:
    """A vantage from whatever may stand for one. UsageError for anything else."""
    if isinstance(vantage, Vantage):
        return vantage
    from iacdrift.vantages import one_vantage

    return one_vantage(vantage).vantage


def _refuse_unknown(options: Mapping[str, object], known: type) -> None:
    unknown = unknown_keywords(options, known)
    if unknown:
        raise UsageError(f"no such keyword: {', '.join(unknown)}")


def _paths(value: Any) -> dict[str, Path]:
    return {name: Path(path) for name, path in dict(value or {}).items()}
