"""Frames to a success rate, right-censored at the budget, and how many times as many one method needs as another.

A run reaches a level at the first point of its curve that is at the level or above and whose next point is, too: one
lucky evaluation is not enough. A run that never does would have needed more than its budget: it is kept, as censored,
never left out. All runs of a method on a task have one budget, so the Kaplan-Meier median (Kaplan and Meier 1958) is
the plain rank: the least number of frames at which half the runs had got there.

Between two points of a curve nobody looked. A run got there after the one and by the other, and methods of unlike
budgets are looked at after unlike frames; what one needs in relation to another is an interval for that reason alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosym.ablation.statistics import CONFIDENCE, RESAMPLES, Curve

__all__ = [
    "LEVELS",
    "Milestone",
    "Ratio",
    "Times",
    "compare_times",
    "find_milestone",
    "find_span",
    "times_of",
]

Floats = NDArray[np.float64]

LEVELS = (0.5, 0.9, 0.95)
_ROUNDING = 1e-9  # 19 of 20 episodes are 95 %


@dataclass(frozen=True)
class Times:
    """One method's frames to a level on one task.

    Attributes:
        frames: for each run, by when it had got there; infinite where it is censored.
        before: for each run, when it had not got there yet, at most its budget; left out where times are exact.
    """

    frames: tuple[float, ...]
    budget: float
    before: tuple[float, ...] = ()

    @property
    def reached(self) -> int:
        return sum(math.isfinite(each) for each in self.frames)

    @property
    def median(self) -> float:
        return float(_median(np.array(self.frames)))


@dataclass(frozen=True)
class Milestone:
    """The median of the frames to a level, with its interval; infinite means beyond the budget."""

    times: Times
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ratio:
    """How many times as many frames the slower of two methods needs, or is said to need.

    Attributes:
        least, most: the ratio of the medians lies between them; they are the same unless a median is censored.
        low, high: the interval, from the least to the most that a ratio can be between two points of each curve.
    """

    least: float
    most: float
    low: float
    high: float

    @property
    def settled(self) -> bool:
        """Whether the interval leaves out 1."""
        return self.low > 1 or self.high < 1

    @property
    def turned(self) -> Ratio:
        """The same, seen from the other method."""
        return Ratio(*(_invert(each) for each in (self.most, self.least, self.high, self.low)))


def find_span(curve: Curve, level: float) -> tuple[float, float]:
    """After how many frames a run was not at `level` yet, and by when it was; infinite if it never was.

    The last point needs no other to confirm it: it rests on the most episodes.
    """
    at = curve.success >= level - _ROUNDING
    there = np.flatnonzero(at & np.append(at[1:], True))
    if not len(there):
        return float(curve.frames[-1]), math.inf
    first = int(there[0])
    return float(curve.frames[first - 1]) if first else 0.0, float(curve.frames[first])


def times_of(curves: Sequence[Curve], level: float) -> Times:
    """When one method's runs on one task reached a level."""
    before, frames = zip(*(find_span(curve, level) for curve in curves), strict=True)
    return Times(frames, float(min(curve.frames[-1] for curve in curves)), before)


def find_milestone(times: Times, *, resamples: int = RESAMPLES, seed: int = 0) -> Milestone:
    """The median with its percentile interval, runs resampled; both ends are frames that some run needed."""
    _, medians = _resampled(times, np.random.default_rng(seed), resamples)
    return Milestone(times, times.median, *_ends(medians, medians))


def compare_times(
    pairs: Sequence[tuple[Times, Times]], *, resamples: int = RESAMPLES, seed: int = 0
) -> Ratio | None:
    """Frames of the second over those of the first: medians' ratios, their geometric mean over the tasks.

    A censored median is only known to lie above its budget, and any other between two points of a curve, which makes
    each ratio an interval of its own; the ends are carried through, so that a bound stays a bound. The value is that of
    the points alone. Runs are resampled within each method and task.

    Args:
        pairs: for each task, the two methods' times.

    Returns:
        None where there is no ratio: no task, or a method that needs no frames at all.
    """
    if not pairs or any(min(times.budget, *times.frames) <= 0 for pair in pairs for times in pair):
        return None
    rng = np.random.default_rng(seed)
    exact = [_bounds(_known(x), _known(y)) for x, y in pairs]
    drawn = [_bounds(*(_resampled(each, rng, resamples) for each in pair)) for pair in pairs]
    least, most = (float(_geometric_mean([bound[end] for bound in exact])) for end in (0, 1))
    lows, highs = (_geometric_mean([bound[end] for bound in drawn]) for end in (0, 1))
    return Ratio(least, most, *_ends(lows, highs))


def _median(frames: Floats) -> Floats:
    """float64[...] of float64[..., runs]: the least frames at which half the runs had got there."""
    return np.sort(frames, axis=-1)[..., (frames.shape[-1] + 1) // 2 - 1]


def _known(times: Times) -> tuple[Floats, Floats]:
    """The median twice, or between what it lies if it is censored."""
    return np.array(min(times.median, times.budget)), np.array(times.median)


def _resampled(times: Times, rng: np.random.Generator, resamples: int) -> tuple[Floats, Floats]:
    """Between what each draw's median lies."""
    frames = np.array(times.frames)
    before = np.array(times.before) if times.before else np.minimum(frames, times.budget)
    drawn = rng.integers(len(frames), size=(resamples, len(frames)))
    return _median(before[drawn]), _median(frames[drawn])


def _bounds(x: tuple[Floats, Floats], y: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The least and the most that y / x can be, for what lies between two numbers each."""
    with np.errstate(divide="ignore"):
        return y[0] / x[1], y[1] / x[0]


def _geometric_mean(ratios: Sequence[Floats]) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(np.mean(np.log(np.stack(ratios)), axis=0))


def _ends(lows: ArrayLike, highs: ArrayLike) -> tuple[float, float]:
    """Percentiles by rank: nothing lies between a number and infinity."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.sort(lows), np.sort(highs)
    count = len(low)
    return float(low[math.ceil(tail * count) - 1]), float(high[math.ceil((1 - tail) * count) - 1])


def _invert(ratio: float) -> float:
    return math.inf if ratio == 0 else 1 / ratio
