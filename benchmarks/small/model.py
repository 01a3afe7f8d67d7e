"""Small worlds written out as tables, and what is the best that can be done in them.

Only the measures look in here: the learners are given observations and rewards, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Model", "Outcome", "best_success", "solve", "table_model", "wander"]

TOLERANCE = 1e-12


@dataclass(frozen=True)
class Model:
    """S states and A actions.

    Attributes:
        moves: float64[A, S, S], the chance of each next state; rows add up to less than 1 where an episode may end.
        rewards: float64[A, S], expected.
        start: float64[S], the chance that an episode begins in a state.
    """

    moves: NDArray[np.float64]
    rewards: NDArray[np.float64]
    start: NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """How a policy does from the start, exactly.

    Attributes:
        reward: the expected reward of an episode.
        length: the expected number of its steps.
        rate: the expected reward divided by steps, episode by episode.
    """

    reward: float
    length: float
    rate: float


def table_model(table: Mapping[int, Mapping[int, Sequence[Any]]], start: NDArray[np.float64]) -> Model:
    """What Gymnasium's toy-text worlds say of themselves in `P`: chance, next state, reward, end."""
    states, actions = len(table), len(table[0])
    moves, rewards = np.zeros((actions, states, states)), np.zeros((actions, states))
    for state, choices in table.items():
        for action, cases in choices.items():
            for chance, after, reward, ends in cases:
                rewards[action, state] += chance * reward
                moves[action, state, after] += 0.0 if ends else chance
    return Model(moves, rewards, np.asarray(start, dtype=np.float64))


def solve(model: Model, discount: float = 1.0, sweeps: int = 100_000) -> NDArray[np.float64]:
    """float64[A, S], action values of the best policy, by value iteration.

    Raises:
        RuntimeError: the values did not settle.
    """
    values = np.zeros(model.start.size)
    for _ in range(sweeps):
        choices = model.rewards + discount * (model.moves @ values)
        best = choices.max(axis=0)
        if np.abs(best - values).max() < TOLERANCE:
            return choices
        values = best
    raise RuntimeError(
        "value iteration does not settle; is every state without an end reachable from the start?"
    )


def best_success(model: Model, steps: int) -> float:
    """The most reward that any policy, one that counts its steps included, collects within so many steps."""
    values = np.zeros(model.start.size)
    for _ in range(steps):
        values = (model.rewards + model.moves @ values).max(axis=0)
    return float(model.start @ values)


def wander(model: Model, policy: NDArray[np.int64], epsilon: float, limit: int) -> Outcome:
    """An episode of int64[S] `policy`, which with probability epsilon takes any action instead, and ends at the limit.

    The reward must come with the last step, or not at all, for `rate` to mean what it says.
    """
    states = np.arange(model.start.size)
    chances = np.full((model.moves.shape[0], states.size), epsilon / model.moves.shape[0])
    chances[policy, states] += 1 - epsilon
    moves = np.einsum("as,ast->st", chances, model.moves)
    rewards = (chances * model.rewards).sum(axis=0)
    here, reward, length, rate = model.start, 0.0, 0.0, 0.0
    for step in range(1, limit + 1):
        won = float(here @ rewards)
        reward, length, rate = reward + won, length + float(here.sum()), rate + won / step
        here = here @ moves
    return Outcome(reward, length, rate)
