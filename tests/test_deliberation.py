"""Decisions that are kept: the same as if each were made anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from neurosym.deliberation import Deliberator, Stage, Verdict
from neurosym.executive import Executive
from neurosym.planning import EmbeddedPlanner
from neurosym.planning.memo import RecentlyUsed
from neurosym.symbols import Operator, Plan, PlanResult, PlanStatus
from tests.worlds import ALLEY, alley


class Counting:
    """A planner that counts how often it is asked."""

    def __init__(self, status: PlanStatus | None = None) -> None:
        self.asked, self.status = 0, status

    def plan(self, problem: Any, *, time_limit_s: float) -> PlanResult:
        self.asked += 1
        if self.status is not None:
            return PlanResult(self.status, reason="no")
        return EmbeddedPlanner().plan(problem, time_limit_s=time_limit_s)


class Forgetful(RecentlyUsed):
    """Keeps nothing."""

    def keep(self, key: Any, value: Any) -> None:
        pass


def run(executive: Executive, levels: list[Any], steps: int = 60) -> list[Any]:
    """Everything the executive noted, told and thought, step by step, with the scripted controller."""
    world, guide = alley.Alleys(levels[:1], len(levels)), ALLEY.scripted_controller()
    for n, level in enumerate(levels):
        world.put(n, level)
    executive.begin(np.ones(len(levels), dtype=np.bool_), world.observation())
    told = []
    for _ in range(steps):
        actions = guide.act(executive.features(), np.random.default_rng(0))
        actions[~executive.subgoals.any(axis=1)] = alley.LEFT
        _, ended, _ = world.step(actions)
        executive.update(actions, world.observation())
        for n in np.flatnonzero(ended):
            world.put(int(n), levels[n])
        executive.begin(ended, world.observation())
        told.append([(t.plan, t.position, t.instruction, t.events) for t in executive.threads])
        assert all(t.plan is None or t.plan.steps[t.position].name == t.step.name for t in executive.threads)
        told.append(executive.subgoals.copy().tolist())
    return told


def test_decisions_from_memory_are_those_one_would_make() -> None:
    levels = [alley.random_level(seed) for seed in range(24)]
    remembering, forgetful = Executive(ALLEY, 24, EmbeddedPlanner()), Executive(ALLEY, 24, EmbeddedPlanner())
    forgetful.deliberator._followed = Forgetful(1)
    forgetful.deliberator._planned = Forgetful(1)
    assert run(remembering, levels) == run(forgetful, levels)
    assert remembering.counters.plans == forgetful.counters.plans
    assert remembering.counters.plan_cache_hits > 0
    assert forgetful.counters.plan_cache_hits == 0


def deliberator(planner: Any) -> tuple[Deliberator, Stage]:
    """For one alley, looked at."""
    belief = ALLEY.belief(1)
    world = alley.Alleys([alley.draw("..o", "ring the bell")], 1)
    belief.begin(np.ones(1, dtype=np.bool_), world.observation())
    stage = Stage(ALLEY.goal("ring the bell").stages[0])
    return Deliberator(belief, planner, ALLEY.translator, 2.0), stage


def here(decider: Deliberator, stage: Stage) -> Any:
    return decider.belief.situations(np.zeros(1, dtype=np.int64), [stage.wanted])[0]


def test_a_plan_is_made_once_for_a_situation() -> None:
    planner = Counting()
    decider, stage = deliberator(planner)
    first, second = (decider.plan(0, here(decider, stage), stage, {}) for _ in range(2))
    assert first is second
    assert first.verdict is Verdict.ACT
    assert planner.asked == 1
    assert (decider.counters.plans, decider.counters.plan_cache_hits) == (2, 1)


def test_setbacks_and_stages_are_told_apart() -> None:
    planner = Counting()
    decider, stage = deliberator(planner)
    decider.plan(0, here(decider, stage), stage, {})
    decider.plan(0, here(decider, stage), stage, {"bell": 1})
    decider.plan(0, here(decider, stage), Stage(ALLEY.goal("fetch the coin").stages[0]), {})
    assert planner.asked == 3


@pytest.mark.parametrize(("status", "asked"), [(PlanStatus.UNSOLVABLE, 1), (PlanStatus.TIMED_OUT, 2)])
def test_only_what_is_certain_is_kept(status: PlanStatus, asked: int) -> None:
    planner = Counting(status)
    decider, stage = deliberator(planner)
    decisions = [decider.plan(0, here(decider, stage), stage, {}) for _ in range(2)]
    assert {decision.verdict for decision in decisions} == {Verdict.STUCK}
    assert planner.asked == asked


def test_plans_with_the_same_ending_share_it() -> None:
    decider, _ = deliberator(Counting())
    a, b, c = (Operator(name, (name,)) for name in "abc")
    first, second = decider._intend(Plan((a, b, c))), decider._intend(Plan((b, replace(c, cost=7.0))))
    assert first is not None
    assert first.then is second, "what a step costs does not matter to following it"
    assert (first.label, second and second.label) == ("(a a)", "(b b)")
    assert first.steps() == (a, b, c)
    assert decider._intend(Plan((c, b))) is not second
    assert decider._intend(Plan()) is None


def test_aims_are_numbered_once() -> None:
    decider, _ = deliberator(Counting())
    aims = [np.full(4, value, dtype=np.int32) for value in range(200)]
    numbers = [decider._number(aim) for aim in aims + aims]
    assert numbers == [*range(200), *range(200)]
    assert np.array_equal(decider.aims[numbers[:200]], np.stack(aims))


def test_the_latest_used_are_kept() -> None:
    memo: RecentlyUsed[str, int] = RecentlyUsed(2)
    memo.keep("a", 1)
    memo.keep("b", 2)
    assert memo.find("a") == 1
    memo.keep("c", 3)
    assert (memo.find("a"), memo.find("b"), memo.find("c")) == (1, None, 3)
    with pytest.raises(ValueError, match="1 or more"):
        RecentlyUsed(0)
