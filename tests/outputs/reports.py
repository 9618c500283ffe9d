"""Reports made by the real judge and the real ways back, for the views to draw."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from attrs import evolve

from iacdrift.drift.judge import judge
from iacdrift.drift.report import DriftReport
from iacdrift.model.because import Assumption, Unmodelled
from iacdrift.remedy import way_back
from iacdrift.sources.resource import SourceInfo
from iacdrift.surface.expected import ExpectedHost, ExpectedSurface, HostStatus, NotInView
from iacdrift.surface.observed import ObservedSurface
from tests.drift.scenes import CLOSED, OPEN, OTHER, SILENT, WEB, host, observed_host, partition, run, surface

SOURCE = SourceInfo("tfstate", "terraform.tfstate", "ab" * 32, "1f0c", 7, "2026-01-02T03:04:05Z", None)
LEFT_OUT = {
    "not_in_view": (NotInView("aws_instance.db", "10.0.2.5", "a private address can't be reached from the internet"),),
    "assumptions": (Assumption("aws_instance.web", "subnet-0a1 is not in the code: the provider's default network ACL is taken"),),
    "unmodelled": (Unmodelled("aws_globalaccelerator_accelerator", ("aws_globalaccelerator_accelerator.edge",)),),
    "notes": ("terraform.tfstate was written 12 days ago",),
}
TOLD = {
    "nmap": "7.93",
    "scan_types": ("syn",),
    "packets_per_second": 1000,
    "commands": (("nmap", "-n", "-Pn", "-sS", "-p", "1-1000", WEB),),
    "started_at": "2026-01-14T03:04:05Z",
    "finished_at": "2026-01-14T03:05:06Z",
    "sent_from": ("192.0.2.10",),
}


def report(expected: ExpectedSurface, observed: ObservedSurface) -> DriftReport:
    return evolve(judge(expected, observed, None, (SOURCE,), way_back=way_back), version="0.1.0")


def drift() -> DriftReport:
    """Nearly every kind of finding, on three hosts, and all that a report can hold beside."""
    web = host(open="443,5432", allowed="22,25", by_vantage="9000", by_code="9001", services={("tcp", 5432): "postgresql"})
    dark = host(OTHER, "aws_instance.dark", udp=partition(allowed="53"))
    down = host("2001:db8::7", 'module.six["a"].aws_instance.down', open="443")
    fleet = ExpectedHost("aws_autoscaling_group.app", "terraform.tfstate", status=HostStatus.UNADDRESSED)
    web_seen = observed_host(
        "1-1000,5432,8080,9000-9001",
        ("443", CLOSED),
        ("22,5432,8080,9000-9001", OPEN),
        ("7,10-12", CLOSED),
        ("1-6,8-9,13-21,23-442,444-1000", SILENT),
    )
    dark_seen = observed_host("1-1000", ("1-1000", SILENT), address=OTHER, answers=False)
    down_seen = observed_host("443", ("443", SILENT), address="2001:db8::7", answers=False)
    stranger = observed_host("22", ("22", OPEN), address="10.0.0.44")
    whole = surface(web, dark, down, fleet, subnets=(ip_network("10.0.0.0/24"),), **LEFT_OUT)
    return report(whole, run(web_seen, dark_seen, down_seen, extra=(stranger,), **TOLD))


def in_sync() -> DriftReport:
    seen = observed_host("1-1000", ("443", OPEN), ("22", CLOSED), ("1-21,23-442,444-1000", SILENT))
    return report(surface(host(open="443", allowed="22"), declared_from="state"), run(seen, **TOLD))


def incomplete() -> DriftReport:
    named = host(None, "aws_lb.front", name="lb.example.com", status=HostStatus.BY_NAME, open="443")
    seen = observed_host("1-1000", ("443", OPEN), ("1-200", SILENT))
    told = {**TOLD, "interrupted": "Ctrl-C", "unresolved": {"lb.example.com": "NXDOMAIN"}}
    return report(surface(host(open="443"), named), run(seen, **told))


HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\nIN SYNC\u202e [bold red]x[/] :smile: \u0085\u200b\x7f" + "A" * 5000


def hostile() -> DriftReport:
    """The worst that a banner, a name and a state can say."""
    bad = evolve(OPEN, product=HOSTILE, version=HOSTILE, service=HOSTILE, reason=HOSTILE, reason_ip=HOSTILE)
    web = host(owner=f"aws_instance.{HOSTILE}", name=HOSTILE)
    whole = surface(
        web,
        not_in_view=(NotInView(HOSTILE, HOSTILE, HOSTILE),),
        assumptions=(Assumption(HOSTILE, HOSTILE),),
        unmodelled=(Unmodelled(HOSTILE, (HOSTILE,)),),
        notes=(HOSTILE,),
        gaps=(HOSTILE,),
    )
    told = {**TOLD, "unresolved": {}, "notes": (HOSTILE,), "nmap": HOSTILE}
    made = judge(whole, run(observed_host("8080", ("8080", bad)), **told), None, (evolve(SOURCE, path=HOSTILE),), way_back=way_back)
    return evolve(made, version="0.1.0")


assert ip_address(WEB)
