"""The door for Pulumi programs: what a program declares is asserted of the network at the end of every `pulumi up`.

    import iacdrift.pulumi as network

    watch = network.observe()                                   # the first line
    ...
    network.assert_no_network_drift(watch, vantage="internet")  # the last one

Importing this registers nothing. See `iacdrift.policy` for the same as a policy pack.
"""

from __future__ import annotations

from iacdrift.pulumi.assertion import assert_no_network_drift
from iacdrift.pulumi.collect import collect
from iacdrift.pulumi.expectation import expect
from iacdrift.pulumi.hooks import after
from iacdrift.pulumi.watch import Watch, observe

__all__ = ["Watch", "after", "assert_no_network_drift", "collect", "expect", "observe"]
