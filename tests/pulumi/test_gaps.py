"""What the program's door can't see is a gap, and names the door that can."""

from __future__ import annotations

from iacdrift.assertion import expected_surface
from iacdrift.pulumi.document import Seen, document
from iacdrift.pulumi.program import gaps
from iacdrift.pulumi.watch import Watch


def test_what_cannot_be_seen_inside_a_remote_component_names_the_policy_pack() -> None:
    """As from an engine that tells nothing of such children."""
    watch = Watch("shop", "dev", None)  # type: ignore[arg-type]
    child = Seen("urn:pulumi:dev::shop::aws:tests:Office$aws:ec2/instance:Instance::desk", "aws:ec2/instance:Instance")
    (gap,) = gaps(watch, [child, Seen("urn:pulumi:dev::shop::aws:tests:Office::office", "aws:tests:Office", custom=False)], {})
    assert "1 resource inside remote components can't be seen from the program" in gap
    assert "the policy pack sees them (iacdrift.policy): aws:ec2/instance:Instance::desk" in gap
    surface = expected_surface(document("the program", [child], (gap,)), vantage="internet")
    assert gap in surface.gaps
    assert not list(gaps(watch, [child.with_outputs({}, "i-1")], {}))
