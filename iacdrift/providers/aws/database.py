"""aws_db_instance, aws_rds_cluster, aws_rds_cluster_instance (Aurora), aws_docdb_cluster, aws_neptune_cluster: databases by name."""

from __future__ import annotations

from collections.abc import Iterator

from iacdrift.providers.attributes import declared, empty, fixed, from_state, recorded, text, whole
from iacdrift.providers.aws.managed import listener, named, subnets_of_group, truth
from iacdrift.providers.aws.placement import groups_of
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Resource

_ENGINES = {
    "postgres": ("postgresql", 5432),
    "aurora-postgresql": ("postgresql", 5432),
    "mysql": ("mysql", 3306),
    "mariadb": ("mysql", 3306),
    "aurora": ("mysql", 3306),
    "aurora-mysql": ("mysql", 3306),
    "oracle": ("oracle-tns", 1521),
    "sqlserver": ("ms-sql-s", 1433),
    "docdb": ("mongodb", 27017),
    "neptune": ("https", 8182),
    "db2": (None, 50000),
}
_SUBNET_GROUPS = ("aws_db_subnet_group", "aws_docdb_subnet_group", "aws_neptune_subnet_group")
_CLUSTERS = ("aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")


def translate(resource: Resource, links: Links) -> Iterator[object]:
    """One endpoint a name: an instance's address, a cluster's writer and reader."""
    placed = _cluster_of(resource, links) or resource
    groups = groups_of(placed, links, "vpc_security_group_ids")
    subnets = subnets_of_group(placed, _group_attribute(placed), links, *_SUBNET_GROUPS)
    service, port = _engine(resource, placed)
    names = ("address",) if resource.type == "aws_db_instance" else ("endpoint", "reader_endpoint")
    found: dict[str | None, None] = dict.fromkeys(filter(None, (text(recorded(resource, name)) for name in names)))
    for name in found or {None: None}:
        yield named(resource, name, [listener(resource, port, service)], groups=groups, subnets=subnets, public=_public(resource, links))


def _cluster_of(resource: Resource, links: Links) -> Resource | None:
    key = links.resolve(fixed(resource, "cluster_identifier"), resource)
    if resource.type in _CLUSTERS or not isinstance(key, str):
        return None
    return next((c for c in links.of_type(*_CLUSTERS) if key_of(c) == key or text(fixed(c, "cluster_identifier")) == key), None)


def _group_attribute(resource: Resource) -> str:
    return "neptune_subnet_group_name" if "neptune" in resource.type else "db_subnet_group_name"


def _engine(resource: Resource, placed: Resource) -> tuple[str | None, int]:
    by_type = next((kind for kind in ("docdb", "neptune") if kind in resource.type), "")
    engine = (text(fixed(resource, "engine")) or text(fixed(placed, "engine")) or by_type).removeprefix("custom-")
    service, usual = next((known for name, known in _ENGINES.items() if engine == name), (None, 0))
    if not usual:
        service, usual = next((known for name, known in _ENGINES.items() if engine.startswith(name)), (None, 5432))
    port = whole(fixed(resource, "port")) or whole(fixed(placed, "port"))
    return service, port or usual


def _public(resource: Resource, links: Links) -> bool | None:
    """Whether its name resolves to public addresses: a cluster's does where its instances are public."""
    if resource.type not in _CLUSTERS:
        return _says(resource)
    own = (key_of(resource), text(fixed(resource, "cluster_identifier")))
    members = [i for i in links.of_type("aws_rds_cluster_instance") if links.resolve(fixed(i, "cluster_identifier"), i) in own]
    if resource.type != "aws_rds_cluster":
        return False
    if not empty(fixed(resource, "db_cluster_instance_class")):
        return None  # a Multi-AZ cluster is public where its subnets' VPC has a gateway, unless it is told otherwise
    answers = {_says(member) for member in members}
    return answers.pop() if len(answers) == 1 else (None if answers else False)


def _says(resource: Resource) -> bool | None:
    """`publicly_accessible`, which is off where the code doesn't set it; what a refresh recorded then is no word of the code."""
    value = declared(resource, "publicly_accessible")
    return truth(fixed(resource, "publicly_accessible") if not empty(value) or from_state(resource) else value, False)
