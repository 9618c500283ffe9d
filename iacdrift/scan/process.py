"""The one place that starts Nmap: progress while it runs, a clean end on Ctrl-C or when time is up."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess  # noqa: TID251 - this is the one room of the scan that starts processes
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Event, Lock
from typing import IO

import nmap
from attrs import define, frozen

from iacdrift.errors import ScanError
from iacdrift.model.ports import PortSet
from iacdrift.scan.machine import Nmap, checked, locate, may_send_raw
from iacdrift.scan.probes import shipped_probes
from iacdrift.scan.sending import kept_speed

_DONE = re.compile(rb"About (\d{1,3}(?:\.\d+)?)% done")
_SENT = re.compile(rb"Raw packets sent: (\d+)")
_SERVICES = re.compile(rb'<scaninfo [^>]*protocol="(tcp|udp)"[^>]* services="([0-9,-]*)"')
_GRACE = 3.0
_LAST_ROUND = 1.0
"""Seconds beyond its usual time for which a round is waited for."""
_TICK = 0.2
_TICK_BESIDE = 0.02
"""Seconds in which a process notices that others wait for it to end."""
_QUICK = 30.0


@frozen(slots=True)
class Ended:
    """How one Nmap process ended. `stopped`: why it was ended early or died, None where it ran to its end.

    `by_user`: by Ctrl-C. `complaint`: the last thing it said on stderr. `packets`: raw packets it says it sent.
    """

    code: int
    stopped: str | None = None
    by_user: bool = False
    complaint: str = ""
    packets: int | None = None


def find_nmap(wanted: str | None = None) -> Nmap:
    """Nmap as this machine has it. ScanError where it is missing, too old or not Nmap; no packets are sent.

    What it says of itself is asked for once, as long as its file stays as it is; a second thread waits for that answer.
    """
    path = str(Path(locate(wanted)).absolute())
    with _ONE_ASKS:
        version, tcp, udp = _asked(path, _written(path))
    probes = None if "NMAPDIR" in os.environ else shipped_probes(path)
    return Nmap(path, version, may_send_raw(path), tcp, udp, probes, kept_speed())


_ONE_ASKS = Lock()


@lru_cache(maxsize=8)
def _asked(path: str, _: int) -> tuple[tuple[int, int], PortSet, PortSet]:
    """Its version, and its 1,000 most frequent TCP and 20 most frequent UDP ports, out of its own nmap-services.

    Nmap prints which ports it would scan even without a target; `--privileged` lets it speak of UDP without rights.
    """
    try:
        found = nmap.PortScanner(nmap_search_path=(path,))
    except (nmap.PortScannerError, UnicodeDecodeError, OSError):
        raise ScanError(f"{path} doesn't answer `-V` as Nmap does; install Nmap or say where it is") from None
    version = checked(found.nmap_version(), path)
    return version, _ports_that_it_names(path, "-sT", 1000), _ports_that_it_names(path, "-sU", 20)


def _written(path: str) -> int:
    """When the file was written, in nanoseconds; 0 where nobody can tell."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _ports_that_it_names(path: str, flag: str, count: int) -> PortSet:
    words = [path, "--privileged", flag, "--top-ports", f"{count:d}", "-oX", "-"]
    try:
        shown = subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=_QUICK, env=_environment())
    except (OSError, subprocess.TimeoutExpired):
        raise ScanError(f"{path} doesn't say which ports are frequent; check that it runs") from None
    found = _SERVICES.search(shown.stdout)
    if found is None:
        raise ScanError(f"{path} doesn't say which ports are frequent; its nmap-services file may be missing")
    return PortSet.parse(found[2].decode("ascii"))


def _environment() -> dict[str, str]:
    """The environment of this process without what changes Nmap's rights or its language behind our back."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NMAP_PRIVILEGED", "NMAP_UNPRIVILEGED")}
    return kept | {"LC_ALL": "C"}


@define
class Rounds:
    """The rounds of a process that goes through its targets again and again: `done` says how many hosts its XML holds by now.

    A round in which an answer is missing lasts longest. One that takes longer than the `usual` seconds is waited for at the end: to cut
    it off would count too few losses.
    """

    done: Callable[[], int]
    usual: float
    _count: int = 0
    _since: float | None = None

    def overdue(self, now: float) -> bool:
        """Whether the round under way takes longer than it should, and not so long that nobody waits for it."""
        count = self.done()
        if self._since is None or count != self._count:
            self._count, self._since = count, now
        return self.usual < now - self._since < self.usual + _LAST_ROUND


def run_nmap(  # noqa: PLR0917
    arguments: Sequence[str],
    xml: Path,
    deadline: float | None = None,
    advanced: Callable[[float], None] | None = None,
    enough: Event | None = None,
    rounds: Rounds | None = None,
) -> Ended:
    """Run one Nmap to its end, or until Ctrl-C, or until `deadline` on the monotonic clock; its XML goes to `xml`.

    `enough`: once set from another thread, the process is ended and what it learnt is enough: that is no early end.
    `rounds`: one that is overdue is waited for.

    The file's name alone is given to Nmap, from inside its directory: Nmap expands `%` in the names of output files.
    The process gets a session of its own, so that a Ctrl-C on the terminal reaches us first. It ends with the thread
    that started it, where the kernel knows how: a worker that is killed leaves no scan behind.
    """
    words = [*ending_with_us(), arguments[0], "-oX", xml.name, "--stats-every", "1s", *arguments[1:]]
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=xml.parent,
            env=_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise ScanError(f"Nmap can't be started: {error.strerror}") from None
    watch = _Watch(advanced)
    try:
        stopped = _follow(process, watch, deadline, enough, rounds)
        by_user = False
    except KeyboardInterrupt:
        stopped, by_user = "interrupted by the user", True
    finally:
        _end(process)
    code = process.returncode
    if enough is not None and enough.is_set():
        return Ended(0, stopped, by_user, watch.complaint, watch.packets)
    if stopped is None and code < 0:
        stopped = f"Nmap was killed ({_signal_name(-code)})"
    elif stopped is None and code > 0:
        stopped = f"Nmap ended with an error: {watch.complaint or f'exit {code}'}"
    return Ended(code, stopped, by_user, watch.complaint, watch.packets)


@lru_cache(maxsize=1)
def ending_with_us() -> tuple[str, ...]:
    """How the process is told to end with us: prctl(2), PR_SET_PDEATHSIG, by setpriv of util-linux; nothing where there is none.

    Python's own way to do it between fork and exec isn't safe beside threads.
    """
    words = ("setpriv", "--pdeathsig", "KILL")
    try:
        tried = subprocess.run([*words, "true"], capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=_QUICK)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return words if tried.returncode == 0 else ()


class _Watch:
    """Reads what Nmap prints: how far it is, how many packets it sent, what it complains about."""

    def __init__(self, advanced: Callable[[float], None] | None) -> None:
        self._advanced = advanced
        self._complaints: deque[bytes] = deque(maxlen=20)
        self.packets: int | None = None

    def out(self, chunk: bytes) -> None:
        for found in _DONE.finditer(chunk):
            if self._advanced:
                self._advanced(min(float(found[1]) / 100, 1.0))
        sent = _SENT.search(chunk)
        if sent:
            self.packets = int(sent[1])

    def err(self, chunk: bytes) -> None:
        self._complaints.extend(line.strip() for line in chunk.splitlines() if line.strip())

    @property
    def complaint(self) -> str:
        """The last line but `QUITTING!`, with nothing in it that a terminal could obey."""
        lines = [line.decode("ascii", "replace") for line in self._complaints if line != b"QUITTING!"]
        return "".join(c if c.isprintable() else "?" for c in lines[-1])[:300] if lines else ""


def _follow(
    process: subprocess.Popen[bytes], watch: _Watch, deadline: float | None, enough: Event | None, rounds: Rounds | None
) -> str | None:
    tick = _TICK if enough is None else _TICK_BESIDE
    with selectors.DefaultSelector() as selector:
        for pipe, take in ((process.stdout, watch.out), (process.stderr, watch.err)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, take)
        while selector.get_map():
            now = time.monotonic()
            overdue = rounds is not None and rounds.overdue(now)
            if deadline is not None and now > deadline:
                return "the time (--timeout) was spent"
            if enough is not None and enough.is_set() and not overdue:
                return None
            for key, _ in selector.select(tick):
                _take(key, selector)
    process.wait()
    return None


def _take(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
    chunk = os.read(pipe.fileno(), 65536)
    if chunk:
        key.data(chunk)
    else:
        selector.unregister(pipe)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Make sure that the process is gone, by its own id, and its pipes closed."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
