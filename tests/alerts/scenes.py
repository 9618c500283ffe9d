"""Reports for alerts, made by the real judge: any number of hosts behind one group, some ports open that shouldn't be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import evolve

from iacdrift.alerts.announce import announcer, trial
from iacdrift.alerts.channel import Channel, channels_of
from iacdrift.drift.report import DriftReport, Undetermined, Verdict
from iacdrift.history.document import packed_json
from iacdrift.history.schema import OutboxRow
from iacdrift.history.store import Store
from iacdrift.model.ports import PortSet
from iacdrift.recording import store_at
from tests.drift.scenes import OPEN, SILENT, host, observed_host, run, surface
from tests.outputs.reports import report as judged

ASKED = "443,6379,8080,9200"


def scanned(open_ports: Iterable[int] = (), hosts: int = 1, *, asked: str = ASKED, undetermined: str = "") -> DriftReport:
    """A run over so many hosts of `aws_instance.web`: these ports answer on each, the other asked ones are silent."""
    shown = ",".join(map(str, sorted({443, *open_ports})))
    silent = str(PortSet.parse(asked) - PortSet.parse(shown))
    at = [f"198.51.100.{10 + n}" for n in range(hosts)]
    groups = [(shown, OPEN), (silent, SILENT)]
    seen = [observed_host(asked, *(group for group in groups if group[0]), address=address) for address in at]
    expected = [host(address, f"aws_instance.web[{n}]", open="443") for n, address in enumerate(at)]
    found = judged(surface(*expected), run(*seen, finished_at="2026-03-01T00:00:00Z"))
    if undetermined:
        gap = Undetermined(at[0], "tcp", PortSet.parse(undetermined), "no answer came back")
        verdict = found.verdict if found.verdict is Verdict.DRIFT else Verdict.INCOMPLETE
        found = evolve(found, undetermined=(gap,), verdict=verdict)
    return found


def opened(path: Path) -> Store:
    store = store_at(path / "history.db")
    assert store is not None
    return store


def channel(**table: object) -> Channel:
    given = table if any(key.startswith(("url", "webhook")) for key in table) else {"webhook": "http://127.0.0.1:9/", **table}
    return channels_of([{"name": "ops", **given}])[0]


def keep(store: Store, report: DriftReport, *channels: Channel, whole: bool = True) -> None:
    store.store(report, "check", announcer(channels, "shop", whole=whole))


def queued(store: Store, number: int, name: str = "ops") -> None:
    """So many alerts wait for a channel."""
    with store.database.writing() as session:
        rows = [trial() | {"id": f"{n:032x}", "summary": f"alert {n}"} for n in range(number)]
        session.add_all(
            OutboxRow(
                channel=name, identity=row["id"], state="waiting", created_at="2026-03-01T00:00:00Z", attempts=0, document=packed_json(row)
            )
            for row in rows
        )
