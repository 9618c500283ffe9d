"""Whether the service that answered is the one that was declared; only a certain difference is one."""

from __future__ import annotations

from iacdrift.surface.observed import Answer

_TELLS_NOTHING = frozenset({"unknown", "tcpwrapped", ""})
_TLS = frozenset({"tls", "ssl"})

# Nmap's names (nmap-service-probes, nmap-services) and the words of IaC for one protocol each.
_ALIASES: dict[str, tuple[str, ...]] = {
    "http": ("http", "http-alt", "http-proxy", "https", "https-alt", "http2", "grpc", "websocket", "opensearch", "elasticsearch"),
    "ssh": ("ssh", "sftp"),
    "postgresql": ("postgresql", "postgres", "aurora-postgresql", "redshift"),
    "mysql": ("mysql", "mariadb", "aurora-mysql", "aurora"),
    "mssql": ("mssql", "ms-sql-s", "sqlserver"),
    "oracle": ("oracle", "oracle-tns", "oracle-db"),
    "mongodb": ("mongodb", "mongod", "mongo", "docdb"),
    "redis": ("redis", "valkey", "rediss"),
    "memcached": ("memcached", "memcache"),
    "amqp": ("amqp", "amqps", "rabbitmq"),
    "mqtt": ("mqtt", "mqtts"),
    "dns": ("dns", "domain"),
    "rdp": ("rdp", "ms-wbt-server"),
    "vnc": ("vnc",),
    "ftp": ("ftp", "ftps"),
    "smtp": ("smtp", "smtps", "submission"),
    "imap": ("imap", "imaps"),
    "pop3": ("pop3", "pop3s"),
    "ldap": ("ldap", "ldaps"),
    "telnet": ("telnet",),
    "ntp": ("ntp",),
    "snmp": ("snmp",),
    "smb": ("smb", "microsoft-ds", "netbios-ssn"),
    "cassandra": ("cassandra", "cassandra-native"),
}
_FAMILY = {name: family for family, names in _ALIASES.items() for name in names}
_SPEAKS_TLS = frozenset({"https", "https-alt"})
_SPEAKS_PLAIN = frozenset({"http", "http-alt"})


def differs(declared: str, answer: Answer) -> bool:
    """Whether what answered is certainly not the declared protocol. Silence, a guess or an unknown word never differ."""
    heard, spoken = (answer.service or "").lower().removesuffix("?"), declared.lower()
    tls = answer.tunnel == "ssl"
    if heard.startswith("ssl/"):
        heard, tls = heard.removeprefix("ssl/"), True
    if not answer.confirmed or heard in _TELLS_NOTHING:
        return False
    if spoken in _TLS:
        return not (tls or heard in _TLS or heard in _SPEAKS_TLS)
    if heard in _TLS:
        return spoken in _SPEAKS_PLAIN
    return _another_family(spoken, heard) or _another_layer(spoken, heard, tls)


def heard_as(answer: Answer) -> str:
    """What was heard, as `https`, `ssl/smtp` or `ssh`."""
    service = answer.service or "an unknown service"
    if answer.tunnel != "ssl" or service.startswith(("ssl", "https")):
        return service
    return "https" if service == "http" else f"ssl/{service}"


def _another_family(spoken: str, heard: str) -> bool:
    return spoken in _FAMILY and heard in _FAMILY and _FAMILY[spoken] != _FAMILY[heard]


def _another_layer(spoken: str, heard: str, tls: bool) -> bool:
    """HTTP in the clear where HTTPS was declared, or the other way round."""
    if _FAMILY.get(heard) != "http":
        return False
    encrypted = tls or heard in _SPEAKS_TLS
    return (spoken in _SPEAKS_TLS and not encrypted) or (spoken in _SPEAKS_PLAIN and encrypted)
