"""A unit for systemd that runs the watch: its text, and where it belongs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from iacdrift.errors import OutputError, UsageError

NAME = "iacdrift-watch.service"


def unit(config: Path, *, user: str | None) -> str:
    """The unit's text. `user`: under whom the system runs it; None for a unit of the user's own systemd."""
    system = user is not None
    lines = [
        "[Unit]",
        "Description=iacdrift watch: the network against its code",
        "Documentation=man:systemd.service(5)",
        *(["Wants=network-online.target", "After=network-online.target"] if system else []),
        "",
        "[Service]",
        "Type=exec",
        f"WorkingDirectory={_path(config.parent)}",
        f"ExecStart={_word(sys.executable)} -m iacdrift watch --config {_word(str(config))}",
        "# Secrets of alerts: NAME=value lines, readable by nobody else.",
        f"EnvironmentFile=-{'/etc/iacdrift/watch.env' if system else '%h/.config/iacdrift/watch.env'}",
        "KillMode=mixed",
        "KillSignal=SIGTERM",
        "TimeoutStopSec=60",
        "Restart=on-failure",
        "RestartSec=30",
        # Exit 2 says that the configuration has no meaning: starting it again wouldn't change that.
        "RestartPreventExitStatus=2",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "MemoryMax=1G",
    ]
    if system:
        lines += [f"User={user}", "AmbientCapabilities=CAP_NET_RAW", "CapabilityBoundingSet=CAP_NET_RAW", "ProtectSystem=full"]
    return "\n".join([*lines, "", "[Install]", f"WantedBy={'multi-user' if system else 'default'}.target", ""])


def place() -> tuple[Path, str | None]:
    """Where the unit goes, and under whom it runs: the system's for root, the user's own for everybody else."""
    if os.geteuid() == 0:
        return Path("/etc/systemd/system") / NAME, os.environ.get("SUDO_USER") or "root"
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "systemd" / "user" / NAME, None


def install(path: Path, text: str) -> bool:
    """Writes it; False where it is there already, word for word. UsageError where another one is, OutputError where it can't be written."""
    try:
        if path.exists():
            if path.read_text(encoding="utf-8") == text:
                return False
            raise UsageError(f"{path} is there already and says something else: move it away first")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror}") from error
    return True


def _path(path: Path) -> str:
    return str(path).replace("%", "%%")


def _word(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != text or " " in text else text
