"""What the pay rule makes of options in a row: small semi-MDPs, solved exactly.

A world gives, for each state, its choices: the outcome, the primitive steps taken, the state after.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from neurosym.options import PayRule

END = "end"


def backup(rule: PayRule, outcome: str, duration: int, value: float) -> float:
    masks = [np.array([outcome == name]) for name in ("achieved", "finished", "failed", "truncated")]
    reward, discount = rule.pay(*masks, np.array([0.0], np.float32), duration)
    return float(reward[0] + discount[0] * value)


def solve(world, rule: PayRule) -> tuple[dict, dict]:
    """Optimal values and choices, by value iteration until nothing moves."""
    values = dict.fromkeys((END, *world), 0.0)
    while True:
        worth = {
            state: [backup(rule, outcome, duration, values[after]) for outcome, duration, after in choices]
            for state, choices in world.items()
        }
        latest = {END: 0.0, **{state: max(options) for state, options in worth.items()}}
        if max(abs(latest[state] - values[state]) for state in values) < 1e-12:
            return latest, {state: int(np.argmax(options)) for state, options in worth.items()}
        values = latest


def two_exits(near: int, far: int, from_near: int, from_far: int):
    """Leave a room by the near or the far exit, then walk to the goal from there."""
    return {
        "room": [("achieved", near, "at near"), ("achieved", far, "at far")],
        "at near": [("finished", from_near, END)],
        "at far": [("finished", from_far, END)],
    }


def test_a_local_option_takes_the_exit_that_is_globally_worse():
    world = two_exits(near=2, far=4, from_near=12, from_far=2)
    assert solve(world, PayRule(0.95, kappa=0.0))[1]["room"] == 0


@pytest.mark.parametrize(("kappa", "exit_taken"), [(0.25, 0), (0.27, 1), (0.9, 1), (1.0, 1)])
def test_looking_ahead_takes_the_better_exit_from_some_kappa_on(kappa, exit_taken):
    """By hand: from (g - g^3) / (g - g^3 + g^5 - g^13) on, which is 0.262 for g = 0.95."""
    world = two_exits(near=2, far=4, from_near=12, from_far=2)
    assert solve(world, PayRule(0.95, kappa))[1]["room"] == exit_taken


@settings(deadline=None)
@given(
    near=st.integers(1, 9), extra=st.integers(0, 9), tails=st.tuples(st.integers(1, 30), st.integers(1, 30))
)
def test_kappa_one_minimises_the_total(near, extra, tails):
    totals = (near + tails[0], near + extra + tails[1])
    assume(totals[0] != totals[1])
    choice = solve(two_exits(near, near + extra, *tails), PayRule(0.97, kappa=1.0))[1]["room"]
    assert choice == int(np.argmin(totals))


@settings(deadline=None)
@given(
    steps=st.integers(1, 20),
    tails=st.lists(st.integers(1, 60), min_size=2, max_size=5, unique=True),
    kappa=st.floats(0.01, 1.0),
)
def test_shorter_tails_are_worth_more_behind_equal_options(steps, tails, kappa):
    def value(tail: int) -> float:
        return solve(two_exits(steps, steps, tail, tail), PayRule(0.97, kappa))[0]["room"]

    values = [value(tail) for tail in sorted(tails)]
    assert all(shorter > longer for shorter, longer in pairwise(values))


@settings(deadline=None)
@given(steps=st.integers(1, 20), tail=st.integers(1, 60), kappa=st.floats(0.0, 1.0))
def test_arriving_later_in_the_same_state_is_worth_less(steps, tail, kappa):
    world = two_exits(steps, steps + 1, tail, tail)
    worth = solve(world, PayRule(0.97, kappa))[0]["at near"]
    rule = PayRule(0.97, kappa)
    assert backup(rule, "achieved", steps + 1, worth) < backup(rule, "achieved", steps, worth)


def loop_worth(rule: PayRule, steps: int) -> float:
    """The value of achieving a subgoal every `steps` steps for ever: the fixed point of its backup."""
    return rule.gamma ** (steps - 1) * (1 - rule.kappa) / (1 - rule.kappa * rule.gamma**steps)


def dawdling(detour: str, steps: int, remaining: int):
    """Go for the goal, or undo something and do it again, which ends up where it began."""
    return {"here": [("finished", remaining, END), (detour, steps, "here")]}


@settings(deadline=None)
@given(steps=st.integers(1, 20), remaining=st.integers(1, 120), kappa=st.floats(0.0, 0.99))
def test_paying_a_subgoal_again_and_again_makes_dawdling_worth_while(steps, remaining, kappa):
    """The hazard, with its exact bound, which is why the caller must not report such steps as achieved."""
    rule = PayRule(0.97, kappa)
    straight, loop = rule.gamma ** (remaining - 1), loop_worth(rule, steps)
    assume(abs(straight - loop) > 1e-4)
    values, choices = solve(dawdling("achieved", steps, remaining), rule)
    assert choices["here"] == int(loop > straight)
    assert values["here"] == pytest.approx(max(straight, loop), abs=1e-4)


@settings(deadline=None)
@given(
    detour=st.sampled_from(["neither", "failed"]),
    steps=st.integers(1, 20),
    remaining=st.integers(1, 120),
    kappa=st.floats(0.0, 1.0),
)
def test_dawdling_never_pays_when_only_progress_is_reported(detour, steps, remaining, kappa):
    values, choices = solve(dawdling(detour, steps, remaining), PayRule(0.97, kappa))
    assert choices["here"] == 0
    assert values["here"] == pytest.approx(0.97 ** (remaining - 1), abs=1e-5)
