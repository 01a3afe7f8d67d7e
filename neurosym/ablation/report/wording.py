"""Numbers as people read them."""

from __future__ import annotations

import math

from neurosym.ablation.milestones import Milestone, Ratio
from neurosym.ablation.statistics import Estimate

__all__ = [
    "list_words",
    "say_as_many",
    "say_count",
    "say_estimate",
    "say_frames",
    "say_milestone",
    "say_percent",
    "say_ratio",
    "say_seconds",
    "say_share",
    "say_signed",
]


def say_frames(frames: float) -> str:
    """Three digits: 850, 12.5k, 310k, 50M."""
    if frames < 1e3:
        return f"{frames:.0f}"
    if frames < 999_500:
        return f"{frames / 1e3:.3g}k"
    return f"{frames / 1e6:.3g}M" if frames < 1e9 else f"{frames / 1e6:,.0f}M"


def say_count(count: float) -> str:
    return say_frames(count) if count >= 1e6 else f"{count:,.0f}"


def say_seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def say_share(share: float) -> str:
    return f"{share:.2f}"


def say_signed(share: float) -> str:
    return f"{share:+.2f}".replace("-", "−").replace("+0.00", "0.00").replace("−0.00", "0.00")


def say_percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def say_estimate(estimate: Estimate, say: str = "share") -> str:
    """0.97 [0.93, 1.00]; with `say` "signed", +0.12 [0.02, 0.20]."""
    word = say_signed if say == "signed" else say_share
    return f"{word(estimate.value)} [{word(estimate.low)}, {word(estimate.high)}]"


def say_milestone(milestone: Milestone) -> str:
    """0.31M [0.28M, 0.36M]; what was not reached is > the budget. A method that learns nothing has no interval."""
    budget = milestone.times.budget
    if not budget:
        return "0" if math.isfinite(milestone.value) else "not reached"
    if not milestone.times.reached:
        return f"> {say_frames(budget)}"
    ends = (_within(each, budget) for each in (milestone.low, milestone.high))
    return f"{_within(milestone.value, budget)} [{', '.join(ends)}]"


def _within(frames: float, budget: float) -> str:
    return say_frames(frames) if math.isfinite(frames) else f"> {say_frames(budget)}"


def say_ratio(ratio: Ratio) -> str:
    """5.2 × [3.9, 7.8]; a bound has a sign before it, and an interval without an end is open."""
    if ratio.least == 0 and math.isinf(ratio.most):
        return "not known"
    return f"{_bound(ratio)} × {_interval(ratio)}"


def say_as_many(ratio: Ratio) -> str:
    """The same in a sentence: at least 16 × as many [12, ∞)."""
    bound = _bound(ratio).replace("≥", "at least").replace("≤", "at most")
    return f"{bound} × as many {_interval(ratio)}"


def _bound(ratio: Ratio) -> str:
    if math.isclose(ratio.least, ratio.most):
        return _factor(ratio.least)
    if math.isinf(ratio.most):
        return f"≥ {_factor(ratio.least)}"
    return (
        f"≤ {_factor(ratio.most)}" if ratio.least == 0 else f"{_factor(ratio.least)} to {_factor(ratio.most)}"
    )


def _interval(ratio: Ratio) -> str:
    return f"[{_factor(ratio.low)}, " + ("∞)" if math.isinf(ratio.high) else f"{_factor(ratio.high)}]")


def _factor(factor: float) -> str:
    if factor == 0:
        return "0"
    return f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}" if factor < 1 else f"{factor:.1f}"


def list_words(words: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
