"""Executives and translators that differ from the full agent's in one thing."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.methods.operators import Choices
from neurosym.belief import Observation, Situation
from neurosym.deliberation import Decision, Deliberator, Intention, Stage, Verdict
from neurosym.errors import MissionError
from neurosym.executive import Executive, Thread
from neurosym.language import Instruction, Translator, Vocabulary
from neurosym.language.chat import Usage
from neurosym.monitor import Cause
from neurosym.options import Features
from neurosym.symbols import Description, Goal, Operator, Plan, PlanResult, PlanStatus, Problem, State, Wanted

__all__ = [
    "BlindExecutive",
    "Lots",
    "RandomOrder",
    "RandomOrderExecutive",
    "ScrambledExecutive",
    "WrongGoals",
]


class Lots:
    """Chance that begins anew with every episode of an agent, so that it does not depend on those played before."""

    def __init__(self, count: int) -> None:
        self.rng, self._plays = np.random.default_rng(0), count == 1

    def begin(self) -> None:
        if self._plays:
            self.rng = np.random.default_rng(0)


class RandomOrder(Deliberator):
    """Takes the step that `draw` says: its place among the aims of those that can be begun in world n."""

    draw: Callable[[int, Sequence[NDArray[np.int32]]], int]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._choices = Choices(self.belief)

    def plan(self, n: int, situation: Situation, stage: Stage, setbacks: Mapping[str, int]) -> Decision:
        choices = self._choices.find(n, situation, stage)
        if not choices:
            return Decision(Verdict.STUCK, trouble=Cause.MODEL, note="nothing can be begun")
        plan = Plan((choices[self.draw(n, [aim for _, aim in choices])][0],))
        problem = self._problem(n, situation, stage, {})
        return self._adopt(n, problem, PlanResult(PlanStatus.SOLVED, plan))

    def _compare(self, problem: Problem, n: int, intention: Intention | None, done: bool) -> Decision:
        if problem.goal.holds(problem.init):
            return Decision(Verdict.REACHED)
        if intention is None or done or not intention.step.applicable(problem.init):
            return Decision(Verdict.PLAN)
        return self._act(n, intention, problem)


class RandomOrderExecutive(Executive):
    """Takes any step that can be begun, whether it leads to the goal or not; never plans."""

    decides_by = RandomOrder
    deliberator: RandomOrder

    def __init__(self, domain: Any, count: int, *args: Any, **settings: Any) -> None:
        super().__init__(domain, count, *args, **settings)
        self._lots = Lots(count)
        self.deliberator.draw = lambda n, aims: int(self._lots.rng.integers(len(aims)))

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._lots.begin()
        super().begin(mask, observation)


class _Blind(Deliberator):
    """Takes it that each step had its effects, and that the plan's end is the goal."""

    def _compare(self, problem: Problem, n: int, intention: Intention | None, done: bool) -> Decision:
        if intention is None:
            return Decision(Verdict.REACHED if problem.goal.holds(problem.init) else Verdict.PLAN)
        goes_on = intention.then if done else intention
        return Decision(Verdict.REACHED) if goes_on is None else self._act(n, goes_on, problem)


class BlindExecutive(Executive):
    """Follows the first plan step by step to its end, whatever is seen on the way."""

    decides_by = _Blind

    def _interrupted(self, achieved: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.zeros_like(achieved)

    def _take_setback(self, thread: Thread, intention: Intention, age: int) -> None:
        thread.note("failed", f"{intention.label}: not achieved within {age} steps")

    def _still_wanting(self, which: Sequence[int], done: Sequence[bool]) -> list[tuple[int, bool]]:
        unfinished = [pair for pair in zip(which, done, strict=True) if not self.threads[pair[0]].finished]
        for n in which:
            if self.threads[n].finished:
                self._idle(n)
        return super()._still_wanting([n for n, _ in unfinished], [good for _, good in unfinished])

    def _decide(self, n: int, situation: Situation, done: bool) -> Decision:
        decision = super()._decide(n, situation, done)
        if decision.verdict is Verdict.STUCK and decision.intention is not None:
            self.threads[n].intention = decision.intention  # the step is waited for
        return decision

    def _leave_the_circle(self, thread: Thread, intention: Intention) -> None:
        """Nothing is noticed."""

    def _idle(self, n: int) -> None:
        thread = self.threads[n]
        plan, position, intention = thread.plan, thread.position, thread.intention
        super()._idle(n)
        thread.plan, thread.position, thread.intention = plan, position, intention


class ScrambledExecutive(Executive):
    """Plans and monitors as ever, but the controllers are told a step drawn by lot from those that can be begun."""

    def __init__(self, domain: Any, count: int, *args: Any, **settings: Any) -> None:
        super().__init__(domain, count, *args, **settings)
        self.told = np.zeros_like(self.subgoals)
        self._choices, self._lots = Choices(self.belief), Lots(count)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._lots.begin()
        super().begin(mask, observation)

    def features(self, which: NDArray[np.int64] | None = None, out: Features | None = None) -> Features:
        arrays = None if out is None else (out.sparse, out.dense)
        return Features(*self.belief.features(self.told, which, arrays))

    def _deliberate(self, which: NDArray[np.int64], done: NDArray[np.bool_]) -> None:
        super()._deliberate(which, done)
        self.told[which] = self.subgoals[which]
        acting = [n for n in which.tolist() if self.subgoals[n].any()]
        aims = dict(self._draw(acting)) if acting else {}
        if aims:
            numbers = np.array(list(aims))
            self.told[numbers], _ = self.belief.subgoals(numbers, np.stack(list(aims.values())))

    def _draw(self, acting: Sequence[int]) -> Iterator[tuple[int, NDArray[np.int32]]]:
        for n, situation in zip(acting, self._situations(acting), strict=True):
            choices = self._choices.find(n, situation, self.threads[n].stage)
            if choices:
                yield n, choices[int(self._lots.rng.integers(len(choices)))][1]


class WrongGoals:
    """A translator that takes each mission for another one; always for the same.

    In place of each thing that is wanted stands another that the vocabulary permits, drawn by the mission's checksum.
    """

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    @property
    def usage(self) -> Usage:
        return self._translator.usage

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        right = self._translator.goal(mission, vocabulary)
        lot = zlib.crc32(mission.encode())
        return Goal(
            tuple(tuple(_another(wanted, vocabulary, lot) for wanted in stage) for stage in right.stages)
        )

    def instruct(self, step: Operator, state: State) -> Instruction:
        return self._translator.instruct(step, state)


def _another(wanted: Wanted, vocabulary: Vocabulary, lot: int) -> Wanted:
    """Something else that may be wanted: of things of another type if there are such, by another predicate if so."""
    kinds = {thing.type for thing in wanted.arguments}

    def likeness(other: Wanted) -> tuple[bool, bool]:
        return any(thing.type in kinds for thing in other.arguments), other.predicate == wanted.predicate

    everything = list(_all_wanted(vocabulary))
    least = min(map(likeness, everything), default=(True, True))
    if all(least):
        raise MissionError(f"there is nothing else to want than {wanted}", fragment=str(wanted))
    others = [one for one in everything if likeness(one) == least]
    return others[lot % len(others)]


def _all_wanted(vocabulary: Vocabulary) -> Iterator[Wanted]:
    """Each predicate of each combination of types that nothing is a part of."""
    parents = {entry.type for entry in vocabulary.types}
    leaves = [entry.name for entry in vocabulary.types if entry.name not in parents]
    for signature in vocabulary.predicates:
        fitting = [
            [leaf for leaf in leaves if vocabulary.is_a(leaf, parameter.type)]
            for parameter in signature.parameters
        ]
        for kinds in product(*fitting):
            yield Wanted(signature.name, tuple(Description(kind, definite=False) for kind in kinds))
