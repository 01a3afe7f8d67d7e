"""What is believed of a PDDL world: what is observed, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import FeatureArrays, Foresight, Observation, Situation
from neurosym.pddlworld.strips import StripsWorld
from neurosym.symbols import Operator, Problem, State, Wanted

__all__ = ["PddlBelief"]


class PddlBelief:
    """Beliefs about N copies of one PDDL world; see `neurosym.belief.Belief`.

    A subgoal is one number: 1 and the operator's. It is achieved when all that the operator adds is seen and nothing
    that it deletes is; a primitive action is an option of one step (Sutton, Precup & Singh 1999, section 2).
    """

    subgoal_columns = 1

    def __init__(self, strips: StripsWorld, count: int) -> None:
        self.strips = strips
        fluents = strips.world.fluents
        self.values = np.zeros((count, len(fluents)), dtype=np.bool_)
        numbers = {atom: number for number, atom in enumerate(fluents)}
        self._add = [_places(operator.add, numbers) for operator in strips.operators]
        self._delete = [_places(operator.delete, numbers) for operator in strips.operators]

    def heed(self, foresight: Foresight | None) -> None:
        """Nothing to heed: what actions cost is written down."""

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self.values[mask] = observation["atoms"][mask] > 0

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        self.values[:] = observation["atoms"] > 0

    def state(self, index: int) -> State:
        fluents = self.strips.world.fluents
        return frozenset(fluents[number] for number in np.flatnonzero(self.values[index]).tolist())

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        return self.strips.problem(self.state(index), setbacks)

    def forget_accomplishments(self, index: int) -> None:
        pass

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> list[Situation]:
        return [Situation(self.values[n].tobytes(), ()) for n in which]

    def aim(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        number = self.strips.numbers.get(step)
        return None if number is None else np.array([1 + number], dtype=np.int32)

    def subgoals(
        self, which: NDArray[np.int64], aims: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return aims, np.ones(len(aims), dtype=np.int64)

    def can_begin(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Everywhere: an action that is not permitted does nothing."""
        return np.any(subgoals, axis=1)

    def surprised(self) -> NDArray[np.bool_]:
        return np.zeros(len(self.values), dtype=np.bool_)

    def meddled(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return np.zeros(len(subgoals), dtype=np.bool_)

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        rows = zip(self.values, subgoals[:, 0].tolist(), strict=True)
        return np.array(
            [
                number > 0
                and bool(row[self._add[number - 1]].all() and not row[self._delete[number - 1]].any())
                for row, number in rows
            ],
            dtype=np.bool_,
        )

    def features(
        self,
        subgoals: NDArray[np.int32],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        """The number of the ground action to take, and 1; 0 where there is none."""
        numbers = (subgoals if which is None else subgoals[which])[:, :1]
        told = np.where(numbers > 0, 1 + self.strips.actions[numbers - 1], 0).astype(np.int32)
        if out is None:
            return told, np.zeros((len(told), 0), dtype=np.float32)
        out[0][:] = told
        return out


def _places(atoms: State, numbers: dict) -> NDArray[np.int64]:
    return np.array(sorted(numbers[atom] for atom in atoms), dtype=np.int64)
