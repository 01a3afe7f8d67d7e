"""The perception contract: observations and actions in, believed symbols and a policy's inputs out.

One object holds the beliefs about a batch of N environments; one environment is a batch of one. A belief is built from
what the environment returns and from the agent's own actions, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from neurosym.symbols import Operator, Problem, State, Wanted

__all__ = ["Belief", "Describing", "FeatureArrays", "Foresight", "Observation", "Situation"]

Observation = Mapping[str, Any]
"""A batch of observations: for each key of the environment's observation, N values."""


FeatureArrays: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float32]]
"""A policy's inputs for M environments: sparse int32[M, K] and dense float32[M, D]."""


class Situation(NamedTuple):
    """What the problem of one environment depends on, beside the stage of the mission and the setbacks.

    Attributes:
        facts: where they are equal, problems of the same stage have the same objects, initial state and goal.
        costs: where they are equal too, and so are the setbacks, the problems are the same.
    """

    facts: Hashable
    costs: Hashable


@runtime_checkable
class Foresight(Protocol):
    """What a controller can tell of its own prospects, for plans to reckon with.

    Attributes:
        remembered: expected primitive steps of options by their label, where they could be begun before.
    """

    remembered: dict[str, float]

    def efforts(self, features: FeatureArrays) -> NDArray[np.float64]:
        """float64[M], at least 1: primitive steps to the subgoals, a chance of failure counted as delay."""
        ...

    def remember(self, label: str, effort: float) -> None:
        """An option that can be begun now is expected to take so long."""
        ...


@runtime_checkable
class Describing(Protocol):
    """What a belief offers besides, for controllers that are told what to do in words alone."""

    def surroundings(
        self,
        words: Mapping[str, int],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        """What is around, whatever is to be done: features as `HearingSpec` has them, without the instruction's words.

        Nothing in it may depend on the subgoal, or the words would not be needed.

        Args:
            words: the number of each word; things are told in these. A word that is not among them has the number 1.
            which: as in `Belief.features`.
            out: arrays to be written and returned, in place of new ones; the columns of the instruction are left alone.
        """
        ...


class Belief(Protocol):
    """Beliefs about N environments."""

    @property
    def subgoal_columns(self) -> int:
        """How many numbers say a subgoal; a row of zeros is no subgoal."""
        ...

    def heed(self, foresight: Foresight | None) -> None:
        """Plan by what a controller expects of its options; a belief that sees what things cost need not."""
        ...

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        """Forget everything where bool[N] `mask` says so, and take in the first observation of an episode."""
        ...

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        """Take in what int64[N] actions led to."""
        ...

    def state(self, index: int) -> State:
        """The ground atoms believed to hold in one environment; made only when a plan is needed."""
        ...

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        """What is to be planned for one stage of a mission: the state, optimistic assumptions, the ground goal.

        Atoms that neither an action nor the goal reads may be left out of the initial state.

        Args:
            setbacks: how often an operator about the named object has failed; it should cost more.
            later: what the stages after this one want; what they speak of should not be used up.
        """
        ...

    def forget_accomplishments(self, index: int) -> None:
        """The next stage of the mission begins: what counts as accomplished starts anew."""
        ...

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> Sequence[Situation]:
        """What the problems of the environments int64[M] `which` depend on, each in its stage of its mission.

        Decisions are kept by it, so that most are made without a problem; it should cost little.

        Args:
            later: what the stages after each of these want, as `problem` has it; nothing, if None.
        """
        ...

    def aim(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        """What a step aims at, in numbers of the belief's choice; None if it speaks of things that are not there.

        It depends on the facts of the situation alone.
        """
        ...

    def subgoals(
        self, which: NDArray[np.int64], aims: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """What aims mean now in the environments int64[M] `which`.

        Returns:
            subgoals: int32[M, columns], what the controllers are told.
            budgets: int64[M], how many primitive steps the options may take.
        """
        ...

    def can_begin(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool[N]: whether each world is in the initiation set of its subgoal's option; asked by tables that learn."""
        ...

    def surprised(self) -> NDArray[np.bool_]:
        """bool[N]: whether the last update showed what no plan made before can have reckoned with.

        The option in hand is then interrupted, and what to do is decided anew (Sutton, Precup & Singh 1999,
        section 4, "Interrupting options").
        """
        ...

    def meddled(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool[N]: whether the last action changed what it was not told to; asked in training, where it is a failure.

        Some worlds end at once when another thing is taken than was asked for, and nothing in view tells them from
        those that do not.
        """
        ...

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool[N] for int32[N, columns] subgoals; cheap, asked at every step."""
        ...

    def features(
        self,
        subgoals: NDArray[np.int32],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        """A policy's inputs, sparse int32[M, K] and dense float32[M, D], for all environments or those in `which`.

        Args:
            out: arrays to be written and returned, in place of new ones.
        """
        ...
