"""Databases by name: their port must answer, behind their groups, in public or not as the code says."""

import pytest

from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Action
from iacdrift.surface.expect import expect
from iacdrift.surface.explain import explain
from iacdrift.surface.vantage import Vantage
from tests.providers.resources import LATER, code, plan, ref, state
from tests.sources.places import EDGE
from tests.surface.networks import ELSEWHERE, IN_OFFICE, OFFICE, asked, group, hidden, host, machine, model, seen_from, tcp, two_subnets

NAME = "main.abcdefghij.eu-west-1.rds.amazonaws.com"
WRITER = "aurora.cluster-abcdefghij.eu-west-1.rds.amazonaws.com"
READER = "aurora.cluster-ro-abcdefghij.eu-west-1.rds.amazonaws.com"
CLIENT = "10.0.1.9"
PLACE = state("aws_db_subnet_group.data", id="data", name="data", subnet_ids=["subnet-b"])
HERE = {
    "id": "db-ABCDEFGHIJ",
    "identifier": "main",
    "engine": "postgres",
    "port": 5432,
    "address": NAME,
    "endpoint": f"{NAME}:5432",
    "db_subnet_group_name": "data",
    "vpc_security_group_ids": ["sg-db"],
    "publicly_accessible": False,
}


def net(*rules, **more):
    """A database in subnet b, behind a group with these rules."""
    return [*two_subnets(), PLACE, group("db", *rules), state("aws_db_instance.main", **{**HERE, **more})]


# -- a private one ---------------------------------------------------------------------------------------------------


def test_a_private_database_is_not_in_view_from_the_internet():
    assert "the name resolves to private addresses" in hidden(net(tcp(5432)), NAME)
    assert seen_from("internet", net(tcp(5432))).hosts == ()


@pytest.mark.parametrize(("vantage", "answer"), [(CLIENT, "open"), ("10.0.2.9", "blocked")])
def test_inside_its_port_must_answer_whom_its_groups_admit(vantage, answer):
    assert asked(net(tcp(5432, "10.0.1.0/24")), NAME, 5432, vantage) == answer


def test_inside_every_other_port_is_blocked():
    found = host(net(tcp(5432), tcp(22)), NAME, CLIENT)
    assert (str(found.tcp.open), found.managed, found.status.value) == ("5432", True, "by_name")
    assert 22 in found.tcp.blocked


def test_a_group_as_source_admits_who_carries_it():
    found = [*net(tcp(5432, "sg-app")), group("app"), machine("app", CLIENT, None, "app")]
    assert asked(found, NAME, 5432, "aws_instance.app") == "open"


def test_the_explanation_names_the_rule():
    said = explain(model(net(tcp(5432, "10.0.1.0/24"))), Vantage.parse(CLIENT), NAME, "tcp", 5432)
    assert [because.detail for because in said.because] == ["listens on tcp/5432 (postgresql)", "tcp/5432 from 10.0.1.0/24"]


def test_a_subnet_group_that_is_in_no_source_leaves_it_unknown_from_inside():
    found = [item for item in net(tcp(5432)) if item is not PLACE]
    assert asked(found, NAME, 5432, CLIENT) == "unknown by code"


@pytest.mark.parametrize(
    "place",
    [
        plan("aws_db_subnet_group.data", {"name": "data", "subnet_ids": ["subnet-b"]}),
        state("data.aws_db_subnet_group.data", id="data", name="data", subnet_ids=["subnet-b"]),
    ],
)
def test_its_subnet_group_is_found_by_name(place):
    found = [item for item in net(tcp(5432)) if item is not PLACE]
    assert asked([*found, place], NAME, 5432, CLIENT) == "open"


def test_without_groups_its_vpcs_default_group_filters():
    assert asked(net(tcp(5432), vpc_security_group_ids=[]), NAME, 5432, CLIENT) == "unknown by vantage"  # is it a member?


def test_groups_come_from_the_code_not_from_what_a_refresh_recorded():
    declared = {"engine": "postgres", "db_subnet_group_name": "data", "vpc_security_group_ids": ["sg-db"], "publicly_accessible": False}
    said = code("aws_db_instance.main", declared, {**HERE, "vpc_security_group_ids": ["sg-open"]})
    found = [*two_subnets(), PLACE, group("db"), group("open", tcp(5432)), said]
    assert asked(found, NAME, 5432, CLIENT) == "blocked"


# -- a public one ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vantage", "answer"), [(IN_OFFICE, "open"), (ELSEWHERE, "blocked"), ("internet", "unknown by vantage")])
def test_a_public_database_answers_whom_its_groups_admit(vantage, answer):
    assert asked(net(tcp(5432, OFFICE), publicly_accessible=True), NAME, 5432, vantage) == answer


def test_a_public_database_resolves_to_private_addresses_inside_its_vpc():
    found = net(tcp(5432, "10.0.1.0/24"), publicly_accessible=True)
    assert asked(found, NAME, 5432, CLIENT) == "open"
    assert asked(found, NAME, 5432) == "blocked"


def test_whether_it_is_public_is_not_known():
    declared = {"engine": "postgres", "db_subnet_group_name": "data", "vpc_security_group_ids": ["sg-db"], "publicly_accessible": LATER}
    found = [*two_subnets(), PLACE, group("db", tcp(5432)), plan("aws_db_instance.main", declared, action=Action.CREATE)]
    assert asked(found, "aws_db_instance.main", 5432) == "unknown by code"
    assert asked(found, "aws_db_instance.main", 22) == "blocked"


def test_unset_in_the_code_it_is_private_whatever_a_refresh_recorded():
    declared = {"engine": "postgres", "db_subnet_group_name": "data", "vpc_security_group_ids": ["sg-db"]}
    said = plan("aws_db_instance.main", declared, {**HERE, "publicly_accessible": True})
    assert "private" in hidden([*two_subnets(), PLACE, group("db", tcp(5432)), said], NAME)


# -- ports and plans -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "port", "service"),
    [
        ("postgres", 5432, "postgresql"),
        ("mysql", 3306, "mysql"),
        ("mariadb", 3306, "mysql"),
        ("oracle-ee", 1521, "oracle-tns"),
        ("sqlserver-se", 1433, "ms-sql-s"),
        ("custom-sqlserver-se", 1433, "ms-sql-s"),
    ],
)
def test_the_engines_own_port_until_one_is_recorded(engine, port, service):
    declared = {"engine": engine, "db_subnet_group_name": ref("aws_db_subnet_group.data.name"), "publicly_accessible": True}
    found = host([*two_subnets(), PLACE, plan("aws_db_instance.main", declared, action=Action.CREATE)], "aws_db_instance.main")
    assert (found.services, found.status.value) == ({("tcp", port): service}, "pending")


def test_a_port_of_its_own():
    assert str(host(net(tcp(6000), port=6000), NAME, CLIENT).tcp.open) == "6000"


def test_a_database_that_the_plan_destroys_is_leaving():
    gone = plan("aws_db_instance.main", {}, {**HERE, "publicly_accessible": False}, action=Action.DELETE)
    assert host([*two_subnets(), PLACE, group("db"), gone], NAME, CLIENT).status.value == "leaving"


def test_a_data_source_does_not_say_its_groups():
    found = state("data.aws_db_instance.main", **{k: v for k, v in HERE.items() if k != "vpc_security_group_ids"})
    assert asked([*two_subnets(), PLACE, found], NAME, 5432, CLIENT) == "unknown by code"


# -- clusters --------------------------------------------------------------------------------------------------------

CLUSTER = {
    "id": "aurora",
    "cluster_identifier": "aurora",
    "engine": "aurora-postgresql",
    "port": 5432,
    "endpoint": WRITER,
    "reader_endpoint": READER,
    "db_subnet_group_name": "data",
    "vpc_security_group_ids": ["sg-db"],
}


def member(number, public=False, **more):
    """An instance of the cluster, which has no groups of its own."""
    name = f"aurora-{number}.abcdefghij.eu-west-1.rds.amazonaws.com"
    values = {"id": f"aurora-{number}", "cluster_identifier": "aurora", "engine": "aurora-postgresql", "endpoint": name, "port": 5432}
    return state(f"aws_rds_cluster_instance.main[{number}]", **{**values, "publicly_accessible": public, **more})


def cluster(*members, rule=None, **more):
    rules = [rule or tcp(5432)]
    return [*two_subnets(), PLACE, group("db", *rules), state("aws_rds_cluster.main", **{**CLUSTER, **more}), *members]


def test_a_cluster_has_a_writer_a_reader_and_its_instances_names():
    found = seen_from(CLIENT, cluster(member(0), member(1)))
    assert {h.name.partition(".abc")[0].partition("-abc")[0] for h in found.hosts} == {
        "aurora.cluster",
        "aurora.cluster-ro",
        "aurora-0",
        "aurora-1",
    }
    assert {str(h.tcp.open) for h in found.hosts} == {"5432"}


def test_instances_are_behind_their_clusters_groups():
    net = cluster(member(0), rule=tcp(5432, "10.0.1.0/24"))
    name = member(0).recorded["endpoint"]
    assert asked(net, name, 5432, CLIENT) == "open"
    assert asked(net, name, 5432, "10.0.2.9") == "blocked"


def test_a_cluster_is_public_where_its_instances_are():
    net = cluster(member(0, public=True), member(1, public=True))
    assert asked(net, WRITER, 5432) == "open"
    assert "private" in hidden(cluster(member(0), member(1)), WRITER)


def test_a_cluster_whose_instances_differ_may_be_public():
    assert asked(cluster(member(0, public=True), member(1)), READER, 5432) == "unknown by code"


def test_a_cluster_with_an_instance_of_which_it_is_not_known_may_be_public():
    later = plan("aws_rds_cluster_instance.new", {"cluster_identifier": ref("aws_rds_cluster.main.id"), "publicly_accessible": LATER})
    assert asked(cluster(later), WRITER, 5432) == "unknown by code"


def test_a_multi_az_cluster_does_not_say_whether_it_is_public():
    assert asked(cluster(db_cluster_instance_class="db.m6gd.large"), WRITER, 5432) == "unknown by code"


@pytest.mark.parametrize(("kind", "port", "service"), [("docdb", 27017, "mongodb"), ("neptune", 8182, "https")])
def test_document_and_graph_clusters_are_never_public(kind, port, service):
    subnets = state(f"aws_{kind}_subnet_group.data", id="graph", name="graph", subnet_ids=["subnet-b"])
    attribute = "neptune_subnet_group_name" if kind == "neptune" else "db_subnet_group_name"
    values = {"id": kind, "cluster_identifier": kind, "endpoint": f"{kind}.example.com", "vpc_security_group_ids": ["sg-db"]}
    found = [*two_subnets(), subnets, group("db", tcp(port)), state(f"aws_{kind}_cluster.main", **values, **{attribute: "graph"})]
    assert host(found, f"{kind}.example.com", CLIENT).services == {("tcp", port): service}
    assert asked(found, f"{kind}.example.com", port, CLIENT) == "open"
    assert "private" in hidden(found, f"{kind}.example.com")


# -- what Terraform really wrote -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["terraform.tfstate", "plan-after-drift.json"])
def test_the_database_of_edge_and_bastion(name):
    found = expect(translate(read_sources([EDGE / name])), Vantage.parse("internet"))
    (why,) = [item.why for item in found.not_in_view if item.owner == "aws_db_instance.main"]
    assert "the name resolves to private addresses" in why
    inside = expect(translate(read_sources([EDGE / name])), Vantage.parse("10.20.10.99"))
    (database,) = [h for h in inside.hosts if h.owner == "aws_db_instance.main"]
    assert (database.managed, database.services) == (True, {("tcp", 5432): "postgresql"})
    assert database.tcp.of(22).value == "blocked"
