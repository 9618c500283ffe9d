"""Several vantages at once, scanned by real Dask workers that stand behind different filters."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from iacdrift.drift.matrix import DriftMatrix, says
from iacdrift.drift.report import DriftReport
from iacdrift.vantages import check_vantages
from tests.live.bed import Bed, Service
from tests.live.bed.filters import chain, table
from tests.live.bed.topology import ROUTER_V4, SCANNER_V4
from tests.live.fleet import PORT, Fleet, cells
from tests.needs import needs

pytestmark = [pytest.mark.live, needs("root"), needs("nft"), needs("nmap"), needs("distributed")]

HOSTS = 4
INTERNET = f"internet={SCANNER_V4}"
OFFICE = "office=198.51.100.15"
"""The last host of the bed is no target: a worker stands there."""


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with Bed(HOSTS + 1) as made:
        for host in made.hosts[:HOSTS]:
            # Services that tell at once what they are: nobody waits for Nmap's questions.
            host.listen({("tcp", port): Service.SSH for port in (22, 80, 8080)})
        yield made


@pytest.fixture(scope="module")
def fleet(bed: Bed) -> Iterator[Fleet]:
    with Fleet(bed) as made:
        made.worker(bed.scanner, "one", "internet")
        made.worker(bed.scanner, "two", "internet")
        made.worker(bed.hosts[HOSTS].space, "inside", "office")
        made.worker(bed.scanner, "stray", "branch")
        yield made


def walls(bed: Bed, hole: str = "0") -> None:
    """Everybody reaches 80 of the last two hosts, the office also 22 of the first two, the internet also the hole."""
    office, internet = f'iifname "h{HOSTS + 1}"', 'iifname "scan"'
    first, last = (f"ip daddr {{ {host.v4}, {other.v4} }}" for host, other in (bed.hosts[:2], bed.hosts[2:HOSTS]))
    lines = [f"{last} tcp dport 80 accept", f"{office} {first} tcp dport 22 accept", f"{internet} tcp dport {hole} accept"]
    lines += [f"{way} meta l4proto tcp drop" for way in (office, internet)]
    bed.filter(table("bed", chain("judge", "type filter hook forward priority 0; policy accept", *lines)))


def code(bed: Bed) -> dict[str, object]:
    """80 of the last two hosts from anywhere, 22 of the first two from the office only, nothing else."""
    said = [{"host": str(host.v4), "open": ["80/tcp"]} for host in bed.hosts[2:HOSTS]]
    said += [{"host": str(host.v4), "open": ["22/tcp"], "admitted_from": ["198.51.100.15/32"]} for host in bed.hosts[:2]]
    return {"schema": "iacdrift/expectation/1", "expectations": said}


def look(bed: Bed, fleet: Fleet, *vantages: str, rate: int = 2000, ports: str = "22,80,8080") -> DriftMatrix:
    said = code(bed)
    options = {"ports": ports, "rate": rate, "family": 4}
    found: DriftMatrix = fleet.call(lambda url: check_vantages(said, vantages=vantages, executor=url, **options))
    return found


def test_what_one_vantage_reaches_and_the_other_does_not(bed: Bed, fleet: Fleet) -> None:
    walls(bed, "8080")
    matrix = look(bed, fleet, OFFICE, INTERNET)
    assert [report.verdict.value for report in matrix.reports] == ["in_sync", "drift"]
    assert matrix.exit_code == 1
    assert cells(matrix, bed.hosts[0].v4, 22) == {"office": "open, as declared", "internet": "silent, as declared"}
    (row,) = [row for row in matrix.rows if row.address == str(bed.hosts[0].v4) and 22 in row.ports]
    assert says(row, matrix.names) == "reachable from office, not from internet, as declared"
    assert cells(matrix, bed.hosts[1].v4, 8080) == {"office": "silent, as declared", "internet": "exposed: open, blocked in the code"}
    assert [report.sent_from for report in matrix.reports] == ["198.51.100.15", str(SCANNER_V4)]


def test_a_worker_that_stands_elsewhere_proves_nothing(bed: Bed, fleet: Fleet) -> None:
    walls(bed)
    matrix = look(bed, fleet, "branch=192.0.2.77", "nowhere=192.0.2.78")
    assert matrix.exit_code == 3
    branch, nowhere = matrix.reports
    assert not branch.coverage.ports_probed
    assert any("isn't proven to stand at branch: it sends from 203.0.113.9, not from 192.0.2.77" in gap.why for gap in branch.undetermined)
    assert any("no worker carries the tag vantage:nowhere" in gap.why for gap in nowhere.undetermined)


def test_this_machine_scans_for_the_vantage_at_which_it_stands(bed: Bed) -> None:
    walls(bed)
    said = code(bed)

    vantages = (INTERNET, OFFICE)
    here, office = bed.scan(lambda: check_vantages(said, vantages=vantages, ports="22,80", rate=2000, family=4)).reports
    assert here.verdict.value == "in_sync"
    assert any("nobody stands at office" in gap.why for gap in office.undetermined)


def test_a_worker_that_is_killed_in_the_middle_has_its_hosts_asked_by_the_other(bed: Bed, fleet: Fleet, tmp_path: Path) -> None:
    walls(bed)
    said, victim, mark = code(bed), fleet.pids["one"], tmp_path / "killed"

    def work(url: str) -> DriftReport:
        def kill() -> None:
            from distributed import Client

            with Client(f"tcp://{ROUTER_V4}:{PORT}", set_as_default=False) as client:
                for _ in range(300):
                    busy = [held for held in client.scheduler_info(n_workers=-1)["workers"].items() if held[1]["name"] == "one"]
                    if busy and client.processing().get(busy[0][0]):
                        time.sleep(0.5)
                        os.kill(victim, signal.SIGKILL)
                        mark.write_text("in the middle")
                        return
                    time.sleep(0.02)

        thread = threading.Thread(target=kill)
        thread.start()
        matrix = check_vantages(said, vantages=(INTERNET,), executor=url, ports="80,1000-1299", rate=1000, family=4)
        thread.join()
        return matrix.reports[0]

    report: DriftReport = fleet.call(work)
    assert mark.read_text() == "in the middle"
    assert report.verdict.value == "in_sync", report.undetermined
    assert (report.coverage.hosts_expected, report.coverage.hosts_failed, report.coverage.ports_undetermined) == (HOSTS, 0, 0)
