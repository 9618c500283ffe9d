"""The door for CDKTF and CDK Terrain (`cdktf`, `cdktn`): one module for whichever is installed, and none is imported before it is used.

    from iacdrift.cdktf import NetworkDriftCheck, add_runtime_assertion, surface_of

    Aspects.of(stack).add(NetworkDriftCheck())            # at synth: what the code admits; no packets
    add_runtime_assertion(stack, vantage="internet")      # at deploy: what the network does

See docs/cdktf.md.
"""

from __future__ import annotations

from iacdrift.cdktf.check import NetworkDriftCheck
from iacdrift.cdktf.runtime import add_runtime_assertion
from iacdrift.cdktf.unit import surface_of

__all__ = ["NetworkDriftCheck", "add_runtime_assertion", "surface_of"]
