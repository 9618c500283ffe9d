"""Managed prefix lists: own entries, the mirror rule, recorded data sources."""

import pytest

from iacdrift.model.network import PrefixList
from iacdrift.sources.resource import Sensitive
from tests.providers.resources import LATER, code, nets, network, part, plan, state

KIND = "aws_ec2_managed_prefix_list.partners"
ENTRIES = [{"cidr": "192.0.2.0/25", "description": ""}, {"cidr": "192.0.2.128/26", "description": ""}]
MORE = [*ENTRIES, {"cidr": "0.0.0.0/0"}]
ENTRY = state("aws_ec2_managed_prefix_list_entry.one", id="pl-1,192.0.2.0/25", prefix_list_id="pl-1", cidr="192.0.2.0/25")


def test_a_list_with_its_entries():
    found = part(state(KIND, id="pl-1", entry=ENTRIES))
    assert (found.key, found.networks, found.doubt) == ("pl-1", nets("192.0.2.0/25", "192.0.2.128/26"), None)


def test_entries_come_from_what_is_declared_not_from_what_a_refresh_recorded():
    assert part(code(KIND, {"entry": ENTRIES}, {"id": "pl-1", "entry": MORE})).networks == nets("192.0.2.0/25", "192.0.2.128/26")


def test_in_code_entries_that_are_not_set_declare_nothing():
    found = part(code(KIND, {}, {"id": "pl-1", "entry": MORE}))
    assert (found.networks, found.doubt) == ((), None)


def test_in_a_plan_entries_that_are_not_set_but_recorded_may_come_from_dynamic_blocks():
    assert "give --code DIR" in part(plan(KIND, {}, {"id": "pl-1", "entry": MORE})).doubt


def test_in_a_state_entry_resources_alone_declare_the_entries():
    found = part(state(KIND, id="pl-1", entry=MORE), ENTRY)
    assert (found.networks, found.doubt) == ((), None)
    assert network(state(KIND, id="pl-1", entry=MORE), ENTRY).lists["pl-1"].networks == nets("192.0.2.0/25")


@pytest.mark.parametrize("entry", [LATER, [LATER], [{"cidr": LATER}]])
def test_an_entry_that_is_not_known_is_a_doubt(entry):
    assert part(code(KIND, {"entry": entry})).doubt


def test_a_recorded_data_source_holds_real_facts():
    found = part(state("data.aws_ec2_managed_prefix_list.s3", id="pl-63", entries=[{"cidr": "52.216.0.0/15"}]))
    assert (found.key, found.networks, found.doubt) == ("pl-63", nets("52.216.0.0/15"), None)


def test_the_older_data_source_too():
    assert part(state("data.aws_prefix_list.s3", id="pl-63", cidr_blocks=["52.216.0.0/15"])).networks == nets("52.216.0.0/15")


def test_entries_of_both_families():
    found = part(state(KIND, id="pl-1", entry=[{"cidr": "192.0.2.0/25"}, {"cidr": "2001:db8::/32"}]), kind=PrefixList)
    assert found.networks == nets("192.0.2.0/25", "2001:db8::/32")


def test_sensitive_entries_count_and_are_never_printed():
    found = part(code(KIND, {"entry": Sensitive(ENTRIES)}))
    assert found.networks == nets("192.0.2.0/25", "192.0.2.128/26")
    assert "192.0.2" not in str(found.because)
