"""Numbers as people read them: bounds carry their sign."""

from __future__ import annotations

import math

import pytest

from neurosym.ablation.milestones import Ratio, Times, find_milestone
from neurosym.ablation.report.wording import (
    list_words,
    say_as_many,
    say_count,
    say_estimate,
    say_frames,
    say_milestone,
    say_ratio,
    say_seconds,
)
from neurosym.ablation.statistics import Estimate

NEVER = math.inf


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (850, "850"),
        (12_500, "12.5k"),
        (310_000, "310k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (5e6, "5M"),
        (2.25e6, "2.25M"),
        (3e9, "3,000M"),
    ],
)
def test_frames_have_three_digits(frames: float, said: str) -> None:
    assert say_frames(frames) == said


def test_what_was_not_reached_lies_beyond_the_budget() -> None:
    assert say_milestone(find_milestone(Times((NEVER,) * 5, 5e6))) == "> 5M"
    assert say_milestone(find_milestone(Times((1e5, 2e5, NEVER), 1e6))) == "200k [100k, > 1M]"


def test_what_learns_nothing_has_no_interval() -> None:
    assert say_milestone(find_milestone(Times((0.0, 0.0, NEVER), 0))) == "0"
    assert say_milestone(find_milestone(Times((NEVER, NEVER), 0))) == "not reached"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Ratio(5.23, 5.23, 3.9, 12.4), "5.2 × [3.9, 12]"),
        (Ratio(16, NEVER, 12, NEVER), "≥ 16 × [12, ∞)"),
        (Ratio(0, 0.21, 0, 0.5), "≤ 0.21 × [0, 0.5]"),
        (Ratio(0.5, 3, 0.2, NEVER), "0.5 to 3.0 × [0.2, ∞)"),
        (Ratio(0, NEVER, 0, NEVER), "not known"),
    ],
)
def test_a_bound_is_said_to_be_one(ratio: Ratio, said: str) -> None:
    assert say_ratio(ratio) == said


def test_a_bound_in_a_sentence() -> None:
    assert say_as_many(Ratio(16, NEVER, 12, NEVER)) == "at least 16 × as many [12, ∞)"


def test_gains_have_signs_and_nothing_has_none() -> None:
    assert say_estimate(Estimate(0.1, -0.002, 0.2), "signed") == "+0.10 [0.00, +0.20]"
    assert say_estimate(Estimate(-0.1, -0.2, 0.0), "signed") == "−0.10 [−0.20, 0.00]"


def test_times_counts_and_lists() -> None:
    assert [say_seconds(s) for s in (0, 3.21, 59, 600, 7260)] == [
        "0 s",
        "3.2 s",
        "59 s",
        "10 min",
        "2 h 01 min",
    ]
    assert [say_count(n) for n in (12_345, 4.5e7)] == ["12,345", "45M"]
    assert [list_words(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]
