"""What a policy without a plan is told: the belief with the mission's goal in place of a step, words, the raw view."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.methods.view import View, Whitening
from neurosym.belief import Belief, FeatureArrays, Observation, Situation
from neurosym.deliberation import Stage
from neurosym.domain import Domain
from neurosym.errors import MissionError
from neurosym.options import FeatureSpec
from neurosym.planning.memo import RecentlyUsed
from neurosym.symbols import ActionSchema, Atom, Goal, Operator, PlanningDomain, Problem

__all__ = ["Goals", "RawView", "Teller", "Words"]

WORD_ROWS = 4096
MOST_WORDS = 40
KEPT_AIMS = 1 << 16
PATIENCE = 8  # steps after which what the goal is about is looked for again


class Teller(Protocol):
    """Tells a policy something about N environments.

    Attributes:
        spec: the sizes of what it tells.
    """

    spec: FeatureSpec

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None: ...
    def update(self, observation: Observation) -> None: ...
    def features(self, which: NDArray[np.int64]) -> FeatureArrays:
        """int32[M, K] and float32[M, D] for int64[M] `which`; row 0 says nothing."""
        ...


class Words:
    """The words of the mission: a row for each word, and one for each word in its place.

    Rows are given by a checksum, so that words nobody met before have theirs too.
    """

    def __init__(self, count: int, actions: int) -> None:
        self.spec = FeatureSpec(WORD_ROWS, 2 * MOST_WORDS, 0, actions)
        self._rows = np.zeros((count, self.spec.width), np.int32)
        self._known: RecentlyUsed[str, NDArray[np.int32]] = RecentlyUsed(KEPT_AIMS)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        for n in np.flatnonzero(mask).tolist():
            self._rows[n] = self._read(str(observation["mission"][n]))

    def update(self, observation: Observation) -> None:
        """A mission stays as it is."""

    def features(self, which: NDArray[np.int64]) -> FeatureArrays:
        return self._rows[which], np.zeros((len(which), 0), np.float32)

    def _read(self, mission: str) -> NDArray[np.int32]:
        known = self._known.find(mission)
        if known is None:
            words = re.findall(r"\w+", mission.lower())[:MOST_WORDS]
            said = [*words, *(f"{place} {word}" for place, word in enumerate(words))]
            known = np.zeros(self.spec.width, np.int32)
            known[: len(said)] = [1 + zlib.crc32(word.encode()) % (WORD_ROWS - 1) for word in said]
            self._known.keep(mission, known)
        return known


class RawView:
    """What the environment returns, but for the mission: a row for each choice and its value, and whitened numbers.

    Args:
        count: N environments.
        actions: of the domain.
        practising: whether what is seen here is counted by the whitening.
    """

    def __init__(self, view: View, whitening: Whitening, count: int, actions: int, practising: bool) -> None:
        self.spec = FeatureSpec(view.rows, view.width, view.dense, actions)
        self._view, self._whitening, self._practising = view, whitening, practising
        self._rows = np.zeros((count, self.spec.width), np.int32)
        self._numbers = np.zeros((count, view.dense))

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._read(mask, observation)

    def update(self, observation: Observation) -> None:
        self._read(np.ones(len(self._rows), np.bool_), observation)

    def features(self, which: NDArray[np.int64]) -> FeatureArrays:
        return self._rows[which], self._whitening(self._numbers[which])

    def _read(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._rows = self._view.choices(observation)
        self._numbers = self._view.numbers(observation)
        if self._practising:
            self._whitening.count(self._numbers[mask])


class Goals:
    """The belief's features with what the mission asks for in place of a plan's step.

    Where a step would be told, there stands the first thing that the mission's stage asks for and that does not hold
    yet, as the operator that brings it about would be told, as soon as the belief can say where it is.
    No plan is made.
    """

    def __init__(self, domain: Domain, belief: Belief, count: int) -> None:
        self.domain, self.belief, self.spec = domain, belief, domain.feature_spec
        self.subgoals = np.zeros((count, belief.subgoal_columns), np.int32)
        self._stages: list[tuple[Stage, ...]] = [()] * count
        self._at = np.zeros(count, np.int64)
        self._age = np.zeros(count, np.int64)
        self._missions: RecentlyUsed[str, tuple[Stage, ...]] = RecentlyUsed(KEPT_AIMS)
        self._aims: RecentlyUsed[tuple[Any, ...], tuple[bool, NDArray[np.int32] | None]] = RecentlyUsed(
            KEPT_AIMS
        )

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        which = np.flatnonzero(mask)
        for n in which.tolist():
            self._stages[n] = self._read(str(observation["mission"][n]))
        self._at[which] = 0
        self._look(which)

    def update(self, observation: Observation) -> None:
        self._age += 1
        over = self.belief.achieved(self.subgoals) | self.belief.surprised() | (self._age >= PATIENCE)
        self._look(np.flatnonzero(over))

    def features(self, which: NDArray[np.int64]) -> FeatureArrays:
        return self.belief.features(self.subgoals, which)

    def _read(self, mission: str) -> tuple[Stage, ...]:
        known = self._missions.find(mission)
        if known is None:
            try:
                goal = self.domain.goal(mission)
            except MissionError:  # then the words alone must do
                goal = Goal(())
            known = tuple(Stage(wanted) for wanted in (*goal.stages, self.domain.closing) if wanted)
            self._missions.keep(mission, known)
        return known

    def _look(self, which: NDArray[np.int64]) -> None:
        """See anew what the goal is about in int64[M] `which`."""
        self._age[which] = 0
        self.subgoals[which] = 0
        pending = [n for n in which.tolist() if self._stages[n]]
        while pending:
            pending = self._aim(pending)

    def _aim(self, which: Sequence[int]) -> list[int]:
        """Tell what is wanted now; those that have come to the next stage of their mission are returned."""
        stages = [self._stages[n][self._at[n]] for n in which]
        situations = self.belief.situations(np.array(which), [stage.wanted for stage in stages])
        told: list[tuple[int, NDArray[np.int32]]] = []
        again: list[int] = []
        for n, stage, situation in zip(which, stages, situations, strict=True):
            reached, aim = self._decide(n, stage, situation)
            if reached and self._at[n] + 1 < len(self._stages[n]):
                self._at[n] += 1
                self.belief.forget_accomplishments(n)
                again.append(n)
            elif aim is not None:
                told.append((n, aim))
        if told:
            numbers = np.array([n for n, _ in told])
            self.subgoals[numbers], _ = self.belief.subgoals(numbers, np.stack([aim for _, aim in told]))
        return again

    def _decide(self, n: int, stage: Stage, situation: Situation) -> tuple[bool, NDArray[np.int32] | None]:
        key = situation.facts, stage
        known = self._aims.find(key)
        if known is None:
            known = self._find_aim(n, stage)
            self._aims.keep(key, known)
        return known

    def _find_aim(self, n: int, stage: Stage) -> tuple[bool, NDArray[np.int32] | None]:
        """Whether the stage's goal holds; what is to be aimed at, None if nobody knows where that is."""
        try:
            problem = self.belief.problem(n, stage.wanted, {})
        except MissionError:
            return False, None
        if problem.goal.holds(problem.init):
            return True, None
        missing = (
            literal.atom
            for way in problem.goal.alternatives
            for literal in sorted(way)
            if literal.positive and not literal.holds(problem.init)
        )
        costs, of_type = dict(problem.costs), _first_of_each_type(problem)
        operators = chain.from_iterable(
            _operators_for(atom, problem.domain, costs, of_type) for atom in missing
        )
        aims = (self.belief.aim(n, operator, None) for operator in operators)
        return False, next((aim for aim in aims if aim is not None), None)


def _operators_for(
    atom: Atom, domain: PlanningDomain, costs: dict[Atom, float], of_type: dict[str, str]
) -> Iterator[Operator]:
    """An operator of each action that brings an atom about; what the atom does not say is filled in with anything."""
    for action in domain.actions:
        for effect in action.add:
            if effect.predicate == atom.predicate:
                known = dict(zip(effect.args, atom.args, strict=True))
                args = tuple(known.get(each.name) or of_type.get(each.type, "") for each in action.parameters)
                if all(args):
                    yield _bind(action, args, costs)
                break


def _first_of_each_type(problem: Problem) -> dict[str, str]:
    first: dict[str, str] = {}
    for thing in (*problem.objects, *problem.domain.constants):
        for kind in problem.domain.ancestors(thing.type):
            first.setdefault(kind, thing.name)
    return first


def _bind(action: ActionSchema, args: tuple[str, ...], costs: dict[Atom, float]) -> Operator:
    try:
        return action.bind(args, costs)
    except KeyError:  # what such an operator would cost is of no interest here
        return Operator(action.name, args)
