"""The stages between a source and one subnet: route, network ACL both ways; with AWS's defaults where the code is silent."""

from __future__ import annotations

from attrs import evolve, field, frozen

from iacdrift.model.addresses import Space
from iacdrift.model.admission import Admission, Answer
from iacdrift.model.because import Assumption, Because
from iacdrift.model.filters import NetworkAcl
from iacdrift.model.network import Network, RouteTable, Subnet, Vpc
from iacdrift.model.ports import ALL_PORTS
from iacdrift.surface.acl import answers_ruling, inbound_ruling, outbound_ruling
from iacdrift.surface.routes import internet_answer
from iacdrift.surface.ruling import Clause, Ruling

ROUTE = "route"
ACL_IN = "network ACL, inbound"
ACL_OUT = "network ACL, outbound"
OWN_ACL_OUT = "the vantage's own network ACL, outbound"
OWN_ACL_IN = "the vantage's own network ACL, inbound"


@frozen(slots=True, cache_hash=True)
class Side:
    """One end of a way: a subnet, by its key, declared or not."""

    network: Network = field(eq=False, repr=False)
    key: str
    strict: bool = False

    @property
    def subnet(self) -> Subnet | None:
        """The declared subnet; None where it is in no source."""
        return self.network.subnets.get(self.key)

    @property
    def vpc(self) -> Vpc | None:
        """Its VPC, if that is declared."""
        return self.network.vpcs.get(self.subnet.vpc or "") if self.subnet else None

    @property
    def resource(self) -> str:
        """How texts name it."""
        return self.subnet.because.resource if self.subnet else self.key

    def because(self, detail: str) -> Because:
        """A reason that lies in the subnet itself."""
        return Because(self.resource, detail, self.subnet.because.at if self.subnet else None)

    def table(self) -> RouteTable | None:
        """The route table that serves it, as far as the code declares one."""
        if self.subnet and self.subnet.table:
            return self.network.tables.get(self.subnet.table)
        return self.network.tables.get(self.vpc.main_table or "") if self.vpc else None

    def assumed(self, stage: str, text: str) -> Ruling:
        """What is taken for granted, and said so; unknown under `--strict`."""
        answer = Answer.UNKNOWN_BY_CODE if self.strict else Answer.ADMITTED
        return Ruling.everywhere(stage, answer, self.because(text), (Assumption(self.resource, text),))


def internet_route(side: Side, space: Space) -> Ruling:
    """Whether the internet at these addresses has a way to the subnet."""
    doubt = side.network.clouded or (side.vpc.edge_doubt if side.vpc else None) or (side.subnet.table_doubt if side.subnet else None)
    if doubt:
        return Ruling.everywhere(ROUTE, Answer.UNKNOWN_BY_CODE, side.because(doubt))
    table = side.table()
    if table is None:
        return _without_table(side)
    answer, because = internet_answer(table, side.vpc, space, side.network)
    clauses = tuple(Clause(ALL_PORTS, ALL_PORTS, answer, reason) for reason in because)
    return Ruling(ROUTE, Admission.all(answer), Admission.all(answer), clauses, because[0])


def _without_table(side: Side) -> Ruling:
    if side.subnet is None:
        return side.assumed(ROUTE, f"{side.key} is in no source: a route to the internet is taken for granted")
    if side.subnet.table:
        return side.assumed(ROUTE, f"its route table {side.subnet.table} is in no source: a route to the internet is taken for granted")
    if side.vpc is None:
        return side.assumed(ROUTE, "its VPC is in no source: a route to the internet is taken for granted")
    if side.vpc.is_default:
        return Ruling.everywhere(ROUTE, Answer.ADMITTED, side.because("the main route table of a default VPC has a route to the internet"))
    text = "no route table is declared for it, and the VPC's main table has the local route only"
    return Ruling.everywhere(ROUTE, Answer.BLOCKED, side.because(text))


def acl_in(side: Side, space: Space, stage: str = ACL_IN) -> Ruling:
    """What the subnet's ACL lets in from these addresses."""
    acl = _acl_of(side, stage)
    return acl if isinstance(acl, Ruling) else _with_assumption(inbound_ruling(acl, space, stage), side)


def acl_out(side: Side, space: Space, stage: str = ACL_OUT) -> Ruling:
    """What the subnet's ACL lets out to these addresses."""
    acl = _acl_of(side, stage)
    return acl if isinstance(acl, Ruling) else _with_assumption(outbound_ruling(acl, space, stage), side)


def _with_assumption(ruling: Ruling, side: Side) -> Ruling:
    """The ACL's ruling, with what is taken for granted about its being this subnet's."""
    assumed = side.subnet.acl_assumed if side.subnet else None
    return evolve(ruling, assumptions=(*ruling.assumptions, Assumption(side.resource, assumed))) if assumed else ruling


def answers_out(side: Side, space: Space) -> Ruling:
    """Whether the target's answers leave its subnet."""
    return answers_ruling(acl_out(side, space))


def answers_in(side: Side, space: Space) -> Ruling:
    """Whether the target's answers enter the vantage's subnet."""
    return answers_ruling(acl_in(side, space, OWN_ACL_IN))


def acl_of(side: Side) -> str | None:
    """The key of the declared ACL that serves the subnet, where there is one: its ruling doesn't depend on the subnet."""
    if side.subnet is None or side.subnet.acl_doubt or side.subnet.acl_assumed:
        return None
    return _declared_acl(side.subnet, side)


def _declared_acl(subnet: Subnet, side: Side) -> str | None:
    name = subnet.acl or (side.vpc.default_acl if side.vpc else None)
    return name if name in side.network.acls else None


def _acl_of(side: Side, stage: str) -> NetworkAcl | Ruling:
    """The ACL that serves a subnet, or the ruling that AWS's default makes."""
    if side.subnet is None:
        return side.assumed(stage, f"{side.key} is in no source: a network ACL that admits everything is taken for granted")
    if side.subnet.acl_doubt:
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, side.because(side.subnet.acl_doubt))
    if side.subnet.acl_assumed and side.strict:
        return side.assumed(stage, side.subnet.acl_assumed)
    name = _declared_acl(side.subnet, side)
    if name:
        return side.network.acls[name]
    if side.subnet.acl:
        return Ruling.everywhere(stage, Answer.UNKNOWN_BY_CODE, side.because(f"its network ACL {side.subnet.acl} is in no source"))
    return side.assumed(stage, "no network ACL is declared for it: AWS's default, which admits everything, is taken for granted")
