"""How Terraform starts and ends the provider: the handshake, and the one thread in which a Ctrl-C can end a scan."""

from __future__ import annotations

import _thread
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from iacdrift.terraform_provider.address import ADDRESS, OLDEST
from iacdrift.terraform_provider.certificate import CertificateHome
from iacdrift.terraform_provider.moment import Walk
from iacdrift.terraform_provider.network import Network

PROTOCOL = "6"


class IacDrift(Provider):  # type: ignore[misc] # tf ships no types
    """The provider. Terraform's calls come in threads of their own; scans run in the main thread, which signals reach."""

    def __init__(self, home: CertificateHome) -> None:
        self.walk = Walk()
        self._home = home
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()

    def in_main_thread(self, call: Callable[[], Any]) -> Any:
        """What the call gives or raises."""
        done: Future[Any] = Future()
        self._work.put((done, call))
        return done.result()

    def work(self) -> None:
        """The main thread's part, until `end`: only while it scans a Ctrl-C counts, since Terraform gets it too and ends us later."""
        while (job := self._work.get()) is not None:
            done, call = job
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                done.set_result(call())
            except BaseException as error:
                done.set_exception(error)
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end(self) -> None:
        """Terraform is done with us, or wants to be: a scan that still runs is ended as by a Ctrl-C."""
        self._work.put(None)
        _thread.interrupt_main()

    def get_model_prefix(self) -> str:
        """What the names of all data sources begin with."""
        return "iacdrift_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """The provider itself takes nothing."""
        return Schema()

    def full_name(self) -> str:
        """The address under which Terraform knows it."""
        return ADDRESS

    def validate_config(self, diags: Diagnostics, config: dict[str, Any]) -> None:
        """There is nothing that could be wrong."""

    def configure_provider(self, diags: Diagnostics, config: dict[str, Any]) -> None:
        """A walk begins, and the certificate is made."""
        self._home.restore()
        self.walk.configured()

    def get_data_sources(self) -> list[type[DataSource]]:
        """The one data source."""
        return [Network]

    def get_resources(self) -> list[type[Resource]]:
        """None: nothing is changed, ever."""
        return []


def serve(argv: Sequence[str]) -> int:
    """Serves Terraform until it says that it is done. What Terraform can't make sense of on standard output it shows to the user."""
    if (why := _refused(argv)) is not None:
        return _said(why)
    from tf.runner import run_provider

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    failed: list[BaseException] = []
    try:
        with CertificateHome() as home:
            provider = IacDrift(home)

            def run() -> None:
                try:
                    run_provider(provider, list(argv))
                except BaseException as error:
                    failed.append(error)
                finally:
                    provider.end()

            threading.Thread(target=run, daemon=True).start()
            threading.Thread(target=_outlive_nobody, args=(provider, os.getppid()), daemon=True).start()
            with suppress(KeyboardInterrupt):
                provider.work()
    except OSError as error:
        failed.append(error)
    if not failed:
        return 0
    nowhere = isinstance(failed[0], OSError)
    what = "needs a directory for its certificate and its socket, and finds none" if nowhere else "can't be started"
    return _said(f"the provider {what}: {failed[0]}")


def _outlive_nobody(provider: IacDrift, parent: int) -> None:
    """A Terraform that was killed can't end us, and nobody would learn what we find: no packet more."""
    while os.getppid() == parent:
        time.sleep(1)
    provider.end()


def _said(why: str) -> int:
    sys.stdout.write(f"iacdrift: {why}\n")
    return 1


def _refused(argv: Sequence[str]) -> str | None:
    """Why nobody could be served."""
    if "--dev" in argv:
        return None
    spoken = os.environ.get("PLUGIN_PROTOCOL_VERSIONS")
    if spoken is None:
        return "this is a Terraform provider, which Terraform itself starts: iacdrift terraform install says how"
    if PROTOCOL not in spoken.split(","):
        return f"this provider speaks protocol {PROTOCOL}, this Terraform only {spoken}: it is too old, take {OLDEST} or newer"
    return None
