"""How resources name each other, and how values are read."""

import pytest

from iacdrift.providers.attributes import empty, flag, items, plain, rows, whole
from iacdrift.providers.links import Links, key_of
from iacdrift.sources.resource import Sensitive, Unknown
from tests.providers.resources import LATER, code, ref, state

WEB = state("aws_security_group.web", id="sg-1", name="web", vpc_id="vpc-1")


def resolve(value, *others, origin=None):
    origin = origin or code("aws_instance.x", {}, {"id": "i-1"})
    return Links.of((origin, *others)).resolve(value, origin)


@pytest.mark.parametrize("value", [None, "", [], Sensitive(None)])
def test_nothing_names_nothing(value):
    assert resolve(value) is None


def test_an_id_is_a_key():
    assert resolve("sg-1") == "sg-1"
    assert resolve(Sensitive("sg-1")) == "sg-1"


def test_an_account_in_front_of_an_id_is_left_out():
    assert resolve("123456789012/sg-1") == "sg-1"
    assert resolve("12345/sg-1") == "12345/sg-1"


def test_ids_are_text_references_to_them_sometimes_integers():
    assert resolve(42) == "42"


def test_a_reference_is_the_key_of_its_resource():
    assert resolve(ref("aws_security_group.web.id"), WEB) == "sg-1"


def test_a_reference_to_another_attribute_is_its_value():
    assert resolve(ref("aws_security_group.web.vpc_id"), WEB) == "vpc-1"


def test_a_reference_to_nothing_that_a_source_holds_is_unknown():
    found = resolve(ref("aws_security_group.gone.id"))
    assert isinstance(found, Unknown)
    assert "aws_security_group.gone is in no source" in found.why


def test_an_attribute_that_is_not_known_yet_is_unknown():
    assert isinstance(resolve(ref("aws_security_group.web.owner_id"), WEB), Unknown)
    assert isinstance(resolve(LATER), Unknown)


def test_a_reference_means_its_own_stack_first():
    mine, other = (code("aws_security_group.web", {}, {"id": f"sg-{s}"}, stack=s) for s in ("mine", "other"))
    origin = code("aws_instance.x", {}, {}, stack="mine")
    for order in ((mine, other), (other, mine)):
        assert resolve(ref("aws_security_group.web.id"), *order, origin=origin) == "sg-mine"


def test_without_an_id_a_resource_is_called_by_place_and_address():
    assert key_of(code("aws_vpc.main", {}, stack="network")) == "aws_vpc.main@network"
    assert key_of(code("aws_vpc.main", {}, {"id": "vpc-1"})) == "vpc-1"


def test_several_values_and_why_there_may_be_more():
    origin = code("aws_instance.x")
    keys, doubt = Links.of((origin, WEB)).resolve_all(["sg-9", ref("aws_security_group.web.id"), LATER], origin)
    assert keys == {"sg-9", "sg-1"}
    assert doubt == "known after apply"


@pytest.mark.parametrize("value", [None, "", [], {}, (), Sensitive([]), Sensitive("")])
def test_null_empty_text_and_empty_list_are_interchangeable(value):
    assert empty(value)


@pytest.mark.parametrize("value", [0, False, "0", LATER, [None]])
def test_zero_false_and_unknown_say_something(value):
    assert not empty(value)


@pytest.mark.parametrize(
    ("value", "number"), [(22, 22), ("22", 22), (22.0, 22), (" 22 ", 22), ("x", None), (None, None), (True, None), (LATER, None)]
)
def test_whole_numbers(value, number):
    assert whole(value) == number


@pytest.mark.parametrize(("value", "truth"), [(True, True), ("true", True), ("FALSE", False), (None, None), (LATER, None), (1, None)])
def test_truths(value, truth):
    assert flag(value) is truth


def test_each_part_of_a_secret_list_or_block_is_a_secret_still():
    assert plain(Sensitive(["a", Sensitive("b")])) == [Sensitive("a"), Sensitive("b")]
    assert rows(Sensitive([{"cidr": "10.0.0.0/8"}])) == [{"cidr": Sensitive("10.0.0.0/8")}]
    assert items(Sensitive(["a"])) == ["a"]


def test_what_is_no_block_is_unknown_and_never_left_out():
    assert isinstance(rows(["text"])[0], Unknown)
    assert isinstance(rows(ref("aws_x.y.z"))[0], Unknown)
