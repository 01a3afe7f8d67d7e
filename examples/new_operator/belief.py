"""MiniGrid's belief with one operator more: what it means, what a controller is told of it, and when it is done.

A subgoal row is MiniGrid's, as if the thing were to be gone to, with one more column; the features are MiniGrid's with
two more numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from neurosym_domains.minigrid import subgoals as sg  # pyright: ignore
from neurosym_domains.minigrid.belief import MiniGridBelief  # pyright: ignore
from neurosym_domains.minigrid.codes import HEADING_X, HEADING_Y  # pyright: ignore
from neurosym_domains.minigrid.map import HEADING, SIZE, WRAP, X, Y  # pyright: ignore
from numpy.typing import NDArray

from neurosym.belief import FeatureArrays, Situation
from neurosym.symbols import Atom, Operator, Problem, State, Wanted

NOW, NEXT = 1, 2  # bits of the last column of a row: this step is to guard, the next one is
DENSE = sg.DENSE + 2


class GuardBelief(MiniGridBelief):
    """Beliefs about N worlds in which things are guarded; see `neurosym.belief.Belief`."""

    subgoal_columns = sg.COLUMNS + 1

    def state(self, index: int) -> State:
        return super().state(index) | self._guarded(index)

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        problem = super().problem(index, stage, setbacks, later)
        return replace(problem, init=problem.init | self._guarded(index))

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> Sequence[Situation]:
        backs = self._at_the_back()[which].tolist()
        known = super().situations(which, stages, later)
        return [Situation((facts, back), costs) for (facts, costs), back in zip(known, backs, strict=True)]

    def aim(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        aim = super().aim(index, _as_known(step), following and _as_known(following))
        guards = NOW * (step.name == "guard") | NEXT * (following is not None and following.name == "guard")
        return None if aim is None else np.append(aim, np.int32(guards))

    def subgoals(
        self, which: NDArray[np.int64], aims: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        rows, budgets = super().subgoals(which, _without_last(aims))
        return np.column_stack([rows, aims[:, -1]]), budgets

    def meddled(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return super().meddled(_without_last(subgoals))

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        guarded = subgoals[:, sg.THING] == self._at_the_back()
        return np.where(subgoals[:, -1] & NOW, guarded, super().achieved(_without_last(subgoals)))

    def features(
        self,
        subgoals: NDArray[np.int32],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        sparse, dense = super().features(_without_last(subgoals), which)
        guards = subgoals[:, -1] if which is None else subgoals[which, -1]
        flags = np.column_stack([guards & NOW, guards & NEXT]) > 0
        features = sparse, np.hstack([dense, flags.astype(np.float32)])
        if out is None:
            return features
        out[0][:], out[1][:] = features
        return out

    def _at_the_back(self) -> NDArray[np.int16]:
        """int16[N], 1 + the number of the thing behind each agent, 0 for none."""
        agent = self.map.agent
        heading = agent[:, HEADING]
        x, y = agent[:, X] - HEADING_X[heading], agent[:, Y] - HEADING_Y[heading]
        return self.map.ids[np.arange(len(agent)), (x & WRAP) * SIZE + (y & WRAP)]

    def _guarded(self, index: int) -> State:
        thing = int(self._at_the_back()[index])
        return frozenset({Atom("guarded", (self.map.name(index, thing - 1),))} if thing else ())


def _as_known(step: Operator) -> Operator:
    """What MiniGrid makes of a step: to guard a thing one has to go to it."""
    return Operator("go-to", step.args) if step.name == "guard" else step


def _without_last(rows: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.ascontiguousarray(rows[:, :-1])


__all__ = ["DENSE", "GuardBelief"]
