"""iacdrift asks the network itself whether it is what the code says.

    from iacdrift import assert_no_network_drift

    assert_no_network_drift("plan.json", vantage="internet")

The public names are imported when they are first used: `import iacdrift` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iacdrift.assertion import assert_no_network_drift, check_network_drift, expected_surface
    from iacdrift.drift.report import DriftReport, Finding, FindingKind, Severity, Verdict
    from iacdrift.errors import (
        IacDriftError,
        IncompleteScanError,
        NetworkDriftError,
        OutputError,
        ScanError,
        ScopeError,
        SourceError,
        UsageError,
    )
    from iacdrift.surface.expected import ExpectedSurface
    from iacdrift.surface.vantage import Vantage

__version__ = "0.1.0"

_HOME = {
    "assert_no_network_drift": "iacdrift.assertion",
    "check_network_drift": "iacdrift.assertion",
    "expected_surface": "iacdrift.assertion",
    "DriftReport": "iacdrift.drift.report",
    "Finding": "iacdrift.drift.report",
    "FindingKind": "iacdrift.drift.report",
    "Severity": "iacdrift.drift.report",
    "Verdict": "iacdrift.drift.report",
    "ExpectedSurface": "iacdrift.surface.expected",
    "Vantage": "iacdrift.surface.vantage",
    "IacDriftError": "iacdrift.errors",
    "IncompleteScanError": "iacdrift.errors",
    "NetworkDriftError": "iacdrift.errors",
    "OutputError": "iacdrift.errors",
    "ScanError": "iacdrift.errors",
    "ScopeError": "iacdrift.errors",
    "SourceError": "iacdrift.errors",
    "UsageError": "iacdrift.errors",
}

__all__ = [
    "DriftReport",
    "ExpectedSurface",
    "Finding",
    "FindingKind",
    "IacDriftError",
    "IncompleteScanError",
    "NetworkDriftError",
    "OutputError",
    "ScanError",
    "ScopeError",
    "Severity",
    "SourceError",
    "UsageError",
    "Vantage",
    "Verdict",
    "assert_no_network_drift",
    "check_network_drift",
    "expected_surface",
]


def __getattr__(name: str) -> object:
    """The public name, imported at its first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'iacdrift' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
