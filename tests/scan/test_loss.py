from __future__ import annotations

from math import comb

import pytest

from iacdrift.scan.loss import MOST_PROBES, Controls, cheapest, controls_for, loss_bound, missed, probes_for, rarer, same


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
    assert missed(Controls(), 20) == 1.0
    assert probes_for(Controls(), 0.9999) is None
    assert probes_for(Controls(7, 7), 0.9999) is None


def test_no_silence_rests_on_a_single_probe() -> None:
    assert probes_for(Controls(1_000_000), 0.9999) == 2


def test_the_chance_of_a_miss_is_the_mean_over_every_loss_that_the_controls_leave_possible() -> None:
    """By sums over a fine grid, weighted with the likelihood of what the controls showed and Jeffreys' prior."""
    sent, lost, probes = 40, 3, 4
    grid = [(step + 0.5) / 20_000 for step in range(20_000)]
    weight = [loss ** (lost - 0.5) * (1 - loss) ** (sent - lost - 0.5) for loss in grid]
    mean = sum(w * loss**probes for w, loss in zip(weight, grid, strict=True)) / sum(weight)
    assert missed(Controls(sent, lost), probes) == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("sent", [8, 15, 26, 60, 86, 140, 300])
def test_what_is_claimed_holds_at_any_true_loss(sent: int) -> None:
    """The chance that a silence is believed and the port open all the same, whatever the loss is."""
    wanted = [probes_for(Controls(sent, lost), 0.9999) for lost in range(sent + 1)]
    for percent in range(1, 1000):
        loss = percent / 1000
        chance = sum(
            comb(sent, lost) * loss**lost * (1 - loss) ** (sent - lost) * loss**probes
            for lost, probes in enumerate(wanted)
            if probes is not None
        )
        assert chance <= 1e-4


@pytest.mark.parametrize(("controls", "probes"), [((86, 0), 2), ((85, 0), 3), ((26, 0), 3), ((300, 2), 2), ((300, 30), 5), ((9, 8), None)])
def test_so_many_probes_make_a_miss_rare_enough_and_one_less_doesnt(controls: tuple[int, int], probes: int | None) -> None:
    seen = Controls(*controls)
    assert probes_for(seen, 0.9999) == probes
    assert (missed(seen, probes or MOST_PROBES) <= 1e-4) is (probes is not None)
    if probes is not None and probes > 2:
        assert missed(seen, probes - 1) > 1e-4


def test_a_burst_counts_for_more_than_the_mean() -> None:
    assert probes_for(Controls(2000, 10), 0.9999) == 2
    assert probes_for(Controls(2000, 10), 0.9999, worst=0.2) == 6


def test_few_ports_get_more_probes_and_many_ports_more_controls() -> None:
    few, many = cheapest(8, 0.9999, 1000), cheapest(65535, 0.9999, 1000)
    assert few[0] > many[0] == 2
    assert few[1] < many[1]
    for probes, controls in (few, many):
        assert missed(Controls(controls), probes) <= 1e-4


def test_what_was_measured_already_is_taken_into_account() -> None:
    more = controls_for(2, 0.9999, Controls(100, 1))
    assert more is not None
    assert missed(Controls(100 + more, 1), 2) <= 1e-4 < missed(Controls(99 + more, 1), 2)
    assert controls_for(2, 0.9999, Controls(400, 0)) == 0
    assert controls_for(2, 0.9999, Controls(40, 20)) is None
    assert cheapest(8, 0.9999, 1000, Controls(64, 0), done=4)[1] == 0


def test_a_difference_between_two_paces_is_told_from_luck() -> None:
    """Against every way to draw the slow ones out of all, counted for the smallest case by hand: 1 of C(4, 2)."""
    assert same(Controls(2, 0), Controls(2, 2)) == pytest.approx(1 / 6)
    assert same(Controls(86, 2), Controls(20, 3)) > 0.01 > same(Controls(86, 2), Controls(20, 8))
    assert same(Controls(50, 50), Controls(50, 50)) == 1.0


def test_so_many_losses_are_rare_under_a_small_loss_only() -> None:
    assert rarer(3, 20, 0.1) > 0.1 > 0.01 > rarer(8, 20, 0.1)
    assert rarer(0, 20, 0.5) == 1.0
