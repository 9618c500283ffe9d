"""A home directory for the certificate with which Terraform and the provider talk, where the user's own can't be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType

from attrs import define, field


@define(slots=True, eq=False)
class CertificateHome:
    """`tf` keeps its certificate below HOME and ends where it can't: in CI jobs and containers HOME is often read-only, or none.

    In this context HOME is a directory of this process where the user's isn't writable; `restore` gives the user's back as soon as
    the certificate is made, because Nmap and Terraform look into it too.
    """

    _kept: tempfile.TemporaryDirectory[str] | None = field(default=None, init=False)
    _own: str | None = field(default=None, init=False)

    def __enter__(self) -> CertificateHome:
        if not _writable():
            self._kept, self._own = tempfile.TemporaryDirectory(prefix="iacdrift-"), os.environ.get("HOME")
            os.environ["HOME"] = self._kept.name
        return self

    def restore(self) -> None:
        """The user's own HOME again."""
        if self._kept is None or os.environ.get("HOME") != self._kept.name:
            return
        del os.environ["HOME"]
        if self._own is not None:
            os.environ["HOME"] = self._own

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.restore()
        if self._kept is not None:
            self._kept.cleanup()


def _writable() -> bool:
    try:
        cache = Path.home() / ".cache" / "tf-python-provider"
        cache.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache).close()
        kept = cache / "ssl_cert.json"
        return not kept.exists() or os.access(kept, os.R_OK)
    except (OSError, RuntimeError):
        return False
