"""How Terraform starts and ends the provider: the handshake, the certificate, and one thread for what a Ctrl-C must be able to end."""

from __future__ import annotations

import _thread
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from iacdrift.terraform_provider.moment import Walk
from iacdrift.terraform_provider.network import Network

ADDRESS = "registry.terraform.io/iacdrift/iacdrift"
PROTOCOL = "6"


class IacDrift(Provider):  # type: ignore[misc] # tf ships no types
    """The provider. Scans run in the main thread, which signals reach; Terraform's calls come in others."""

    def __init__(self) -> None:
        self.walk = Walk()
        self.work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()

    def in_main_thread(self, call: Callable[[], Any]) -> Any:
        """What the call gives or raises."""
        done: Future[Any] = Future()
        self.work.put((done, call))
        return done.result()

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
        """A walk begins."""
        self.walk.configured()

    def get_data_sources(self) -> list[type[DataSource]]:
        """The one data source."""
        return [Network]

    def get_resources(self) -> list[type[Resource]]:
        """None: nothing is changed, ever."""
        return []


def serve(argv: Sequence[str]) -> int:
    """Serves Terraform until it says that it is done. What Terraform can't make sense of on standard output it shows to the user."""
    if (why := _not_terraform(argv)) is not None:
        sys.stdout.write(f"iacdrift: {why}\n")
        return 1
    from tf.runner import run_provider

    provider = IacDrift()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches Terraform as well, which ends us when it is done
    failed: list[BaseException] = []

    def run() -> None:
        try:
            run_provider(provider, list(argv))
        except BaseException as error:
            failed.append(error)
        finally:
            provider.work.put(None)
            _thread.interrupt_main()

    threading.Thread(target=run, daemon=True).start()
    _work(provider)
    if failed:
        sys.stdout.write(f"iacdrift: the provider can't be started: {failed[0]}\n")
    return 1 if failed else 0


def _work(provider: IacDrift) -> None:
    while (job := provider.work.get()) is not None:
        done, call = job
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            done.set_result(call())
        except BaseException as error:
            done.set_exception(error)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _not_terraform(argv: Sequence[str]) -> str | None:
    """Why nobody could be served."""
    if "--dev" in argv:
        return None
    spoken = os.environ.get("PLUGIN_PROTOCOL_VERSIONS")
    if spoken is None:
        return "this is a Terraform provider, which Terraform starts itself: iacdrift terraform install says how"
    if PROTOCOL not in spoken.split(","):
        return f"this provider speaks protocol {PROTOCOL}, and this Terraform is older (it knows {spoken}): use Terraform 1.2 or newer"
    return None
