"""The two ways back: queries before commands, ids left open, the group's own style, and nothing that a state can smuggle."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import hcl2
import pytest
from attrs import evolve

from iacdrift.drift.report import Finding, FindingKind
from iacdrift.model.because import Because
from iacdrift.remedy import RemedyContext, Style, way_back
from iacdrift.sources import expectation
from iacdrift.surface.expected import Expectation, ExpectedHost, Reason, StoredReasons
from iacdrift.surface.vantage import Vantage
from tests.drift.scenes import CLOSED, GROUP, OPEN, VANTAGE, host, judged, observed_host, ports

ANYWHERE = ("0.0.0.0/0", "::/0")


def exposed(expected: ExpectedHost | None = None) -> Finding:
    return judged(expected or host(), observed_host("8080", ("8080", OPEN))).findings[0]


def of_kind(kind: FindingKind) -> Finding:
    return evolve(exposed(), kind=kind, expected_service="ssh")


def test_revert_asks_before_it_revokes_and_leaves_the_ids_open() -> None:
    revert = way_back(exposed(), host(), VANTAGE).revert
    order = ["describe-network-interfaces", "describe-security-group-rules", "describe-network-acls", "describe-route-tables"]
    places = [revert.index(word) for word in [*order, "revoke-security-group-ingress"]]
    assert places == sorted(places)
    assert "--security-group-rule-ids '<rule id>'" in revert
    assert "Name=association.public-ip,Values=198.51.100.7" in revert


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("10.0.1.5", "addresses.private-ip-address"),
        ("198.51.100.7", "association.public-ip"),
        ("2001:db8::7", "ipv6-addresses.ipv6-address"),
    ],
)
def test_the_query_names_the_right_kind_of_address(address: str, named: str) -> None:
    assert f"Name={named},Values={address}" in way_back(evolve(exposed(), address=address), host(), VANTAGE).revert


@pytest.mark.parametrize("style", Style)
def test_target_is_only_for_inline_rules_and_replace_never(style: Style) -> None:
    text = way_back(exposed(), host(), VANTAGE, RemedyContext("aws_security_group.web", "sg-1", style)).revert
    assert ("terraform apply -target=aws_security_group.web" in text) == (style is Style.INLINE)
    assert "-replace" not in text
    assert "--group-id sg-1" in text


BLOCKS = {
    Style.INLINE: "ingress {",
    Style.RULE: 'resource "aws_security_group_rule" "web_tcp_8080" {',
    Style.VPC_RULE: 'resource "aws_vpc_security_group_ingress_rule" "web_tcp_8080" {',
}


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize(("address", "source"), [("198.51.100.7", "203.0.113.9/32"), ("2001:db8::7", "2001:db8:1::9/128")])
def test_adopt_is_a_block_in_the_groups_style_for_the_vantage_only(style: Style, address: str, source: str) -> None:
    place = Vantage.parse("203.0.113.9", "2001:db8:1::9")
    text = way_back(evolve(exposed(), address=address), host(), place, RemedyContext("module.a.aws_security_group.web", None, style)).adopt
    assert BLOCKS[style] in text
    assert f'"{source}"' in text
    assert not any(cidr in text for cidr in ANYWHERE)
    assert hcl2.loads(text + "\n")
    if style is not Style.INLINE:
        assert "security_group_id = aws_security_group.web.id" in re.sub(" +", " ", text)


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_has_both_ways_and_never_the_whole_internet(kind: FindingKind) -> None:
    for place in (VANTAGE, Vantage.parse("internet")):
        written = way_back(of_kind(kind), host(), place)
        assert written.revert
        assert written.adopt
        assert not any(cidr in written.revert + written.adopt for cidr in ANYWHERE)
        assert "-replace" not in written.revert


def test_an_unknown_vantage_leaves_the_source_open() -> None:
    assert '"<your CIDR>"' in way_back(exposed(), host(), Vantage.parse("internet")).adopt


@pytest.mark.parametrize(
    ("resource", "style"),
    [
        ("aws_vpc_security_group_ingress_rule.https", Style.VPC_RULE),
        ("module.x.aws_security_group_rule.https", Style.RULE),
        ("aws_security_group.web", Style.INLINE),
        ("google_compute_firewall.web", Style.VPC_RULE),
    ],
)
def test_the_style_is_read_from_the_reasons(resource: str, style: Style) -> None:
    admits = Reason("tcp", ports("443"), Expectation.OPEN, (Because(resource, "tcp/443 from anywhere"),))
    blocks = Reason("tcp", ports("0-442,444-65535"), Expectation.BLOCKED, (GROUP,))
    context = RemedyContext.of(exposed(), host(open="443", explains=StoredReasons((admits, blocks))))
    assert (context.group, context.style) == ("aws_security_group.web", style)


HOSTILE = 'x\'; rm -rf / #"\n$(reboot)`reboot`${file("/etc/passwd")}%{ for x in y }\x1b[2J'


@pytest.mark.parametrize("kind", FindingKind)
@pytest.mark.parametrize("style", Style)
def test_nothing_hostile_leaves_its_quotes(kind: FindingKind, style: Style) -> None:
    bad = evolve(
        of_kind(kind),
        owner=f"aws_instance.{HOSTILE}",
        name=HOSTILE,
        because=(Because(f"aws_security_group.{HOSTILE}", HOSTILE, HOSTILE),),
        observed=evolve(OPEN, service=HOSTILE, product=HOSTILE),
        expected_service=HOSTILE,
    )
    written = way_back(bad, host(), VANTAGE, RemedyContext(f"aws_security_group.{HOSTILE}", HOSTILE, style))
    assert "\x1b" not in written.revert + written.adopt
    for line in _commands(written.revert):
        words = shlex.split(line)
        assert words[0] in ("aws", "terraform", "ss")
        assert not {"rm", "-rf", "$(reboot)", "`reboot`"} & set(words)
    if written.adopt.startswith("# beside") or written.adopt.startswith("# inside"):
        code = "\n".join(line for line in written.adopt.split("\n") if not line.startswith("#"))
        assert "${file" not in code.replace("$${file", "")
        assert "%{ for" not in code.replace("%%{ for", "")
        assert set(hcl2.loads(code + "\n")) == {"ingress" if style is Style.INLINE else "resource"}


def _commands(text: str) -> list[str]:
    """The shell commands of a text: comments left out, continued lines joined, quotes kept over lines."""
    plain = "\n".join(line for line in text.split("\n") if not line.startswith("#")).replace("\\\n", " ")
    found, rest = [], plain.split("\n")
    while rest:
        command = rest.pop(0)
        while _open_quote(command) and rest:
            command += "\n" + rest.pop(0)
        found += [command] if command.strip() else []
    return found


def _open_quote(text: str) -> bool:
    try:
        shlex.split(text)
    except ValueError:
        return True
    return False


def test_a_long_list_of_ranges_is_cut_and_counted() -> None:
    many = evolve(exposed(), ports=ports("1,3,5,7,9,11,13"))
    adopt = way_back(many, host(), VANTAGE).adopt
    assert adopt.count("from_port") == 5
    assert "2 more ranges" in adopt


def test_outside_aws_the_way_is_an_expectation_that_can_be_read() -> None:
    adopt = way_back(exposed(host(owner="iacdrift_expectation.db")), host(), VANTAGE).adopt
    body = "\n".join(line for line in adopt.split("\n") if not line.startswith("#"))
    said = expectation.parse_text(f"expectations:\n{body}\n".encode(), "x.yaml", ".yaml")
    assert said == {"expectations": [{"host": "198.51.100.7", "allowed": ["8080/tcp"], "admitted_from": ["203.0.113.9/32"]}]}


def test_what_is_worth_a_note_only_has_nothing_to_take_back() -> None:
    local = judged(host("127.0.0.1", open="443"), observed_host("1-9,443", ("443", OPEN), ("1-9", CLOSED), address="127.0.0.1"))
    written = way_back(local.findings[0], host(), VANTAGE)
    assert "revoke" not in written.revert
    assert "nothing to adopt" in written.adopt


def test_remedy_applies_nothing() -> None:
    for module in (Path(__file__).parents[2] / "iacdrift" / "remedy").glob("*.py"):
        assert not re.search(r"\b(subprocess|socket|os|pathlib|open)\b\s*[.(]|import (subprocess|socket|os)\b", module.read_text())
