"""The perception contract: observations and actions in, believed symbols and a policy's inputs out.

One object holds the beliefs about a batch of N environments; one environment is a batch of one. A belief is built from
what the environment returns and from the agent's own actions, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.symbols import Operator, Problem, State, Wanted

__all__ = ["Belief", "Observation"]

Observation = Mapping[str, Any]
"""A batch of observations: for each key of the environment's observation, N values."""


class Belief(Protocol):
    """Beliefs about N environments."""

    @property
    def subgoal_columns(self) -> int:
        """How many numbers say a subgoal; a row of zeros is no subgoal."""
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

    def problem(self, index: int, stage: tuple[Wanted, ...], setbacks: Mapping[str, int]) -> Problem:
        """What is to be planned for one stage of a mission: the state, optimistic assumptions, the ground goal.

        Args:
            setbacks: how often an operator about the named object has failed; it should cost more.
        """
        ...

    def forget_accomplishments(self, index: int) -> None:
        """The next stage of the mission begins: what counts as accomplished starts anew."""
        ...

    def subgoal(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        """What a controller is told, int32[columns], or None if the step speaks of things that are not there."""
        ...

    def budget(self, index: int, subgoal: NDArray[np.int32]) -> int:
        """How many primitive steps the option may take."""
        ...

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool[N] for int32[N, columns] subgoals; cheap, asked at every step."""
        ...

    def features(
        self, subgoals: NDArray[np.int32], which: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """A policy's inputs, sparse int32[M, K] and dense float32[M, D], for all environments or those in `which`."""
        ...
