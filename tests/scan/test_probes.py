from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from iacdrift.scan.job import Job, Pace
from iacdrift.scan.jobs import careful_jobs
from iacdrift.scan.manner import Manner
from iacdrift.scan.probes import hurried, shipped_probes
from tests.needs import needs
from tests.scan.conftest import P
from tests.scan.test_jobs import A

MADE = """Exclude T:9100-9107
Probe TCP NULL q||
totalwaitms 6000
tcpwrappedms 3000
match ssh m|^SSH-|
Probe TCP GetRequest q|GET / HTTP/1.0\\r\\n\\r\\n|
rarity 1
ports 80
Probe UDP DNSStatusRequest q|\\0\\0|
totalwaitms 7500
"""


def test_every_probe_waits_shortly_and_nothing_else_changes(tmp_path: Path) -> None:
    (tmp_path / "probes").write_text(MADE)
    lines = hurried(str(tmp_path / "probes")).splitlines()
    waits = [(line, follows) for line, follows in pairwise(lines) if line.startswith("Probe ")]
    assert [follows for _, follows in waits] == ["totalwaitms 1500", "totalwaitms 2000", "totalwaitms 1000"]
    plain = [line for line in MADE.splitlines() if not line.startswith("totalwaitms")]
    assert [line for line in lines if not line.startswith("totalwaitms")] == plain


@needs("nmap")
def test_nmaps_own_probes_are_found_where_it_reads_them() -> None:
    import shutil

    found = shipped_probes(str(shutil.which("nmap")))
    assert found is not None
    assert "Probe TCP NULL q||\ntotalwaitms 1500\n" in hurried(found)


def test_only_detection_is_hurried() -> None:
    manner = Manner("syn", 1000)
    (quick,) = careful_jobs("confirm", "syn", {A: P("80")}, {A: P("80")}, manner, hurried=True)
    (plain,) = careful_jobs("confirm", "syn", {A: P("80")}, {}, manner, hurried=True)
    assert (quick.pace.hurried, plain.pace.hurried) == (True, False)
    assert Job("confirm", "syn", (A,), P("80"), Pace(1000)).probes == 2
