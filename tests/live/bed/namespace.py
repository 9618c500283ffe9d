"""A network namespace without a name: an open file holds it, and the kernel takes it away with the process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from tests.live.bed import inside
from tests.live.bed.inside import User


class Namespace:
    """One namespace, from its making to `close()` or the end of this process."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.net = _new_network()
        self.ip("link set lo up")

    @property
    def path(self) -> str:
        """How other processes of this machine find it while it lives."""
        return f"/proc/{os.getpid()}/fd/{self.net}"

    def close(self) -> None:
        """Lets it go; links, addresses and rules inside vanish with it."""
        if self.net >= 0:
            os.close(self.net)
            self.net = -1

    def ip(self, *commands: str) -> None:
        """Runs `ip` commands inside, in order, as one batch."""
        self._feed(["ip", "-batch", "-"], "\n".join(commands) + "\n")

    def nft(self, rules: str) -> None:
        """Replaces the whole rule set inside."""
        self._feed(["nft", "-f", "-"], "flush ruleset\n" + rules)

    def settings(self, values: Mapping[str, str]) -> None:
        """Writes kernel settings, by their paths below /proc/sys/net."""

        def write() -> None:
            for name, value in values.items():
                inside.write_setting(f"net/{name}", value)

        self.call(write)

    def call(self, function: Callable[[], Any], user: User = User.ROOT, seconds: float = 120.0) -> Any:
        """What `function()` returns inside."""
        return inside.call(self.net, function, user, seconds)

    def run(self, argv: list[str], user: User = User.ROOT, seconds: float = 120.0, **options: Any) -> subprocess.CompletedProcess[str]:
        """A finished program that ran inside; its exit code isn't judged."""

        def work() -> subprocess.CompletedProcess[str]:
            return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL, **options)

        result: subprocess.CompletedProcess[str] = self.call(work, user, seconds + 5)
        return result

    def _feed(self, argv: list[str], text: str) -> None:
        done = subprocess.run(
            ["nsenter", f"--net={self.path}", *argv],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            pass_fds=(self.net,),
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)} in {self.title}: {done.stderr.strip()}\n{text}")


def _new_network() -> int:
    def work(pipe: int) -> None:
        inside.leave_network()
        os.write(pipe, b"x")
        os.read(gate, 1)

    gate, release = os.pipe()
    child, reader = inside.start(work, gate)
    try:
        if os.read(reader, 1) != b"x":
            raise RuntimeError("no network namespace can be made here")
        return os.open(f"/proc/{child}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        for end in (gate, release, reader):
            os.close(end)
        inside.stop(child)
