"""Censored runs are bounds, never left out and never counted as reached."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.ablation.milestones import Ratio, Times, compare_times, find_milestone, find_span
from neurosym.ablation.statistics import Curve

NEVER = math.inf


def about(least: float, most: float, low: float, high: float) -> Ratio:
    return Ratio(*(pytest.approx(each) for each in (least, most, low, high)))


RUNS = st.lists(st.sampled_from([10.0, 20.0, 40.0, 80.0, NEVER]), min_size=1, max_size=7)


def test_a_level_is_reached_between_a_point_and_the_next_if_another_confirms_it() -> None:
    curve = Curve(np.array([10.0, 20.0, 30.0, 40.0]), np.array([0.2, 0.95, 0.8, 0.9]))
    assert find_span(curve, 0.2) == (0, 10)
    assert find_span(curve, 0.8) == (10, 20)
    assert find_span(curve, 0.9) == (30, 40), "the last point rests on the most episodes"
    assert find_span(curve, 0.95) == (40, NEVER)


def test_rounding_does_not_hide_a_level() -> None:
    assert find_span(Curve(np.array([1.0]), np.array([1 - 0.05 - 1e-12])), 0.95) == (0, 1)


def test_the_median_is_the_rank_at_which_half_had_got_there() -> None:
    assert Times((30, 10, 20), 50).median == 20
    assert Times((10, 20, NEVER, NEVER), 50).median == 20
    assert Times((10, NEVER, NEVER), 50).median == NEVER
    assert Times((10, NEVER, NEVER), 50).reached == 1


def test_the_interval_may_end_beyond_the_budget() -> None:
    found = find_milestone(Times((10, 20, 20, 30, NEVER), 50))
    assert (found.value, found.low, found.high) == (20, 10, NEVER)


@given(RUNS)
def test_an_interval_holds_its_median(frames: list[float]) -> None:
    found = find_milestone(Times(tuple(frames), 100), resamples=400)
    assert found.low <= found.value <= found.high


def test_a_ratio_of_what_was_reached_is_plain() -> None:
    ratio = compare_times([(Times((10,) * 5, 50), Times((40,) * 5, 50))])
    assert ratio == about(4, 4, 4, 4)


def test_what_lies_between_two_points_widens_the_interval_alone() -> None:
    x, y = Times((20,) * 5, 100, (10,) * 5), Times((80,) * 5, 100, (40,) * 5)
    assert compare_times([(x, y)]) == about(4, 4, 2, 8)


@pytest.mark.parametrize("true", [3e3, 1e4, 1e5, 1.12e5])
def test_the_points_of_unlike_budgets_settle_nothing(true: float) -> None:
    """Two methods that need the same are looked at after other frames, the one of the larger budget later."""
    spans = []
    for budget in (1e6, 5e6):
        points = budget * 2 ** (np.arange(-15, 1) / 2)
        spans.append(find_span(Curve(points, (points >= true).astype(float)), 0.9))
    x, y = (
        Times((frames,) * 10, budget, (before,) * 10)
        for (before, frames), budget in zip(spans, (1e6, 5e6), strict=True)
    )
    ratio = compare_times([(x, y)])
    assert ratio is not None
    assert not ratio.settled


def test_a_censored_slower_side_gives_a_lower_bound() -> None:
    ratio = compare_times([(Times((10,) * 5, 50), Times((NEVER,) * 5, 200))])
    assert ratio == about(20, NEVER, 20, NEVER)
    assert ratio is not None
    assert ratio.settled


def test_a_censored_faster_side_gives_an_upper_bound() -> None:
    ratio = compare_times([(Times((NEVER,) * 5, 100), Times((20,) * 5, 200))])
    assert ratio == about(0, 0.2, 0, 0.2)
    assert ratio is not None
    assert ratio.turned == about(5, NEVER, 5, NEVER)


def test_two_censored_sides_settle_nothing() -> None:
    ratio = compare_times([(Times((NEVER,) * 5, 100), Times((NEVER,) * 5, 500))])
    assert ratio == Ratio(0, NEVER, 0, NEVER)
    assert ratio is not None
    assert not ratio.settled


def test_tasks_are_joined_by_the_geometric_mean() -> None:
    ten, twenty, eighty = (Times((frames,) * 3, 100) for frames in (10.0, 20.0, 80.0))
    assert compare_times([(ten, twenty), (ten, eighty)]) == about(4, 4, 4, 4)


def test_no_ratio_to_what_needs_no_frames() -> None:
    assert compare_times([(Times((0.0, 0.0), 0), Times((10.0,), 50))]) is None
    assert compare_times([(Times((NEVER,), 0), Times((10.0,), 50))]) is None
    assert compare_times([]) is None


@given(RUNS, RUNS)
def test_the_other_side_sees_the_inverse(x: list[float], y: list[float]) -> None:
    ratio = compare_times([(Times(tuple(x), 100), Times(tuple(y), 100))], resamples=400)
    assert ratio is not None
    assert ratio.low * 0.999 <= ratio.least <= ratio.most <= ratio.high * 1.001
    assert ratio.turned.settled == ratio.settled
