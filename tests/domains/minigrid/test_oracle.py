"""Full knowledge: a belief is told what it could not see, from the worlds and from the original alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurosym.domain import load_domain
from neurosym.language import RuleTranslator

MINIGRID = load_domain("minigrid")
ALL = np.ones(1, np.bool_)


def levels(task: str, seed: int) -> Any:
    making = MINIGRID.training_levels((task,), range(seed, seed + 1))
    while True:
        try:
            next(making)
        except StopIteration as finished:
            return finished.value


def told(source: Any, seen: Any) -> Any:
    belief = MINIGRID.belief(1)
    belief.begin(ALL, seen)
    MINIGRID.reveal(belief, np.zeros(1, np.int64), source)
    return belief


@pytest.mark.parametrize("task", ["MiniGrid-DoorKey-8x8-v0", "MiniGrid-MultiRoom-N4-S5-v0"])
@pytest.mark.parametrize("seed", range(3))
def test_worlds_and_the_original_tell_the_same(task: str, seed: int) -> None:
    env = MINIGRID.make_env(task)
    first, _ = env.reset(seed=seed)
    worlds = MINIGRID.training_worlds(levels(task, seed), 1, 0)
    one, other = told(env, MINIGRID.stack([first])), told(worlds, worlds.observation())
    assert one.state(0) == other.state(0)
    assert isinstance(MINIGRID.translator, RuleTranslator)
    (stage, *_) = MINIGRID.goal(first["mission"]).stages
    problem = one.problem(0, stage, {})
    assert not any(atom.predicate.startswith("may") for atom in problem.init), "there is nothing to look for"
    result = MINIGRID.planner().plan(problem, time_limit_s=10)
    assert result.plan is not None
    assert not any("explore" in step.name for step in result.plan.steps)


def test_what_is_seen_later_agrees() -> None:
    """Walking through a level shows nothing that was not told."""
    env = MINIGRID.make_env("MiniGrid-DoorKey-8x8-v0")
    first, _ = env.reset(seed=5)
    belief, rng = told(env, MINIGRID.stack([first])), np.random.default_rng(0)
    before = belief.map.cells.copy()
    for _ in range(100):
        action = int(rng.choice([0, 1, 2]))
        seen, *_ = env.step(action)
        belief.update(np.array([action]), MINIGRID.stack([seen]))
    assert not belief.surprised().any()
    known = before != 0
    assert (belief.map.cells == before)[known].all()
