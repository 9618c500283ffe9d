"""Explicit expectations: where they speak alone, where they join, and which of two words wins."""

import pytest

from iacdrift.providers.translate import translate
from iacdrift.sources.read import read_sources
from iacdrift.sources.resource import Inventory, Provenance, Resource
from tests.providers.resources import LATER
from tests.surface.networks import (
    ELSEWHERE,
    IN_OFFICE,
    OFFICE,
    WEB,
    a_public_subnet,
    asked,
    hidden,
    host,
    model,
    reasons,
    seen_from,
    tcp,
    web,
)

ALONE = "198.51.100.99"


def said(name="x", **keys):
    return Resource("iacdrift_expectation", f"expectation.{name}", {"name": name, **keys}, provenance=Provenance("expectations.yaml"))


def joined(*rules, **keys):
    """The machine `web` behind these rules, and an expectation of it."""
    return [*a_public_subnet(), *web(*rules), said(**{"host": WEB, **keys})]


# -- alone -----------------------------------------------------------------------------------------------------------


def test_for_an_address_that_no_translator_knows_it_speaks_alone():
    net = [said(host=ALONE, open=["443/tcp"], allowed=["8000-8010/tcp", "53/udp"])]
    found = host(net, ALONE)
    assert (str(found.tcp.open), str(found.tcp.allowed), str(found.udp.allowed)) == ("443", "8000-8010", "53")
    assert asked(net, ALONE, 22) == "blocked"
    assert (found.owner, found.source, found.status.value) == ("expectation.x", "expectations.yaml", "present")


def test_a_name_is_resolved_when_it_is_scanned():
    found = host([said(host="db.example.com", open=["5432/tcp"])], "db.example.com")
    assert (found.address, found.status.value, str(found.tcp.open)) == (None, "by_name", "5432")


def test_its_service_is_known():
    assert host([said(host=ALONE, open=["443/tcp"], services={"443/tcp": "https"})], ALONE).services == {("tcp", 443): "https"}


def test_its_reasons():
    net = [said(host=ALONE, open=["443/tcp"])]
    assert reasons(net, ALONE, 443) == ["expectation.x: tcp/443 is declared open"]
    assert reasons(net, ALONE, 22) == ["expectation.x: it declares neither open nor allowed here"]


def test_a_host_that_is_not_known_yet_is_said_and_left_out():
    network = translate(Inventory((said(host=LATER, open=["443/tcp"]),)))
    assert network.expectations == ()
    assert "its host isn't known yet" in network.notes[0]


# -- from where ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vantage", "expected"), [(IN_OFFICE, "open"), (ELSEWHERE, "blocked"), ("internet", "unknown by vantage")])
def test_admitted_from_holds_for_those_sources(vantage, expected):
    net = [said(host=ALONE, open=["443/tcp"], admitted_from=[OFFICE])]
    assert asked(net, ALONE, 443, vantage) == expected


def test_ranges_that_together_cover_everybody_admit_everybody():
    assert asked([said(host=ALONE, open=["443/tcp"], admitted_from=["0.0.0.0/1", "128.0.0.0/1"])], ALONE, 443) == "open"


def test_ranges_of_the_other_family_admit_nobody_of_this_one():
    assert asked([said(host=ALONE, open=["443/tcp"], admitted_from=["::/0"])], ALONE, 443) == "blocked"


# -- joining what is derived -----------------------------------------------------------------------------------------


def test_what_the_filters_admit_and_it_declares_open_must_answer():
    net = joined(tcp(443), tcp(80), open=["443/tcp"])
    assert (asked(net, WEB, 443), asked(net, WEB, 80), asked(net, WEB, 22)) == ("open", "allowed", "blocked")
    assert host(net, WEB).owner == "aws_instance.web"


def test_an_owner_is_every_address_of_it():
    net = [*a_public_subnet(), *web(tcp(443)), said(owner="aws_instance.web", open=["443/tcp"])]
    assert asked(net, WEB, 443) == "open"


def test_an_owner_that_is_not_in_view_says_nothing_and_is_noted():
    surface = seen_from("internet", [*a_public_subnet(), *web(tcp(443)), said(owner="aws_instance.gone", open=["443/tcp"])])
    assert any("aws_instance.gone" in note for note in surface.notes)
    assert "aws_instance.gone" not in {h.owner for h in surface.hosts}


def test_where_both_speak_the_stricter_wins_blocked_before_open():
    net = joined(tcp(443), open=["443/tcp", "22/tcp"])
    assert asked(net, WEB, 22) == "blocked"
    assert any("blocked wins" in note for note in seen_from("internet", net).notes)


def test_open_is_stricter_than_allowed():
    assert asked(joined(tcp(443), allowed=["443/tcp"], open=["443/tcp"]), WEB, 443) == "open"


def test_it_speaks_where_the_code_can_not_tell():
    net = joined(tcp(22, cidr_blocks=LATER), allowed=["22/tcp"])
    assert asked(net, WEB, 22) == "allowed"
    assert asked(joined(tcp(22, OFFICE), open=["22/tcp"]), WEB, 22) == "open"


def test_for_other_sources_it_keeps_this_vantage_out():
    net = joined(tcp(443), open=["443/tcp"], admitted_from=[OFFICE])
    assert (asked(net, WEB, 443, IN_OFFICE), asked(net, WEB, 443, ELSEWHERE)) == ("open", "blocked")
    assert any("the stricter wins" in note for note in seen_from(ELSEWHERE, net).notes)


def test_whether_it_admits_an_unknown_vantage_is_unknown():
    assert asked(joined(tcp(443), open=["443/tcp"], admitted_from=[OFFICE]), WEB, 443) == "unknown by vantage"


@pytest.mark.parametrize("vantage", ["internet", IN_OFFICE, ELSEWHERE])
def test_what_the_code_blocks_stays_blocked_from_wherever(vantage):
    assert asked(joined(open=["443/tcp"], admitted_from=[OFFICE]), WEB, 443, vantage) == "blocked"


def test_two_words_on_unknown_never_make_blocked():
    by_code = joined(tcp(443, cidr_blocks=LATER), open=["443/tcp"], admitted_from=[OFFICE])
    assert asked(by_code, WEB, 443).startswith("unknown")
    by_vantage = joined(tcp(443, OFFICE), open=["443/tcp"], admitted_from=[OFFICE])
    assert asked(by_vantage, WEB, 443) == "unknown by vantage"


def test_several_expectations_of_one_host_add_up():
    net = [*joined(tcp(443), tcp(80), open=["443/tcp"]), said("y", host=WEB, open=["80/tcp"])]
    assert str(host(net, WEB).tcp.open) == "80,443"


def test_the_reason_is_the_expectation_where_it_decides_and_the_code_elsewhere():
    net = joined(tcp(443), tcp(80), open=["443/tcp"])
    assert reasons(net, WEB, 443) == ["expectation.x: tcp/443 is declared open"]
    assert reasons(net, WEB, 80) == ["aws_security_group.web: tcp/80 from 0.0.0.0/0"]
    kept_out = joined(tcp(443), open=["443/tcp"], admitted_from=[OFFICE])
    assert reasons(kept_out, WEB, 443, ELSEWHERE) == [f"expectation.x: tcp/443 is declared for other sources only, from {OFFICE}"]


def test_a_private_address_that_is_derived_but_not_in_view_is_not_invented_by_it():
    net = joined(tcp(443), host="10.0.1.5", open=["443/tcp"])
    surface = seen_from("internet", net)
    assert "10.0.1.5" not in {str(h.address) for h in surface.hosts} or hidden(net, "10.0.1.5")


def test_from_a_file_to_the_surface(tmp_path):
    path = tmp_path / "expectations.yaml"
    path.write_text(f"schema: iacdrift/expectation/1\nhost: {ALONE}\nopen: [443/tcp]\nadmitted_from: [{OFFICE}]\n")
    net = read_sources([path]).resources
    assert asked(net, ALONE, 443, IN_OFFICE) == "open"
    assert model(net).declared_from == "configuration"
