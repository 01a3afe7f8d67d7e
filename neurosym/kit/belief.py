"""Beliefs about a batch of environments, from what a domain's author says of one observation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import FeatureArrays, Foresight, Observation, Situation
from neurosym.errors import MissionError
from neurosym.kit.efforts import Grounding, ground_steps
from neurosym.kit.subgoal import Subgoal
from neurosym.referents import agree
from neurosym.symbols import (
    Atom,
    Condition,
    Description,
    Literal,
    Operator,
    Problem,
    State,
    TypedName,
    Wanted,
)

if TYPE_CHECKING:
    from neurosym.kit.domain import GymDomain

__all__ = ["GymBelief"]

DETOUR = 25.0  # primitive steps that a setback is worth
ROUNDING = 2.0  # efforts are told in halves of a step, so that plans are kept while they hardly change
UNTRIED = 1.0  # an option that was never begun is expected to take one step: whoever is in doubt tries it


class GymBelief:
    """Beliefs about N environments of a `GymDomain`; see `neurosym.belief.Belief`.

    What is believed is what `perceive` makes of the latest observation; a subgoal row is the number of a step of a plan
    among those met so far in this process.
    """

    subgoal_columns = 1

    def __init__(self, domain: GymDomain, count: int) -> None:
        self.domain = domain
        self.views: list[Any] = [None] * count
        self._states: list[State | None] = [None] * count
        self._ready: list[tuple[State, dict[int, bool]]] = [(frozenset(), {})] * count
        self._told = np.zeros(count, dtype=np.int64)
        self._foresight: Foresight | None = None
        self._groundings: dict[tuple[tuple[TypedName, ...], State], list[Grounding]] = {}

    def heed(self, foresight: Foresight | None) -> None:
        """Plan by what a controller expects its options to take."""
        self._foresight = foresight

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        for n in np.flatnonzero(mask).tolist():
            self._see(n, self.domain.perceive(None, None, observation["observation"][n]))
        self._told[mask] = 0

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        for n, action in enumerate(actions.tolist()):
            self._see(n, self.domain.perceive(self.views[n], action, observation["observation"][n]))

    def _see(self, n: int, view: Any) -> None:
        self.views[n], self._states[n] = view, None

    def state(self, index: int) -> State:
        state = self._states[index]
        if state is None:
            state = self._states[index] = self.domain.read_state(self.views[index])
        return state

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        view, state, objects = self.views[index], self.state(index), self._objects(index)
        costs = {term: value + _penalty(term, setbacks) for term, value in self.domain.read_costs(view)}
        efforts = self._efforts_now(index)
        for grounding in self._ground(objects, state):
            effort = self._effort(grounding, efforts)
            costs[grounding.term] = effort + _penalty(grounding.term, setbacks, grounding.step.name)
        goal = self._goal(view, stage, objects)
        return Problem(self.domain.costed_model, objects, state, goal, tuple(costs.items()))

    def forget_accomplishments(self, index: int) -> None:
        """Nothing to forget: what holds is what is seen."""

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> Sequence[Situation]:
        return [self._situation(n) for n in which.tolist()]

    def _situation(self, n: int) -> Situation:
        facts = (self._objects(n), self.state(n))
        costs: list[Any] = list(self.domain.read_costs(self.views[n]))
        if self._foresight is not None:
            costs += sorted({**self._remembered(), **self._efforts_now(n)}.items())
        return Situation(facts, tuple(costs))

    def aim(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        if self.domain.learner == "table":
            following = None  # a table's values end with the option, whatever comes next
        return np.array([self.domain.number_of(Subgoal(step, following))], dtype=np.int32)

    def subgoals(
        self, which: NDArray[np.int64], aims: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        self._told[which] = aims[:, 0]
        budgets = [
            self.domain.budget_of(self.views[n], self.domain.subgoal(int(aim)))
            for n, aim in zip(which.tolist(), aims[:, 0], strict=True)
        ]
        return aims, np.array(budgets, dtype=np.int64)

    def can_begin(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool[N]: where the operator's precondition holds."""
        return np.array([self._can_begin(n, int(row)) for n, row in enumerate(subgoals[:, 0])], np.bool_)

    def _can_begin(self, n: int, row: int) -> bool:
        if not row:
            return False
        state = self.state(n)
        if self._ready[n][0] != state:
            self._ready[n] = state, {}
        known = self._ready[n][1]
        if row not in known:
            known[row] = self.domain.subgoal(row).step.applicable(state)
        return known[row]

    def surprised(self) -> NDArray[np.bool_]:
        """bool[N]: where the step in hand could not be begun any more, nor is done."""
        return np.array([self._is_surprised(n) for n in range(len(self.views))], dtype=np.bool_)

    def _is_surprised(self, n: int) -> bool:
        if not self._told[n]:
            return False
        return not self._can_begin(n, int(self._told[n])) and not self._is_achieved(n, int(self._told[n]))

    def meddled(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return np.zeros(len(subgoals), dtype=np.bool_)

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return np.array([self._is_achieved(n, int(row)) for n, row in enumerate(subgoals[:, 0])], np.bool_)

    def _is_achieved(self, n: int, row: int) -> bool:
        if not row:
            return False
        return self.domain.achieved(self.views[n], self.state(n), self.domain.subgoal(row))

    def features(
        self,
        subgoals: NDArray[np.int32],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        worlds = range(len(self.views)) if which is None else which.tolist()
        if out is None:
            empty = self.domain.feature_spec.empty(len(worlds))
            out = empty.sparse, empty.dense
        else:
            out[0][:], out[1][:] = 0, 0.0
        for place, n in enumerate(worlds):
            if row := int(subgoals[n, 0]):
                self._write(n, self.domain.subgoal(row), place, out)
        return out

    def _write(self, n: int, subgoal: Subgoal, place: int, out: FeatureArrays) -> None:
        value = self.domain.features(self.views[n], subgoal)
        encoder = self.domain.encoder
        encoder.write(value, out[0][place, : encoder.width], out[1][place])

    def _objects(self, index: int) -> tuple[TypedName, ...]:
        return tuple(TypedName(*pair) for pair in self.domain.objects(self.views[index]).items())

    def _goal(self, view: Any, stage: tuple[Wanted, ...], objects: tuple[TypedName, ...]) -> Condition:
        """Any way in which the things described may be those there are."""
        ways: list[list[Atom]] = []
        for wanted in stage:
            named = [self._named(view, thing, objects) for thing in wanted.arguments]
            for thing, names in zip(wanted.arguments, named, strict=True):
                if not names:
                    raise MissionError(f"there is no {thing.type} that fits {thing}", fragment=str(thing))
            ways.append([Atom(wanted.predicate, names) for names in product(*named)])
        return Condition(tuple(frozenset(map(Literal, way)) for way in product(*ways) if agree(stage, way)))

    def _named(self, view: Any, thing: Description, objects: tuple[TypedName, ...]) -> Sequence[str]:
        if not thing.name:
            return self.domain.refer(view, thing, objects)
        known = (*self.domain.model.constants, *objects)
        return [entry.name for entry in known if entry.name == thing.name]

    def _ground(self, objects: tuple[TypedName, ...], state: State) -> list[Grounding]:
        """The operators there are; worked out once for each set of things and of facts that never change."""
        key = objects, self.domain.static_part(state)
        known = self._groundings.get(key)
        if known is None:
            known = self._groundings[key] = ground_steps(self.domain.model, objects, state)
        return known

    def _effort(self, grounding: Grounding, efforts: Mapping[str, float]) -> float:
        if self._foresight is None:
            return grounding.base
        known = efforts.get(grounding.label)
        if known is None:
            known = self._remembered().get(grounding.label, UNTRIED)
        return max(known, grounding.base)

    def _remembered(self) -> Mapping[str, float]:
        return {} if self._foresight is None else self._foresight.remembered

    def _efforts_now(self, n: int) -> dict[str, float]:
        """What is expected of each option that can be begun now; remembered, for plans that lead here again."""
        if self._foresight is None:
            return {}
        state = self.state(n)
        ready = [one for one in self._ground(self._objects(n), state) if one.step.applicable(state)]
        if not ready:
            return {}
        rows = self.domain.feature_spec.empty(len(ready))
        for place, one in enumerate(ready):
            self._write(n, Subgoal(one.step), place, (rows.sparse, rows.dense))
        efforts = np.round(self._foresight.efforts((rows.sparse, rows.dense)) * ROUNDING) / ROUNDING
        found = dict(zip((one.label for one in ready), efforts.tolist(), strict=True))
        for label, effort in found.items():
            self._foresight.remember(label, effort)
        return found


def _penalty(term: Atom, setbacks: Mapping[str, int], name: str = "") -> float:
    return DETOUR * sum(setbacks.get(word, 0) for word in (*term.args, name)) if setbacks else 0.0
