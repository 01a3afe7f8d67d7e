"""Censored runs are bounds, never left out and never counted as reached."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.ablation.milestones import Ratio, Times, compare_times, find_milestone, first_frames
from neurosym.ablation.statistics import Curve

NEVER = math.inf


def about(least: float, most: float, low: float, high: float) -> Ratio:
    return Ratio(*(pytest.approx(each) for each in (least, most, low, high)))


RUNS = st.lists(st.sampled_from([10.0, 20.0, 40.0, 80.0, NEVER]), min_size=1, max_size=7)


def test_a_level_is_reached_at_the_first_point_there() -> None:
    curve = Curve(np.array([10.0, 20.0, 30.0]), np.array([0.2, 0.95, 0.8]))
    assert first_frames(curve, 0.2) == 10
    assert first_frames(curve, 0.95) == 20
    assert first_frames(curve, 0.96) == NEVER


def test_rounding_does_not_hide_a_level() -> None:
    assert first_frames(Curve(np.array([1.0]), np.array([1 - 0.05 - 1e-12])), 0.95) == 1


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
