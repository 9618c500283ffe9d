"""What a run leaves behind, and whom it tells: the history and the alerts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iacdrift.alerts.channel import channels_of
from iacdrift.doctor.remark import Remark, State, tried
from iacdrift.doctor.sources import extra
from iacdrift.errors import IacDriftError
from iacdrift.history.database import Database
from iacdrift.history.location import Location, locate


def history(named: str | None, table: Any) -> Remark:
    """Whether reports can be kept; a file that isn't there yet isn't made."""
    mend = "--history FILE or URL names another place, --no-history keeps nothing"
    try:
        location = locate(named, table)
    except IacDriftError as error:
        return Remark("history", State.MISSING, str(error), mend)
    if location is None:
        return Remark("history", State.REMARK, "off: nothing is first seen, resolved or carried", "")
    file = location.file
    if file is not None and not file.exists():
        return _room_for(file, mend, asked=location.asked)
    return tried("history", lambda: _opened(location), mend)


def _room_for(file: Path, mend: str, *, asked: bool) -> Remark:
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Remark("history", State.OK, f"{file} will be made")
    return Remark("history", State.MISSING if asked else State.REMARK, f"{file} can't be made: {folder} isn't writable", mend)


def _opened(location: Location) -> str:
    """HistoryError where it can't be opened; a file is opened for writing, a server is asked only."""
    database = Database.of(location)
    with database.writing() if location.file is not None else database.reading():
        return f"{location.shown} answers"


def alerts(tables: Any) -> Iterator[Remark]:
    """Whether every alert's secret can be read; none is shown."""
    try:
        channels = channels_of(tables)
    except IacDriftError as error:
        yield Remark("alerts", State.MISSING, str(error), "docs/watch.md says what [[alert]] holds")
        return
    if any(channel.url for channel in channels):
        yield extra("alerts", "apprise", "alerts")
    for channel in channels:
        secrets = [secret for secret in (channel.url, channel.webhook, channel.secret) if secret is not None]
        about = f"alert {channel.name}"
        try:
            for secret in secrets:
                secret.read()
        except IacDriftError as error:
            yield Remark(about, State.MISSING, str(error), "set it, and try: iacdrift alert test")
        else:
            yield Remark(about, State.OK, "its address can be read; iacdrift alert test tries it")
