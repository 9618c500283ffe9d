"""Addresses of one host stand together, and what only one family answers is pointed out."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from iacdrift.drift.judge import judge
from iacdrift.drift.reading import report_from_dict
from iacdrift.drift.report import DriftReport
from iacdrift.model.ports import PortSet
from iacdrift.outputs.registry import render
from iacdrift.surface.expected import ExpectedHost, ExpectedPorts, ExpectedSurface
from iacdrift.surface.observed import Answer, Evidence, ObservedHost, ObservedPorts, ObservedSurface
from iacdrift.surface.vantage import Vantage

V4, V6 = ip_address("198.51.100.7"), ip_address("2001:db8:1::7")
WEB = "aws_instance.web"


def report(v4: Evidence, v6: Evidence, *, allowed_v6: str = "8080", other: bool = False) -> DriftReport:
    """One host that may answer on 8080, and does so over each family in its way; 443 answers over both."""
    owners = (WEB, "aws_instance.other" if other else WEB)
    expected = tuple(
        ExpectedHost(owner, "x", address, tcp=ExpectedPorts(PortSet.single(443), PortSet.parse(allowed)))
        for owner, address, allowed in zip(owners, (V4, V6), ("8080", allowed_v6), strict=True)
    )
    asked = PortSet.parse("443,8080")
    seen = {}
    for address, evidence in ((V4, v4), (V6, v6)):
        groups = ((PortSet.single(443), Answer(Evidence.OPEN)), (PortSet.single(8080), Answer(evidence)))
        seen[address] = ObservedHost(address, ObservedPorts(asked, groups), answered_before=True, answered_after=True)
    return judge(ExpectedSurface(Vantage.parse("internet"), expected), ObservedSurface(seen))


def remarks(found: DriftReport) -> list[str]:
    return [note for note in found.notes if "though the code says the same of both" in note]


@pytest.mark.parametrize("silent", [Evidence.SILENT, Evidence.CLOSED])
def test_what_answers_over_one_family_only_is_pointed_out(silent: Evidence) -> None:
    (remark,) = remarks(report(Evidence.OPEN, silent))
    assert remark == f"tcp/8080 of {WEB} answers on {V4} and not on {V6}, though the code says the same of both"
    (remark,) = remarks(report(silent, Evidence.OPEN))
    assert remark.startswith(f"tcp/8080 of {WEB} answers on {V6} and not on {V4}")


def test_a_refusal_is_an_answer_where_the_other_family_is_silent() -> None:
    assert remarks(report(Evidence.CLOSED, Evidence.SILENT))


def test_nothing_is_said_where_both_do_the_same_or_the_code_tells_them_apart_or_nothing_was_learnt() -> None:
    assert not remarks(report(Evidence.OPEN, Evidence.OPEN))
    assert not remarks(report(Evidence.SILENT, Evidence.SILENT))
    assert not remarks(report(Evidence.OPEN, Evidence.NOT_LEARNT))
    assert not remarks(report(Evidence.OPEN, Evidence.SILENT, allowed_v6=""))
    assert not remarks(report(Evidence.OPEN, Evidence.SILENT, other=True))


def test_addresses_of_one_host_are_joined_in_text_and_json() -> None:
    found = report(Evidence.OPEN, Evidence.OPEN)
    assert f"{WEB}  2 addresses\n    {V4}\n" in render(found, "text")
    assert [host.same_host for host in found.hosts] == [(str(V6),), (str(V4),)]
    assert report_from_dict(found.to_dict()).hosts == found.hosts
    apart = report(Evidence.OPEN, Evidence.OPEN, other=True)
    assert "2 addresses" not in render(apart, "text")
    assert "same_host" not in apart.hosts[0].to_dict()
