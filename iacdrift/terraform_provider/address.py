"""Under which name Terraform knows the provider: for the provider itself, for what installs it, and for what writes it into code."""

from __future__ import annotations

ADDRESS = "registry.terraform.io/iacdrift/iacdrift"
"""With its host, so that OpenTofu, whose own registry is another, means the same."""

DATA_SOURCE = "iacdrift_network"
OLDEST = "1.2"
"""The first Terraform with postconditions; protocol 6 is older."""
