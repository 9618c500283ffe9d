from __future__ import annotations

from math import comb

import pytest

from iacdrift.scan.loss import MOST_PROBES, Controls, cheapest, controls_for, loss_bound, probes_for


def chance_of_at_most(lost: int, sent: int, loss: float) -> float:
    """Exact, from the definition."""
    return sum(comb(sent, n) * loss**n * (1 - loss) ** (sent - n) for n in range(lost + 1))


@pytest.mark.parametrize(("sent", "lost"), [(1, 0), (29, 0), (300, 0), (50, 3), (200, 70)])
def test_the_bound_is_where_so_few_losses_become_rare(sent: int, lost: int) -> None:
    bound = loss_bound(sent, lost)
    assert chance_of_at_most(lost, sent, bound) == pytest.approx(0.05, rel=1e-6)
    assert bound > lost / sent


def test_without_a_control_and_with_none_answered_anything_may_be_lost() -> None:
    assert loss_bound(0, 0) == loss_bound(7, 7) == 1.0
    assert probes_for(1.0, 0.9999) is None


def test_no_silence_rests_on_a_single_probe() -> None:
    assert probes_for(1e-9, 0.9999) == 2


@pytest.mark.parametrize(("loss", "probes"), [(0.01, 2), (0.0101, 3), (0.1, 4), (0.36, 10), (0.99, None)])
def test_so_many_probes_make_a_miss_rare_enough_and_one_less_doesnt(loss: float, probes: int | None) -> None:
    assert probes_for(loss, 0.9999) == probes
    if probes is not None and probes > 2:
        assert loss**probes <= 1.0001e-4 < loss ** (probes - 1)
    if probes is None:
        assert loss**MOST_PROBES > 1e-4


def test_few_ports_get_more_probes_and_many_ports_more_controls() -> None:
    few, many = cheapest(8, 0.9999, 1000), cheapest(65535, 0.9999, 1000)
    assert few[0] > many[0] == 2
    assert few[1] < many[1]
    for probes, controls in (few, many):
        assert Controls(controls).bound ** probes <= 1e-4


def test_what_was_measured_already_is_taken_into_account() -> None:
    assert controls_for(2, 0.9999, Controls(400, 1)) == 73
    assert controls_for(2, 0.9999, Controls(400, 0)) == 0
    assert controls_for(2, 0.9999, Controls(40, 20)) is None
    assert cheapest(8, 0.9999, 1000, Controls(64, 0), done=4)[1] == 0
