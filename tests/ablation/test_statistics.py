"""The statistics agree with the reference implementation, and keep to their own laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurosym.ablation.statistics import (
    Band,
    Curve,
    Estimate,
    difference,
    draw_indices,
    estimate,
    estimate_band,
    estimate_curve,
    interquartile_mean,
    mean_score,
    median_score,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
    take,
)
from tests.ablation.rliable_here import import_rliable

CLOSE = {"rtol": 0, "atol": 1e-6}
SHAPES = [(1, 1), (2, 3), (5, 2), (7, 4), (10, 9)]
AGGREGATES: list[tuple[Callable[..., Any], str]] = [
    (interquartile_mean, "aggregate_iqm"),
    (mean_score, "aggregate_mean"),
    (median_score, "aggregate_median"),
    (optimality_gap, "aggregate_optimality_gap"),
]
MATRICES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 8), st.integers(1, 4)),
    elements=st.floats(0, 1, allow_subnormal=False),
)


def some_scores(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Success rates of 20 episodes, so that ties are common."""
    return np.random.default_rng(seed).integers(0, 21, shape) / 20


def rliable_draws(
    seed: int, shapes: list[tuple[int, int]], resamples: int, monkeypatch: pytest.MonkeyPatch
) -> list[np.ndarray]:
    """The indices that rliable is going to draw, which it takes from numpy's global state; it is left at `seed`."""
    state = np.random.RandomState(seed)
    drawn = [[state.choice(shape[0], shape) for shape in shapes] for _ in range(resamples)]
    again = np.random.RandomState(seed)
    monkeypatch.setattr(np.random, "choice", again.choice)
    return [np.stack(each) for each in zip(*drawn, strict=True)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("ours", "theirs"), AGGREGATES)
def test_aggregates_agree(ours: Callable[..., Any], theirs: str, shape: tuple[int, int]) -> None:
    _, metrics = import_rliable()
    scores = some_scores(shape) * 1.3
    np.testing.assert_allclose(ours(scores), getattr(metrics, theirs)(scores), **CLOSE)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_probability_of_improvement_agrees(shape: tuple[int, int]) -> None:
    _, metrics = import_rliable()
    x, y = some_scores(shape), some_scores((shape[0] + 1, shape[1]), 1)
    ours = probability_of_improvement(x, y)
    np.testing.assert_allclose(ours, metrics.probability_of_improvement(x, y), **CLOSE)


@pytest.mark.parametrize("shape", SHAPES)
def test_profiles_agree(shape: tuple[int, int]) -> None:
    library, _ = import_rliable()
    scores, thresholds = some_scores(shape), np.linspace(0, 1, 21)
    theirs = library.score_distributions(scores, thresholds)
    np.testing.assert_allclose(performance_profile(scores, thresholds), theirs, **CLOSE)


@pytest.mark.parametrize(("ours", "theirs"), AGGREGATES)
def test_intervals_agree_on_the_same_draws(
    ours: Callable[..., Any], theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, metrics = import_rliable()
    scores = some_scores((5, 3))
    indices = rliable_draws(7, [(5, 3)], 300, monkeypatch)
    metric = getattr(metrics, theirs)
    points, intervals = library.get_interval_estimates(
        {"it": scores}, lambda drawn: np.array([metric(drawn)]), reps=300
    )
    found = estimate(ours, scores, indices=indices)
    np.testing.assert_allclose(found.value, points["it"][0], **CLOSE)
    np.testing.assert_allclose([found.low, found.high], intervals["it"][:, 0], **CLOSE)


def test_intervals_of_the_probability_of_improvement_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    library, metrics = import_rliable()
    x, y = some_scores((5, 3)), some_scores((6, 3), 1)
    indices = rliable_draws(3, [(5, 3), (6, 3)], 200, monkeypatch)
    _, intervals = library.get_interval_estimates(
        {"it": [x, y]}, lambda *drawn: np.array([metrics.probability_of_improvement(*drawn)]), reps=200
    )
    found = estimate(probability_of_improvement, x, y, indices=indices)
    np.testing.assert_allclose([found.low, found.high], intervals["it"][:, 0], **CLOSE)


def test_bands_of_profiles_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    library, _ = import_rliable()
    scores, thresholds = some_scores((6, 2)), np.linspace(0, 1, 11)
    indices = rliable_draws(5, [(6, 2)], 200, monkeypatch)
    _, intervals = library.create_performance_profile({"it": scores}, thresholds, reps=200)
    found = profile_band(scores, thresholds, indices=indices)
    np.testing.assert_allclose([found.low, found.high], intervals["it"], **CLOSE)


def profile_band(scores: np.ndarray, thresholds: np.ndarray, **how: Any) -> Band:
    return estimate_band(lambda drawn: performance_profile(drawn, thresholds), scores, at=thresholds, **how)


@given(MATRICES, st.randoms(use_true_random=False))
def test_the_order_of_runs_and_tasks_changes_nothing(scores: np.ndarray, random: Any) -> None:
    runs, tasks = (random.sample(range(size), size) for size in scores.shape)
    shuffled = scores[runs][:, tasks]
    for statistic, _ in AGGREGATES:
        np.testing.assert_allclose(statistic(shuffled), statistic(scores), rtol=0, atol=1e-12)


@given(MATRICES)
def test_aggregates_lie_between_the_worst_and_the_best(scores: np.ndarray) -> None:
    for statistic in (interquartile_mean, mean_score, median_score):
        assert scores.min() - 1e-12 <= statistic(scores) <= scores.max() + 1e-12
    assert -1e-12 <= optimality_gap(scores) <= 1


@given(MATRICES)
def test_improvements_of_a_pair_add_up_to_one(scores: np.ndarray) -> None:
    other = scores[::-1] ** 2
    forth, back = probability_of_improvement(scores, other), probability_of_improvement(other, scores)
    assert forth + back == pytest.approx(1)
    assert probability_of_improvement(scores, scores) == pytest.approx(0.5)


@given(MATRICES)
def test_profiles_fall(scores: np.ndarray) -> None:
    profile = performance_profile(scores, np.linspace(-0.01, 1, 12))
    assert profile[0] == 1
    assert profile[-1] == 0
    assert (np.diff(profile) <= 0).all()


@given(MATRICES)
@settings(max_examples=30)
def test_intervals_hold_within_the_scores(scores: np.ndarray) -> None:
    found = estimate(interquartile_mean, scores, resamples=200)
    assert scores.min() - 1e-12 <= found.low <= found.high <= scores.max() + 1e-12


def test_a_single_run_has_no_width() -> None:
    scores = np.array([[0.3, 0.9]])
    assert estimate(mean_score, scores) == Estimate(*[pytest.approx(0.6)] * 3)


def test_each_task_draws_from_its_own_runs() -> None:
    scores = np.array([[0.0, 1.0]] * 4)
    assert (take(scores, draw_indices(np.random.default_rng(0), (4, 2), 50)) == scores).all()


def test_the_same_seed_gives_the_same_interval() -> None:
    scores = some_scores((5, 3))
    assert estimate(mean_score, scores) == estimate(mean_score, scores)
    assert estimate(mean_score, scores) != estimate(mean_score, scores, seed=1)


def test_differences_resample_both_sides() -> None:
    x, y = some_scores((5, 2)), some_scores((5, 2), 1)
    apart, both = estimate(mean_score, x), estimate(difference(mean_score), x, y)
    assert both.value == pytest.approx(mean_score(x) - mean_score(y))
    assert both.high - both.low > apart.high - apart.low
    assert estimate(difference(mean_score), x, x).low < 0, "X and itself are two samples"


@pytest.mark.parametrize("scores", [np.zeros((0, 3)), np.zeros(3), np.array([[np.nan]])])
def test_what_cannot_be_scores_is_refused(scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match="score"):
        mean_score(scores)


def test_curves_meet_on_one_grid() -> None:
    one = Curve(np.array([0.0, 10.0, 20.0]), np.array([0.0, 0.5, 1.0]))
    other = Curve(np.array([5.0, 15.0]), np.array([0.2, 0.4]))
    band = estimate_curve([one, other])
    assert band.at.tolist() == [5, 10, 15]
    np.testing.assert_allclose(band.value, [(0.25 + 0.2) / 2, (0.5 + 0.3) / 2, (0.75 + 0.4) / 2])
    assert (band.low <= band.value).all()
    assert (band.high >= band.value).all()


def test_curves_use_the_interquartile_mean() -> None:
    runs = [Curve(np.array([1.0]), np.array([score])) for score in (0.0, 0.4, 0.5, 0.6, 1.0)]
    assert estimate_curve(runs).value.tolist() == pytest.approx([0.5])
