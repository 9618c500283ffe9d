"""`iacdrift baseline` from end to end, out of Nmap's XML: saved, compared, shown, accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import Ran, iacdrift, refused
from tests.stored import PLAN, scanned


@pytest.fixture
def run(tmp_path: Path):
    def ran(*words: str | Path) -> Ran:
        return iacdrift(*words, cwd=tmp_path, env={"IACDRIFT_HISTORY": str(tmp_path / "h.db")})

    return ran


def test_from_saving_to_accepting(run, tmp_path: Path) -> None:
    source = ("--from", PLAN)
    saved = run("baseline", "save", "nightly", *source, "--nmap-xml", scanned(tmp_path))
    assert (saved.code, saved.err) == (0, "iacdrift: saved as nightly: 1 listeners on 1 hosts\n")
    assert "there is a baseline 'nightly'" in refused(run("baseline", "save", "nightly", *source, "--nmap-xml", scanned(tmp_path)))
    assert json.loads(run("baseline", "list", "--format", "json").out)["baselines"][0]["name"] == "nightly"
    assert "tcp/443  http nginx" in run("baseline", "show", "nightly").out

    # 8443 is allowed by the code, so that only the baseline knows that it is new; another server answers on 443.
    later = scanned(tmp_path, open_ports=[8443], hour=1, products={443: "Apache httpd"})
    plain = run("diff", *source, "--nmap-xml", later)
    assert plain.code == 0, plain.out
    found = run("diff", *source, "--nmap-xml", later, "--baseline", "nightly", "--format", "json")
    assert found.code == 1, found.err
    told = {item["kind"]: item for item in json.loads(found.out)["findings"]}
    assert told["new_listener"]["ports"] == "8443"
    assert "it was http (nginx); now it is http (Apache httpd)" in told["changed_service"]["explanation"]

    assert told["new_listener"]["id"] in run("baseline", "diff", "nightly").out
    assert run("baseline", "accept", told["new_listener"]["id"], "nightly").code == 0
    found = run("diff", *source, "--nmap-xml", later, "--baseline", "nightly", "--format", "json")
    assert "new_listener" not in [item["kind"] for item in json.loads(found.out)["findings"]]
    assert run("baseline", "accept", "--all", "nightly").code == 0
    assert run("diff", *source, "--nmap-xml", later, "--baseline", "nightly").code == 0

    gone = run(
        "diff",
        *source,
        "--nmap-xml",
        scanned(tmp_path, hour=2, products={443: "Apache httpd"}),
        "--baseline",
        "nightly",
        "--format",
        "json",
    )
    assert [item["kind"] for item in json.loads(gone.out)["findings"] if item["severity"] != "note"] == ["gone_listener"]


def test_an_exposed_port_in_a_baseline_is_exposed_all_the_same(run, tmp_path: Path) -> None:
    xml = scanned(tmp_path, open_ports=[8080])
    assert run("baseline", "save", "--from", PLAN, "--nmap-xml", xml).code == 0
    found = run("diff", "--from", PLAN, "--nmap-xml", xml, "--baseline", "default", "--format", "json")
    assert found.code == 1
    assert [item["kind"] for item in json.loads(found.out)["findings"] if item["severity"] != "note"] == ["exposed"]


def test_what_there_is_not_is_one_sentence(run, tmp_path: Path) -> None:
    xml = scanned(tmp_path)
    assert "baseline save makes one" in refused(run("diff", "--from", PLAN, "--nmap-xml", xml, "--baseline", "x"))
    assert "no baseline 'default'" in refused(run("baseline", "show"))
    assert "needs FINDING or --all" in refused(run("baseline", "accept"))
    run("baseline", "save", "--from", PLAN, "--nmap-xml", xml)
    assert "there is default" in refused(run("diff", "--from", PLAN, "--nmap-xml", xml, "--baseline", "x"))
    assert "is no deviation" in refused(run("baseline", "accept", "exposed-tcp-8080-1a2b3c4d5e6f"))
