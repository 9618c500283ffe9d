"""Where a vantage stands in the model: outside, or inside a VPC, in a subnet, on an interface; per IP version."""

from __future__ import annotations

from attrs import frozen

from iacdrift.errors import UsageError
from iacdrift.model.addresses import PUBLIC, Address, Space
from iacdrift.model.network import Interface, Network, Subnet, Vpc
from iacdrift.surface.vantage import Vantage, VantageKind


@frozen(slots=True)
class Place:
    """A vantage for one IP version. `vpc` None: on the internet. `address` None there: anywhere on it.

    `absent`: why nothing can be sent from it in this version.
    """

    version: int
    address: Address | None = None
    vpc: str | None = None
    subnet: str | None = None
    interface: Interface | None = None
    absent: str | None = None

    @property
    def inside(self) -> bool:
        """Whether it stands inside a declared network."""
        return self.vpc is not None

    @property
    def space(self) -> Space:
        """The addresses that it may have: its own, or all of the internet's."""
        return PUBLIC[self.version] if self.address is None else Space.of(self.address)


def find_place(network: Network, vantage: Vantage, version: int) -> Place:
    """The place of a vantage. UsageError where the code leaves it ambiguous, or no resource has that address."""
    if vantage.kind is VantageKind.RESOURCE:
        return _on_resource(network, vantage, version)
    address = vantage.address(version)
    if address is None:
        return Place(version)
    vpcs = [vpc for vpc in network.vpcs.values() if any(address in net for net in vpc.networks)]
    if not vpcs:
        return Place(version, address)
    if len(vpcs) > 1:
        names = ", ".join(sorted(vpc.because.resource for vpc in vpcs))
        raise UsageError(
            f"{address} lies in several networks ({names}): name the resource to stand on, such as --vantage aws_instance.NAME"
        )
    return _inside(network, vpcs[0], address, version)


def _inside(network: Network, vpc: Vpc, address: Address, version: int) -> Place:
    subnet = next((s.key for s in network.subnets.values() if s.vpc == vpc.key and any(address in net for net in s.networks)), None)
    owners = [i for i in network.interfaces if vpc_of(network, i) == vpc.key and any(e.address == address for e in i.endpoints)]
    return Place(version, address, vpc.key, subnet, owners[0] if owners else None)


def _on_resource(network: Network, vantage: Vantage, version: int) -> Place:
    wanted = vantage.resource
    found = [i for i in network.interfaces if wanted == i.owner or wanted in i.aliases]
    if not found:
        raise UsageError(f"--vantage {wanted}: no interface in the sources belongs to it")
    if len(found) > 1:
        names = ", ".join(sorted(i.owner for i in found))
        raise UsageError(f"--vantage {wanted} has several interfaces: name one of {names}")
    interface = found[0]
    vpc = vpc_of(network, interface)
    if vpc is None or not interface.subnets:
        raise UsageError(f"--vantage {wanted}: its subnet or VPC is in no source, so where it stands can't be told")
    own = [e.address for e in interface.endpoints if e.address and e.address.version == version and not (version == 4 and e.public)]
    if not own:
        return Place(version, None, vpc, interface.subnets[0], interface, f"{wanted} has no IPv{version} address")
    return Place(version, own[0], vpc, interface.subnets[0], interface)


def vpc_of(network: Network, interface: Interface) -> str | None:
    """The VPC of an interface: its own word, or its subnet's."""
    if interface.vpc:
        return interface.vpc
    subnets: list[Subnet | None] = [network.subnets.get(key) for key in interface.subnets]
    return next((subnet.vpc for subnet in subnets if subnet and subnet.vpc), None)
