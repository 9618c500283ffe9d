"""The three values and how filters combine, port by port against the laws of aws-reachability."""

from hypothesis import given
from hypothesis import strategies as st

from iacdrift.model.admission import Admission, Answer
from iacdrift.model.ports import ALL_PORTS, PortSet

PROBED = (0, 22, 80, 443, 65535)
UNKNOWN = (Answer.UNKNOWN_BY_CODE, Answer.UNKNOWN_BY_VANTAGE)


@st.composite
def admissions(draw):
    """Any filter: each probed port gets one of the four answers, every other port another one."""
    total = Admission.where(ALL_PORTS - PortSet.of(PROBED), draw(st.sampled_from(Answer)))
    for port in PROBED:
        total = total.or_(Admission.where(PortSet.single(port), draw(st.sampled_from(Answer))))
    return total


def partitioned(admission):
    """No port has two answers."""
    sets = (admission.admitted, admission.by_vantage, admission.by_code)
    return sum(len(ports) for ports in sets) == len(admission.possible)


@given(admissions(), admissions())
def test_filters_on_a_way_are_a_conjunction(one, other):
    both = one.and_(other)
    assert partitioned(both)
    for port in PROBED:
        answers = {one.of(port), other.of(port)}
        if Answer.BLOCKED in answers:
            assert both.of(port) is Answer.BLOCKED  # whatever else is unknown
        elif answers == {Answer.ADMITTED}:
            assert both.of(port) is Answer.ADMITTED
        else:
            assert both.of(port) in UNKNOWN


@given(admissions(), admissions())
def test_rules_of_a_group_are_a_disjunction(one, other):
    either = one.or_(other)
    assert partitioned(either)
    for port in PROBED:
        answers = {one.of(port), other.of(port)}
        if Answer.ADMITTED in answers:
            assert either.of(port) is Answer.ADMITTED
        elif answers == {Answer.BLOCKED}:
            assert either.of(port) is Answer.BLOCKED
        else:
            assert either.of(port) in UNKNOWN


@given(admissions(), admissions())
def test_where_two_equal_ways_differ_it_is_unknown_by_code(one, other):
    found = one.agree(other)
    assert partitioned(found)
    for port in PROBED:
        same = one.of(port) is other.of(port)
        assert found.of(port) is (one.of(port) if same else Answer.UNKNOWN_BY_CODE)


@given(admissions(), admissions(), admissions())
def test_order_and_grouping_make_no_difference(a, b, c):
    for name in ("and_", "or_"):
        join = getattr(Admission, name)
        assert join(a, b) == join(b, a)
        assert join(join(a, b), c) == join(a, join(b, c))
        assert join(a, a) == a
    assert a.agree(b) == b.agree(a)
    assert a.agree(a) == a


@given(admissions())
def test_neutral_and_absorbing_filters(one):
    admits, blocks = Admission.all(Answer.ADMITTED), Admission.all(Answer.BLOCKED)
    assert one.and_(admits) == one
    assert one.and_(blocks) == blocks
    assert one.or_(blocks) == one
    assert one.or_(admits) == admits


@given(admissions(), st.sampled_from(UNKNOWN))
def test_unknown_never_becomes_admitted_or_blocked_by_another_unknown(one, unknown):
    doubtful = Admission.all(unknown)
    for port in PROBED:
        if one.of(port) in UNKNOWN:
            assert one.and_(doubtful).of(port) in UNKNOWN
            assert one.or_(doubtful).of(port) in UNKNOWN
        assert one.agree(doubtful).of(port) in UNKNOWN


@given(admissions(), admissions())
def test_unknown_by_code_is_said_before_unknown_by_vantage(one, other):
    for found in (one.and_(other), one.or_(other)):
        for port in PROBED:
            answers = {one.of(port), other.of(port)}
            if found.of(port) in UNKNOWN:
                by_code = Answer.UNKNOWN_BY_CODE in answers
                assert found.of(port) is (Answer.UNKNOWN_BY_CODE if by_code else Answer.UNKNOWN_BY_VANTAGE)


@given(admissions())
def test_what_is_not_possible_is_blocked(one):
    assert all((one.of(port) is Answer.BLOCKED) == (port not in one.possible) for port in PROBED)


def test_the_words():
    assert [answer.word for answer in Answer] == ["admitted", "blocked", "unknown", "unknown"]
