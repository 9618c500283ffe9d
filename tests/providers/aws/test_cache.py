"""Caches by name: never public, each endpoint on its own port."""

import pytest

from iacdrift.sources.resource import Action
from tests.providers.resources import code, plan, ref, state
from tests.surface.networks import asked, group, hidden, host, seen_from, tcp, two_subnets

NAME = "sessions.abcdef.ng.0001.euw1.cache.amazonaws.com"
READER = "sessions-ro.abcdef.ng.0001.euw1.cache.amazonaws.com"
CLIENT = "10.0.1.9"
PLACE = state("aws_elasticache_subnet_group.data", id="data", name="data", subnet_ids=["subnet-b"])


RULES = (tcp(6379), tcp(11211), tcp(22))


def net(*caches, rules=RULES):
    return [*two_subnets(), PLACE, group("cache", *rules), *caches]


def replicated(**more):
    """A replication group as a state holds it."""
    values = {"id": "sessions", "engine": "redis", "port": 6379, "primary_endpoint_address": NAME, "reader_endpoint_address": READER}
    place = {"subnet_group_name": "data", "security_group_ids": ["sg-cache"]}
    return state("aws_elasticache_replication_group.sessions", **{**values, **place, **more})


def test_a_replication_group_has_a_primary_and_a_reader():
    found = seen_from(CLIENT, net(replicated()))
    assert {h.name: str(h.tcp.open) for h in found.hosts} == {NAME: "6379", READER: "6379"}
    assert {h.managed for h in found.hosts} == {True}


def test_every_other_port_is_blocked():
    assert asked(net(replicated()), NAME, 22, CLIENT) == "blocked"


def test_its_groups_filter():
    rules = (tcp(6379, "10.0.1.0/24"),)
    assert asked(net(replicated(), rules=rules), NAME, 6379, CLIENT) == "open"
    assert asked(net(replicated(), rules=rules), NAME, 6379, "10.0.2.9") == "blocked"


def test_a_cache_is_never_in_view_from_the_internet():
    assert "private" in hidden(net(replicated()), NAME)


def test_a_cluster_mode_group_has_a_configuration_endpoint():
    name = "clustercfg.sessions.abcdef.euw1.cache.amazonaws.com"
    cache = replicated(primary_endpoint_address="", reader_endpoint_address="", configuration_endpoint_address=name)
    assert [h.name for h in seen_from(CLIENT, net(cache)).hosts] == [name]


def test_a_memcached_cluster_and_its_nodes():
    nodes = [{"id": "0001", "address": "m.0001.cache.amazonaws.com", "port": 11211, "availability_zone": "eu-west-1a"}]
    values = {"id": "m", "engine": "memcached", "port": 11211, "cluster_address": "m.cfg.cache.amazonaws.com", "cache_nodes": nodes}
    cache = state("aws_elasticache_cluster.m", subnet_group_name="data", security_group_ids=["sg-cache"], **values)
    found = seen_from(CLIENT, net(cache))
    assert {h.name for h in found.hosts} == {"m.cfg.cache.amazonaws.com", "m.0001.cache.amazonaws.com"}
    assert {str(h.tcp.open) for h in found.hosts} == {"11211"}
    assert found.hosts[0].services == {("tcp", 11211): "memcached"}


@pytest.mark.parametrize("by", ["sessions", ref("aws_elasticache_replication_group.sessions.id")])
def test_a_member_of_a_replication_group_has_the_groups_filters(by):
    nodes = [{"id": "0001", "address": "sessions-002.cache.amazonaws.com", "port": 6379}]
    replica = code(
        "aws_elasticache_cluster.replica", {"cluster_id": "sessions-002", "replication_group_id": by}, {"id": "x", "cache_nodes": nodes}
    )
    assert asked(net(replicated(), replica), "sessions-002.cache.amazonaws.com", 6379, CLIENT) == "open"


def serverless(**more):
    """A serverless cache as a state holds it: readers have a port of their own."""
    values = {"id": "s", "engine": "valkey", "security_group_ids": ["sg-cache"], "subnet_ids": ["subnet-b"]}
    ends = {"endpoint": [{"address": "s.serverless", "port": 6379}], "reader_endpoint": [{"address": "s-ro.serverless", "port": 6380}]}
    return state("aws_elasticache_serverless_cache.s", **{**values, **ends, **more})


def test_a_serverless_caches_reader_listens_on_a_port_of_its_own():
    rules = (tcp(6379), tcp(6380))
    found = seen_from(CLIENT, net(serverless(), rules=rules))
    assert {h.name: str(h.tcp.open) for h in found.hosts} == {"s.serverless": "6379", "s-ro.serverless": "6380"}


def test_a_serverless_cache_with_one_name_for_both():
    same = [{"address": "s.serverless", "port": 6380}]
    found = host(net(serverless(reader_endpoint=same), rules=(tcp(6379), tcp(6380))), "s.serverless", CLIENT)
    assert str(found.tcp.open) == "6379-6380"


def test_a_memorydb_cluster():
    place = state("aws_memorydb_subnet_group.data", id="mem", name="mem", subnet_ids=["subnet-b"])
    ends = [{"address": "clustercfg.mem.memorydb.eu-west-1.amazonaws.com", "port": 6379}]
    values = {"id": "mem", "port": 6379, "subnet_group_name": "mem", "security_group_ids": ["sg-cache"], "cluster_endpoint": ends}
    assert asked(net(place, state("aws_memorydb_cluster.m", **values)), ends[0]["address"], 6379, CLIENT) == "open"


def test_before_it_has_a_name_it_is_pending():
    made = plan("aws_elasticache_replication_group.new", {"engine": "redis", "subnet_group_name": "data"}, action=Action.CREATE)
    found = host(net(made), "aws_elasticache_replication_group.new", CLIENT)
    assert (found.status.value, found.services) == ("pending", {("tcp", 6379): "redis"})


def test_groups_come_from_the_code_not_from_what_a_refresh_recorded():
    recorded = dict(replicated(security_group_ids=["sg-open"]).recorded)
    declared = {"engine": "redis", "subnet_group_name": "data", "security_group_ids": ["sg-cache"]}
    said = code("aws_elasticache_replication_group.sessions", declared, recorded)
    assert asked([*net(said, rules=()), group("open", tcp(6379))], NAME, 6379, CLIENT) == "blocked"
