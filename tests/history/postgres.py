"""A PostgreSQL of its own: a new cluster in a directory, reached by a socket, gone behind the block."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import postgresql


@contextmanager
def running() -> Iterator[str]:
    """The URL of an empty database. As root the server runs as another user: it refuses to be root."""
    programs = postgresql()
    assert programs is not None
    # Short, because a socket's path is; and not below pytest's directory, which only its owner may enter.
    home = Path(tempfile.mkdtemp(prefix="iacdrift-pg-", dir="/tmp"))
    account, become = _account(home)

    def run(program: str, *words: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(home)}
        subprocess.run([*become, str(programs / program), *words], check=True, capture_output=True, timeout=90, cwd=home, env=environment)

    try:
        run("initdb", "-D", f"{home}/data", "-A", "trust", "-E", "SQL_ASCII", "-N", "-U", account)
        settings = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "-D", f"{home}/data", "-w", "-t", "60", "-l", f"{home}/log", "-o", settings, "start")
        try:
            yield f"postgresql://{account}:secret@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", f"{home}/data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _account(home: Path) -> tuple[str, list[str]]:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name, []
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(home, user.pw_uid, user.pw_gid)
    return user.pw_name, ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
