"""Deciding what to do next: follow the plan while the world agrees with it, plan again where it does not.

A decision depends on what the situation, the mission's stage and the plan in hand are, and on nothing else, so each
is made once and kept. In training nearly all decisions are found among those made before, and neither a symbol nor a
plan has to be made.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, Situation
from neurosym.errors import LanguageModelError, NeurosymError, PlanningError
from neurosym.language import Instruction, Translator
from neurosym.monitor import Cause, compare_effects, still_holds
from neurosym.planning import Planner
from neurosym.planning.memo import RecentlyUsed
from neurosym.symbols import Operator, Plan, PlanResult, PlanStatus, Problem, Wanted

__all__ = ["Counters", "Decision", "Deliberator", "Intention", "Stage", "Verdict"]

KEPT_DECISIONS = 1 << 17


@dataclass
class Counters:
    """What deliberation has cost so far, over all episodes.

    Attributes:
        plans: how often a new plan was needed; plan_cache_hits: and was known already.
        planning_seconds: wall time spent on that, on stating the problems too.
        options: (operator, achieved) → how often.
    """

    plans: int = 0
    plan_cache_hits: int = 0
    planning_seconds: float = 0.0
    options: Counter[tuple[str, bool]] = field(default_factory=Counter)


@dataclass(frozen=True, eq=False, slots=True)
class Stage:
    """One stage of a mission, told apart by identity: comparing what is wanted would take longer than deciding.

    Attributes:
        later: what the stages after this one want.
    """

    wanted: tuple[Wanted, ...]
    later: tuple[Wanted, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Intention:
    """A step of a plan and those after it, told apart by identity; plans with the same ending share it.

    Attributes:
        label: the step as text.
        then: the next intention; None at the end of the plan.
    """

    step: Operator
    label: str
    then: Intention | None = None

    def steps(self) -> tuple[Operator, ...]:
        """This step and those after it."""
        steps, intention = [], self
        while intention is not None:
            steps.append(intention.step)
            intention = intention.then
        return tuple(steps)


class Verdict(Enum):
    """What there is to do."""

    ACT = "act"
    REACHED = "reached"  # the stage's goal holds
    PLAN = "plan"  # the plan in hand does not serve, or there is none
    STUCK = "stuck"  # nothing can be done


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done.

    Attributes:
        intention: the step to take, for ACT; plan: the new plan that it begins, if there is one.
        aim: its number in `Deliberator.aims`.
        instruction: the step in words.
        trouble: who is to blame, for STUCK.
        note: the new plan, or why the old one does not serve, or why nothing can be done; empty if all goes as planned.
    """

    verdict: Verdict
    intention: Intention | None = None
    plan: Plan | None = None
    aim: int = -1
    instruction: Instruction | None = None
    trouble: Cause | None = None
    note: str = ""


class Deliberator:
    """Makes decisions for the environments of a belief, and keeps them.

    Args:
        by_costs: plans are kept by facts and costs; else by facts alone, so that one that was the cheapest where it was
            made serves wherever the facts are the same.

    Attributes:
        aims: int32[A, columns], all aims met so far.
    """

    def __init__(
        self,
        belief: Belief,
        planner: Planner,
        translator: Translator,
        time_limit_s: float,
        by_costs: bool = True,
    ) -> None:
        self.belief, self.planner, self.translator = belief, planner, translator
        self.time_limit_s, self.by_costs = time_limit_s, by_costs
        self.counters = Counters()
        self.aims: NDArray[np.int32] = np.zeros((0, 0), dtype=np.int32)
        self._aim_numbers: dict[bytes, int] = {}
        self._followed: RecentlyUsed[tuple, Decision] = RecentlyUsed(KEPT_DECISIONS)
        self._planned: RecentlyUsed[tuple, Decision] = RecentlyUsed(KEPT_DECISIONS)
        self._intentions: RecentlyUsed[tuple, Intention] = RecentlyUsed(KEPT_DECISIONS)
        self._stated: tuple[tuple[Situation, Stage], Problem] | None = None

    def follow(
        self, n: int, situation: Situation, stage: Stage, intention: Intention | None, done: bool
    ) -> Decision:
        """What to do about the plan in hand; `done`: the step intended last was achieved just now.

        The verdict is ACT, REACHED or PLAN.
        """
        key = (situation.facts, stage, intention, done)
        decision = self._followed.find(key)
        if decision is None:
            decision = self._compare(self._problem(n, situation, stage, {}), n, intention, done)
            self._followed.keep(key, decision)
        return decision

    def plan(self, n: int, situation: Situation, stage: Stage, setbacks: Mapping[str, int]) -> Decision:
        """What to do by a new plan. The verdict is ACT or STUCK."""
        start = time.perf_counter()
        found = situation if self.by_costs else situation.facts
        key = (found, stage, tuple(sorted(setbacks.items())) if setbacks else ())
        decision = self._planned.find(key)
        if decision is None:
            decision = self._plan_anew(n, self._problem(n, situation, stage, setbacks), key)
        else:
            self.counters.plan_cache_hits += 1
        self.counters.plans += 1
        self.counters.planning_seconds += time.perf_counter() - start
        return decision

    def _plan_anew(self, n: int, problem: Problem, key: tuple) -> Decision:
        result = self._ask_planner(problem)
        self.counters.plan_cache_hits += result.cached
        decision = self._adopt(n, problem, result)
        if result.status in (PlanStatus.SOLVED, PlanStatus.UNSOLVABLE):
            self._planned.keep(key, decision)
        return decision

    def _problem(self, n: int, situation: Situation, stage: Stage, setbacks: Mapping[str, int]) -> Problem:
        """The problem; stated once where the plan in hand is compared with it and a new one is made at once."""
        if setbacks:
            return self.belief.problem(n, stage.wanted, setbacks, stage.later)
        if self._stated is None or self._stated[0] != (situation, stage):
            self._stated = (situation, stage), self.belief.problem(n, stage.wanted, {}, stage.later)
        return self._stated[1]

    def _compare(self, problem: Problem, n: int, intention: Intention | None, done: bool) -> Decision:
        if problem.goal.holds(problem.init):
            return Decision(Verdict.REACHED)
        if intention is None:
            return Decision(Verdict.PLAN)
        if done:
            discrepancy = compare_effects(intention.step, problem)
            if discrepancy:
                return Decision(Verdict.PLAN, note=f"{intention.label}: {discrepancy}")
        goes_on = intention.then if done else intention
        if goes_on is None or not still_holds(goes_on.steps(), problem):
            return Decision(Verdict.PLAN)
        return self._act(n, goes_on, problem)

    def _ask_planner(self, problem: Problem) -> PlanResult:
        try:
            return self.planner.plan(problem, time_limit_s=self.time_limit_s)
        except PlanningError as error:
            return PlanResult(PlanStatus.GAVE_UP, reason=str(error))

    def _adopt(self, n: int, problem: Problem, result: PlanResult) -> Decision:
        first = self._intend(result.plan) if result.plan else None
        if first is not None:
            decision = self._act(n, first, problem)
            return replace(decision, plan=result.plan, note=decision.note or str(result.plan))
        trouble = Cause.MODEL if result.status is PlanStatus.UNSOLVABLE else Cause.PLANNER
        return Decision(Verdict.STUCK, trouble=trouble, note=f"{result.status.value}: {result.reason}")

    def _intend(self, plan: Plan) -> Intention | None:
        """The first step of a plan; None if it has no steps."""
        then = None
        for step in reversed(plan.steps):
            label = str(step)
            key = (label, step.precondition, step.add, step.delete, then)  # one action may go in several ways
            known = self._intentions.find(key)
            if known is None:
                known = Intention(step, label, then)
                self._intentions.keep(key, known)
            then = known
        return then

    def _act(self, n: int, intention: Intention, problem: Problem) -> Decision:
        """Told to the controller in numbers and to people in words, if that can be done."""
        following = intention.then.step if intention.then else None
        aim = self.belief.aim(n, intention.step, following)
        if aim is None:
            note = f"{intention.label}: speaks of things that are not there"
            return Decision(Verdict.STUCK, intention, trouble=Cause.MODEL, note=note)
        try:
            instruction = self.translator.instruct(intention.step, problem.init)
        except LanguageModelError:
            raise
        except NeurosymError as error:
            return Decision(Verdict.STUCK, intention, trouble=Cause.TRANSLATOR, note=str(error))
        return Decision(Verdict.ACT, intention, aim=self._number(aim), instruction=instruction)

    def _number(self, aim: NDArray[np.int32]) -> int:
        number = self._aim_numbers.setdefault(aim.tobytes(), len(self._aim_numbers))
        if number >= len(self.aims):
            known = self.aims.reshape(number, len(aim))
            self.aims = np.concatenate([known, np.zeros((number + 64, len(aim)), dtype=np.int32)])
        self.aims[number] = aim
        return number
