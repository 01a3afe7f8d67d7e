"""What can be said of a few runs: aggregates with intervals, after Agarwal et al. 2021.

"Deep Reinforcement Learning at the Edge of the Statistical Precipice", NeurIPS 2021, arXiv:2108.13264. Scores are
float[..., runs, tasks]; a statistic takes the last two axes away and keeps those before them, so that all resamples
of a bootstrap are one array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CONFIDENCE",
    "FEW_SEEDS",
    "RESAMPLES",
    "Band",
    "Curve",
    "Estimate",
    "difference",
    "draw_indices",
    "estimate",
    "estimate_band",
    "estimate_curve",
    "interquartile_mean",
    "mean_score",
    "median_score",
    "optimality_gap",
    "performance_profile",
    "probability_of_improvement",
    "take",
]

Floats = NDArray[np.float64]
Statistic = Callable[..., Floats]

CONFIDENCE = 0.95
RESAMPLES = 2000
FEW_SEEDS = (
    5  # with fewer runs, a bootstrap interval covers less than it says (Agarwal et al. 2021, appendix A)
)
TRIM = 0.25


@dataclass(frozen=True)
class Estimate:
    """A statistic of the runs, and the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """A statistic at each of `at`, and the ends of its pointwise intervals; float64[points] each."""

    at: Floats
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Curve:
    """One run's success by frames; float64[points] both, `frames` rising."""

    frames: Floats
    success: Floats


def interquartile_mean(scores: ArrayLike) -> Floats:
    """The mean of the middle half of all runs of all tasks (section 4.3 of the paper).

    A quarter of the n scores, rounded down, is left out at either end.
    """
    pooled = np.sort(_pool(scores), axis=-1)
    cut = int(TRIM * pooled.shape[-1])
    return pooled[..., cut : pooled.shape[-1] - cut].mean(axis=-1)


def mean_score(scores: ArrayLike) -> Floats:
    """The mean over tasks of each task's mean over its runs (section 4.3)."""
    return _scores(scores).mean(axis=-2).mean(axis=-1)


def median_score(scores: ArrayLike) -> Floats:
    """The median over tasks of each task's mean over its runs (section 4.3)."""
    return np.median(_scores(scores).mean(axis=-2), axis=-1)


def optimality_gap(scores: ArrayLike, target: float = 1.0) -> Floats:
    """By how much the runs miss `target` on average; what lies above it counts as `target` (section 4.3)."""
    return target - np.minimum(_pool(scores), target).mean(axis=-1)


def performance_profile(scores: ArrayLike, thresholds: Floats) -> Floats:
    """float64[..., thresholds]: the share of all runs that score more than each (run-score distribution, 4.2)."""
    return (_pool(scores)[..., None] > thresholds).mean(axis=-2)


def probability_of_improvement(scores_x: ArrayLike, scores_y: ArrayLike) -> Floats:
    """How likely a run of X beats a run of Y on the same task, a tie counting half; the mean over tasks (4.3).

    On each task this is the Mann-Whitney U statistic divided by the number of pairs.
    """
    x, y = _scores(scores_x)[..., :, None, :], _scores(scores_y)[..., None, :, :]
    return ((x > y) + 0.5 * (x == y)).mean(axis=(-3, -2)).mean(axis=-1)


def difference(statistic: Statistic) -> Statistic:
    """The statistic of X less that of Y."""
    return lambda scores_x, scores_y: statistic(scores_x) - statistic(scores_y)


def draw_indices(rng: np.random.Generator, shape: tuple[int, int], resamples: int) -> NDArray[np.int64]:
    """int64[resamples, runs, tasks]: which run stands where. Each task draws from its own runs (4.1: strata)."""
    return rng.integers(shape[0], size=(resamples, *shape))


def take(scores: ArrayLike, indices: NDArray[np.integer]) -> Floats:
    """float64[resamples, runs, tasks]: the runs at the indices, each task's from its own."""
    return np.take_along_axis(_scores(scores)[None], indices, axis=-2)


def estimate(
    statistic: Statistic,
    *scores: ArrayLike,
    resamples: int = RESAMPLES,
    seed: int = 0,
    indices: Sequence[NDArray[np.integer]] | None = None,
) -> Estimate:
    """The statistic with its percentile interval from a stratified bootstrap (section 4.1; Efron 1979).

    Args:
        scores: float[runs, tasks] for each of the statistic's arguments; each is resampled on its own.
        indices: the draws for each argument, where they are not to be drawn here.
    """
    band = estimate_band(
        lambda *drawn: statistic(*drawn)[..., None], *scores, resamples=resamples, seed=seed, indices=indices
    )
    return Estimate(float(band.value[0]), float(band.low[0]), float(band.high[0]))


def estimate_band(
    statistic: Statistic,
    *scores: ArrayLike,
    at: ArrayLike = (0.0,),
    resamples: int = RESAMPLES,
    seed: int = 0,
    indices: Sequence[NDArray[np.integer]] | None = None,
) -> Band:
    """`estimate` for a statistic that gives float64[..., points]; `at` says where the points lie."""
    rng = np.random.default_rng(seed)
    arrays = [_scores(each) for each in scores]
    draws = indices or [draw_indices(rng, (each.shape[0], each.shape[1]), resamples) for each in arrays]
    drawn = statistic(*(take(each, draw) for each, draw in zip(arrays, draws, strict=True)))
    low, high = _percentiles(drawn)
    return Band(np.asarray(at, dtype=np.float64), statistic(*arrays), low, high)


def estimate_curve(curves: Sequence[Curve], *, resamples: int = RESAMPLES, seed: int = 0) -> Band:
    """The interquartile mean over runs at each frame, with pointwise intervals; whole runs are resampled.

    The runs meet on one grid: every frame at which any of them was measured, from the latest first point to the
    earliest last one. Between its own points a run is a straight line; nothing is said beyond them.
    """
    grid = _common_grid(curves)
    rows = np.stack([np.interp(grid, curve.frames, curve.success) for curve in curves])
    draws = np.random.default_rng(seed).integers(len(rows), size=(resamples, len(rows)))
    low, high = _percentiles(_over_runs(rows[draws]))
    return Band(grid, _over_runs(rows), low, high)


def _over_runs(rows: Floats) -> Floats:
    """float64[..., points] of float64[..., runs, points]."""
    return interquartile_mean(np.moveaxis(rows, -1, -2)[..., None])


def _common_grid(curves: Sequence[Curve]) -> Floats:
    first, last = max(curve.frames[0] for curve in curves), min(curve.frames[-1] for curve in curves)
    frames = np.unique(np.concatenate([curve.frames for curve in curves]))
    inside = frames[(frames >= first) & (frames <= last)]
    return inside if len(inside) else np.array([last])


def _percentiles(drawn: Floats) -> tuple[Floats, Floats]:
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(drawn, [tail, 100 - tail], axis=0)
    return low, high


def _scores(scores: ArrayLike) -> Floats:
    """Scores as an array.

    Raises:
        ValueError: there is no run or no task, or a score is not a number.
    """
    array = np.asarray(scores, dtype=np.float64)
    if array.ndim < 2 or 0 in array.shape:
        raise ValueError(f"scores must be float[..., runs, tasks] with at least one run, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("a score is not a finite number")
    return array


def _pool(scores: ArrayLike) -> Floats:
    array = _scores(scores)
    return array.reshape(*array.shape[:-2], -1)
