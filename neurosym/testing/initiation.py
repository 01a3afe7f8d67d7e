"""Laws about options: what can be told to a controller, and how it looks to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief
from neurosym.options.features import Features
from neurosym.symbols import Operator
from neurosym.testing.law import law, tell
from neurosym.testing.samples import Samples

__all__ = [
    "no_subgoal_is_never_achieved",
    "options_can_be_initiated",
    "setbacks_make_something_dearer",
    "untold_operators",
]

ORDER_ONE = 10.0


def _candidates(samples: Samples, key: tuple[int, int]) -> Iterator[tuple[Operator, Operator | None]]:
    """Steps that could be taken at a moment, each with what follows: that of the plan, and what the model allows."""
    plan = samples.plans.get(key)
    if plan is not None:
        yield plan.steps[0], plan.steps[1] if len(plan) > 1 else None
    for step in samples.allowed[key]:
        yield step, None


def _news(samples: Samples) -> Iterator[tuple[Belief, int, tuple[int, int]]]:
    """The belief and the world of each moment that brings news."""
    _ = samples.moments
    for t, belief in samples.replay():
        for n in range(samples.count):
            if samples.moments[t, n].news:
                yield belief, n, (t, n)


def untold_operators(samples: Samples) -> dict[str, str]:
    """The operators that never had an aim where they were planned or applicable, with one such place."""
    told: set[str] = set()
    untold: dict[str, str] = {}
    for belief, n, key in _news(samples):
        for step, following in _candidates(samples, key):
            if step.name in told:
                continue
            if _has_aim(belief, n, step, following):
                told.add(step.name)
            else:
                untold.setdefault(step.name, samples.moments[key].place)
    return {name: place for name, place in untold.items() if name not in told}


def _has_aim(belief: Belief, n: int, step: Operator, following: Operator | None) -> bool:
    try:
        return belief.aim(n, step, following) is not None
    except Exception:  # as a KeyError is, where a table of operators lacks one
        return False


@law(
    "options can be initiated",
    "in sampled states each operator that the model allows, and the first step of each plan, has an aim; its subgoal "
    "is a row that is not all zeros, its budget at least 1, and the features fit `feature_spec`, are finite and of "
    "order one, the same in part, in whole and in arrays that are handed in.",
)
def options_can_be_initiated(samples: Samples) -> Iterator[str]:
    untold = untold_operators(samples)
    for belief, n, key in _news(samples):
        for step, following in _candidates(samples, key):
            if step.name in untold:
                continue  # a law of its own
            complaint = _initiate(samples, belief, n, step, following)
            if complaint:
                yield f"{samples.moments[key].place}: {step}: {complaint}"


def _initiate(samples: Samples, belief: Belief, n: int, step: Operator, following: Operator | None) -> str:
    aim = belief.aim(n, step, following)
    if aim is None:
        return "the model allows it, and there is nothing to aim at"
    if aim.dtype != np.int32 or aim.ndim != 1:
        return f"an aim must be int32 with 1 axis, got {aim.dtype}{list(aim.shape)}"
    rows, budgets = belief.subgoals(np.array([n], dtype=np.int64), aim[None])
    if rows.shape != (1, belief.subgoal_columns) or rows.dtype != np.int32:
        return f"subgoals must be int32[1, {belief.subgoal_columns}], got {rows.dtype}{list(rows.shape)}"
    if not rows.any():
        return "the subgoal is a row of zeros, which stands for none"
    if int(budgets[0]) < 1:
        return f"the budget is {budgets[0]} steps"
    return _describe(samples, belief, _only(samples.count, n, rows[0]))


def _only(count: int, n: int, row: NDArray[np.int32]) -> NDArray[np.int32]:
    """Subgoals of N worlds, of which only one has any."""
    subgoals = np.zeros((count, len(row)), dtype=np.int32)
    subgoals[n] = row
    return subgoals


def _describe(samples: Samples, belief: Belief, subgoals: NDArray[np.int32]) -> str:
    """What is wrong with the features of all worlds."""
    spec = samples.domain.feature_spec
    try:
        features = Features(*belief.features(subgoals))
        spec.check(features)
    except ValueError as error:
        return tell(error)
    if len(features) != len(subgoals):
        return f"there are features of {len(features)} worlds, not of {len(subgoals)}"
    if features.sparse.min() < 0 or features.sparse.max() >= spec.rows:
        return f"sparse features must lie between 0 and {spec.rows - 1}, the rows of feature_spec"
    if features.dense.size and not np.abs(features.dense).max() <= ORDER_ONE:
        return f"dense features must be finite and of order one, got {np.abs(features.dense).max()}"
    return _describe_again(belief, subgoals, features)


def _describe_again(belief: Belief, subgoals: NDArray[np.int32], features: Features) -> str:
    out = np.empty_like(features.sparse), np.empty_like(features.dense)
    written = belief.features(subgoals, out=out)
    if written[0] is not out[0] or written[1] is not out[1] or not _same(Features(*out), features):
        return "the features are not written into the arrays that are handed in"
    which = np.arange(len(subgoals))[::-2].copy()
    if not _same(Features(*belief.features(subgoals, which)), features[which]):
        return f"the features of the worlds {which.tolist()} differ when they are asked for alone"
    return ""


def _same(one: Features, other: Features) -> bool:
    return np.array_equal(one.sparse, other.sparse) and np.array_equal(one.dense, other.dense)


@law(
    "no subgoal is never achieved",
    "a row of zeros stands for no subgoal and is not achieved, in no world and at no time, whatever others are told.",
)
def no_subgoal_is_never_achieved(samples: Samples) -> Iterator[str]:
    _ = samples.moments
    for t, belief in samples.replay():
        nothing = np.zeros((samples.count, belief.subgoal_columns), dtype=np.int32)
        done = belief.achieved(nothing)
        if done.shape != (samples.count,) or done.dtype != np.bool_:
            yield f"achieved must be bool[{samples.count}], got {done.dtype}{list(done.shape)}"
        for n in np.flatnonzero(done).tolist():
            yield f"{samples.courses[n].place(t)}: no subgoal is said to be achieved"
        for n in range(samples.count):
            if (t, n) in samples.plans:
                yield from _beside(samples, belief, t, n)


def _beside(samples: Samples, belief: Belief, t: int, n: int) -> Iterator[str]:
    """Only world n is told something."""
    step = samples.plans[t, n].steps[0]
    if not _has_aim(belief, n, step, None):
        return
    aim = belief.aim(n, step, None)
    rows, _ = belief.subgoals(np.array([n], dtype=np.int64), np.asarray(aim)[None])
    for other in np.flatnonzero(belief.achieved(_only(samples.count, n, rows[0]))).tolist():
        if other != n:
            yield f"{samples.courses[other].place(t)}: no subgoal is achieved when another world is told {step}"


@law(
    "setbacks make something dearer",
    "after a setback with what a step is about nothing costs less, and some first steps of plans cost more or "
    "are impossible: else a step that fails would be tried for ever.",
)
def setbacks_make_something_dearer(samples: Samples) -> Iterator[str]:
    tried, dearer = "", False
    for belief, n, key in _news(samples):
        plan = samples.openings.get(key)
        if plan is None or not plan.steps[0].args:
            continue
        step, moment = plan.steps[0], samples.moments[key]
        tried = f"{moment.place}: {step}"
        hard = belief.problem(n, moment.wanted, Counter(step.args), moment.later)
        plain, costs = dict(moment.problem.costs), dict(hard.costs)
        for atom in sorted(atom for atom, cost in costs.items() if cost < plain.get(atom, cost)):
            yield f"{tried}: {atom} cost {plain[atom]:g} and costs {costs[atom]:g} after a setback"
        after = hard.domain.action(step.name).bind(step.args, costs)
        dearer = dearer or after.cost > step.cost or not after.applicable(hard.init)
    if tried and not dearer:
        yield f"{tried} costs as much after a setback as before, and so do the first steps of all other plans"
