"""Message brokers by name: every recorded address, each host once with all of its ports."""

import pytest

from iacdrift.sources.resource import Action
from tests.providers.resources import LATER, plan, state
from tests.surface.networks import ELSEWHERE, IN_OFFICE, OFFICE, allow, asked, group, hidden, host, reasons, seen_from, tcp, two_subnets

CLIENT = "10.0.1.9"
HOST = "b-1234-1.mq.eu-west-1.amazonaws.com"
ENDS = [f"ssl://{HOST}:61617", f"amqp+ssl://{HOST}:5671", f"stomp+ssl://{HOST}:61614", f"mqtt+ssl://{HOST}:8883", f"wss://{HOST}:61619"]
ACTIVE = {
    "id": "b-1234",
    "engine_type": "ActiveMQ",
    "publicly_accessible": False,
    "security_groups": ["sg-mq"],
    "subnet_ids": ["subnet-b"],
    "instances": [{"console_url": f"https://{HOST}:8162", "ip_address": "10.0.2.8", "endpoints": ENDS}],
}
EVERY = allow("tcp", 0, 65535)


def net(*brokers, rule=EVERY):
    return [*two_subnets(), group("mq", rule), *brokers]


def active(**more):
    return state("aws_mq_broker.main", **{**ACTIVE, **more})


# -- Amazon MQ -------------------------------------------------------------------------------------------------------


def test_a_private_broker_answers_inside_on_the_ports_of_its_protocols():
    found = host(net(active()), HOST, CLIENT)
    assert str(found.tcp.open) == "5671,8162,8883,61614,61617,61619"
    assert (found.managed, found.tcp.of(22).value) == (True, "blocked")
    assert "private" in hidden(net(active()), HOST)


def test_its_groups_filter():
    assert asked(net(active(), rule=tcp(61617, "10.0.1.0/24")), HOST, 61617, CLIENT) == "open"
    assert asked(net(active(), rule=tcp(61617, "10.0.1.0/24")), HOST, 5671, CLIENT) == "blocked"


def test_a_pair_of_brokers_has_two_names():
    other = {"endpoints": ["ssl://b-1234-2.mq.eu-west-1.amazonaws.com:61617"]}
    assert len(seen_from(CLIENT, net(active(instances=[*ACTIVE["instances"], other]))).hosts) == 2


@pytest.mark.parametrize(("vantage", "answer"), [(IN_OFFICE, "open"), (ELSEWHERE, "blocked")])
def test_a_public_broker_in_a_vpc_is_behind_its_groups(vantage, answer):
    assert asked(net(active(publicly_accessible=True), rule=tcp(61617, OFFICE)), HOST, 61617, vantage) == answer


def test_a_public_rabbit_stands_outside_the_users_networks():
    rabbit = {"engine_type": "RabbitMQ", "publicly_accessible": True, "security_groups": [], "subnet_ids": []}
    found = net(active(**rabbit, instances=[{"endpoints": [f"amqps://{HOST}:5671"]}]))
    assert str(host(found, HOST).tcp.open) == "443,5671"
    assert asked(found, HOST, 61617) == "blocked"


def test_whether_it_is_public_is_not_known():
    values = {name: ACTIVE[name] for name in ("engine_type", "security_groups", "subnet_ids")}
    made = plan("aws_mq_broker.main", {**values, "publicly_accessible": LATER}, action=Action.CREATE)
    found = host(net(made), "aws_mq_broker.main")
    assert (found.status.value, 61617 in found.tcp.unknown_by_code) == ("pending", True)


# -- Kafka -----------------------------------------------------------------------------------------------------------

NODE = {"client_subnets": ["subnet-b"], "security_groups": ["sg-mq"], "instance_type": "kafka.m5.large"}
ONE, TWO = "b-1.kafka.abc.c2.kafka.eu-west-1.amazonaws.com", "b-2.kafka.abc.c2.kafka.eu-west-1.amazonaws.com"
PUBLIC = "b-1-public.kafka.abc.c2.kafka.eu-west-1.amazonaws.com"


def kafka(**more):
    """A cluster as a state holds it: bootstrap strings for each way to authenticate."""
    values = {"id": "arn:kafka", "broker_node_group_info": [NODE], "bootstrap_brokers_tls": f"{ONE}:9094,{TWO}:9094"}
    return state("aws_msk_cluster.main", **{**values, "bootstrap_brokers_sasl_iam": f"{ONE}:9098,{TWO}:9098", **more})


def test_a_kafka_broker_is_one_host_with_the_ports_of_every_bootstrap_string():
    found = seen_from(CLIENT, net(kafka()))
    assert {h.name: str(h.tcp.open) for h in found.hosts} == {ONE: "9094,9098", TWO: "9094,9098"}
    assert len(found.hosts) == 2


def test_kafkas_groups_filter_and_every_other_port_is_blocked():
    assert asked(net(kafka(), rule=tcp(9094, "10.0.1.0/24")), ONE, 9094, "10.0.2.9") == "blocked"
    assert asked(net(kafka()), ONE, 2181, CLIENT) == "blocked"


def test_kafka_is_private_unless_it_has_public_names():
    found = net(kafka(bootstrap_brokers_public_sasl_iam=f"{PUBLIC}:9198"), rule=tcp(9198, OFFICE))
    assert "private" in hidden(found, ONE)
    assert asked(found, PUBLIC, 9198, IN_OFFICE) == "open"
    assert asked(found, PUBLIC, 9198, ELSEWHERE) == "blocked"


def test_a_kafka_cluster_without_addresses_yet_is_pending_not_forgotten():
    made = plan("aws_msk_cluster.main", {"broker_node_group_info": [NODE]}, action=Action.CREATE)
    assert host(net(made), "aws_msk_cluster.main", CLIENT).status.value == "pending"


@pytest.mark.parametrize(("node", "why"), [({}, "give --code DIR"), ({"broker_node_group_info": LATER}, "known after apply")])
def test_kafkas_groups_that_the_plan_does_not_show_are_a_doubt(node, why):
    made = plan("aws_msk_cluster.main", node, dict(kafka().recorded))
    assert asked(net(made), ONE, 9094, CLIENT) == "unknown by code"
    assert why in reasons(net(made), ONE, 9094, CLIENT)[0]
