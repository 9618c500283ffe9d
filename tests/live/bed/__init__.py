"""A test bed: a scanner, a router with a packet filter, and hosts with real listeners, each in a network namespace.

Nothing in it has a name on the machine: namespaces are held by open files and vanish with the test process, even when
that is killed; every child process ends with its parent.
"""

from tests.live.bed.filters import Rules, Verb
from tests.live.bed.inside import InsideError, User
from tests.live.bed.listeners import Service
from tests.live.bed.namespace import Namespace
from tests.live.bed.topology import Bed, Host

__all__ = ["Bed", "Host", "InsideError", "Namespace", "Rules", "Service", "User", "Verb"]
