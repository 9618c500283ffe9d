"""Found by the property (topologies 95, 224, 269): IPv6 from one VPC to a peered one, where only IPv4 is routed over the peering.

The packet leaves by the vantage's own gateway with its own address and comes in by the other one's: it was said to be blocked.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from tests.needs import needs
from tests.properties.truth.bed import Bed
from tests.properties.truth.compare import compare, describe
from tests.properties.truth.small import SSH, card, group
from tests.properties.truth.topology import ANY6, Direction, Group, Instance, Peering, Route, Subnet, Table, Topology, Vpc
from tests.properties.truth.truth import Outcome, answers

pytestmark = [pytest.mark.live, needs("namespaces"), needs("nft")]

FROM, TO = "2600:1f00:1:1::a", "2600:1f00:2:1::b"


def peered(*routes: Route, back: tuple[Route, ...] = (Route(ANY6, "igw"),)) -> Topology:
    """Two VPCs with IPv6; the first one's table has these routes, the second one's `back`."""
    both = tuple(Vpc(f"v{n}", f"10.{n + 1}.0.0/16", f"2600:1f00:{n + 1}::/56", eigw=True) for n in (0, 1))
    return Topology(
        vpcs=both,
        subnets=tuple(Subnet(f"s{n}0", f"v{n}", f"10.{n + 1}.1.0/24", f"2600:1f00:{n + 1}:1::/64", f"t{n}") for n in (0, 1)),
        tables=(Table("t0", "v0", routes), Table("t1", "v1", back)),
        peerings=(Peering("p0", "v0", "v1"),),
        groups=(group(), Group("g10", "v1", Direction((SSH,)), group().egress)),
        instances=(Instance("i0", (card(ipv6=(FROM,)),)), Instance("i1", (card("n1", "s10", ipv6=(TO,)),))),
    )


@pytest.mark.parametrize(
    ("topology", "expected"),
    [
        (peered(Route(ANY6, "igw")), Outcome.YES),
        (peered(Route(ANY6, "eigw")), Outcome.YES),
        (peered(), Outcome.NO),
        (peered(Route(ANY6, "igw"), back=()), Outcome.NO),
        (peered(Route(ANY6, "igw"), back=(Route(ANY6, "igw"), Route("2600:1f00:1::/56", "peer:p0"))), Outcome.NO),
        (peered(Route(ANY6, "igw"), Route("2600:1f00:2::/56", "peer:p0")), Outcome.NO),
    ],
)
def test_ipv6_between_vpcs_over_the_internet(bed: Bed, topology: Topology, expected: Outcome, tmp_path: Path) -> None:
    said = answers(bed, topology)
    found = {o for q, o in said.items() if (q.standpoint.where, q.target, q.protocol, q.port) == ("n0", TO, "tcp", 22)}
    assert found == {expected}
    disagreements = compare(topology, said, tmp_path).disagreements
    assert not disagreements, describe(disagreements)


def test_a_group_does_not_reach_through_the_internet(bed: Bed, tmp_path: Path) -> None:
    asked = peered(Route(ANY6, "igw"))
    member = evolve(asked.groups[1], ingress=Direction((evolve(SSH, cidrs=(), cidrs6=(), groups=("g00",)),)))
    asked = evolve(asked, groups=(asked.groups[0], member))
    said = answers(bed, asked)
    assert {o for q, o in said.items() if (q.standpoint.where, q.target, q.port) == ("n0", TO, 22)} == {Outcome.NO}
    assert not compare(asked, said, tmp_path).disagreements
