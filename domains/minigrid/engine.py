"""All MiniGrid and BabyAI tasks for a batch of worlds, compiled: actions, views, rewards, endings.

The worlds are exact against `minigrid` (see the lockstep tests), but balls that move by chance draw other numbers.
`BABYAI_DONE_ACTIONS`, which `minigrid` reads from the environment, is taken to be unset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.errors import DomainError
from neurosym.jit import inner, kernel

from .bank import HEADING, MAX_STEPS, PLACES, STEPS, Levels
from .batch import LEVEL, Bank, State, begin, draw, make_bank, make_state
from .codes import DONE, VIEW
from .rules import step
from .view import IMAGE_BYTES, look, look_first

BY_CHANCE = np.empty((0, PLACES), dtype=np.int64)


@inner
def _look_first(state, n, images):
    look_first(state.tiles[n], state.agent[n], state.stride[0], images[n])


@kernel
def _begin_all(state, bank, indices, levels, images):
    for k in range(len(indices)):
        begin(state, bank, indices[k], levels[k])
        _look_first(state, indices[k], images)


@kernel
def _draw_levels(state, bank, indices, levels):
    for k in range(len(indices)):
        levels[k] = draw(state.seeds, indices[k], len(bank.size))


@kernel
def _step_all(state, actions, moves, images, outcome):
    for n in range(len(actions)):
        outcome.reward[n], outcome.terminated[n] = step(state, n, actions[n], moves)
        outcome.truncated[n] = state.agent[n, STEPS] >= state.agent[n, MAX_STEPS]
        look(state.tiles[n], state.agent[n], state.stride[0], images[n])


@kernel
def _step_on(state, bank, actions, moves, images, outcome, last):
    for n in range(len(actions)):
        agent = state.agent[n]
        outcome.reward[n], outcome.terminated[n] = step(state, n, actions[n], moves)
        outcome.truncated[n] = agent[STEPS] >= agent[MAX_STEPS]
        if outcome.terminated[n] or outcome.truncated[n]:
            look(state.tiles[n], agent, state.stride[0], last.images[n])
            last.headings[n], last.levels[n] = agent[HEADING], agent[LEVEL]
            begin(state, bank, n, draw(state.seeds, n, len(bank.size)))
            _look_first(state, n, images)
        else:
            look(state.tiles[n], agent, state.stride[0], images[n])


class Outcome(NamedTuple):
    """What a step led to: the task's own reward, float64[N]; whether its rule ended the episode, bool[N]; whether the
    step limit is reached, bool[N].
    """

    reward: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]


class _Last(NamedTuple):
    """The last views of episodes that are over: uint8[N, 147], headings int64[N] and levels int64[N]."""

    images: NDArray[np.uint8]
    headings: NDArray[np.int64]
    levels: NDArray[np.int64]


class Worlds:
    """A batch of N MiniGrid worlds.

    Args:
        levels: where worlds start from; a `snapshot` of an environment in any state will do.
        count: number of worlds, N.
        seed: of the choice of levels and of balls that move by chance.

    Attributes:
        images: uint8[N, 7, 7, 3], the current views, overwritten by each step.
        state: the worlds themselves.

    Raises:
        ValueError: there are no levels.
    """

    def __init__(self, levels: Levels, count: int, seed: int = 0) -> None:
        if not len(levels):
            raise ValueError("worlds need at least one level to start from")
        self.levels = levels
        self.state: State = make_state(levels, count, seed)
        self._bank: Bank = make_bank(levels)
        self._missions = np.array(levels.missions, dtype=object)
        self._rng = np.random.default_rng(seed)
        names, task_of_level = np.unique(np.array(levels.tasks), return_inverse=True)
        self._levels_of = {str(name): np.flatnonzero(task_of_level == k) for k, name in enumerate(names)}
        self.images = np.zeros((count, VIEW, VIEW, 3), dtype=np.uint8)
        self._flat_images = self.images.reshape(count, IMAGE_BYTES)
        self._last = _Last(
            np.zeros_like(self._flat_images), np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        )
        self.start(np.arange(count))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def level(self) -> NDArray[np.int64]:
        """int64[N], the level each world is in."""
        return self.state.agent[:, LEVEL].astype(np.int64)

    def start(
        self,
        indices: NDArray[np.int64],
        level: NDArray[np.int64] | None = None,
        tasks: Sequence[str] | None = None,
    ) -> None:
        """Start the worlds at `indices` (int64[M]) from the given levels, or from levels drawn at random.

        Args:
            level: int64[M], the levels.
            tasks: the ids of M tasks, from whose levels they are drawn; from all, if None.

        Raises:
            IndexError: no such world or level.
            DomainError: there are no levels of such a task.
        """
        indices = np.asarray(indices, dtype=np.int64)
        _check(indices, len(self), "world")
        if level is None and tasks is not None:
            level = np.array([self._draw_level(task) for task in tasks], dtype=np.int64)
        if level is None:
            level = np.empty(len(indices), dtype=np.int64)
            _draw_levels(self.state, self._bank, indices, level)
        level = np.asarray(level, dtype=np.int64)
        if level.shape != indices.shape:
            raise IndexError(f"{len(indices)} worlds cannot be started from {len(level)} levels")
        _check(level, len(self.levels), "level")
        _begin_all(self.state, self._bank, indices, level, self._flat_images)

    def _draw_level(self, task: str) -> int:
        levels = self._levels_of.get(task)
        if levels is None:
            raise DomainError(f"there is no level of {task} to practise on")
        return int(levels[self._rng.integers(len(levels))])

    def step(self, actions: NDArray[np.int64], moves: NDArray[np.int64] = BY_CHANCE) -> Outcome:
        """Apply int64[N] actions. Nothing starts anew by itself: where an episode is over, it goes on until `start`.

        Args:
            moves: int64[N, 8], where the balls of `Dynamic-Obstacles` go, as recorded elsewhere: 3 (dx + 1) + dy + 1
                for each in the order of `Levels.places`, -1 to stay. Drawn at random if there are none.

        Raises:
            ValueError: not one action (or row of moves) for each world, or no such action.
        """
        actions, outcome = self._checked(actions), self._outcome()
        if len(moves) and moves.shape != (len(self), PLACES):
            raise ValueError(f"moves of balls have shape {(len(self), PLACES)}, got {moves.shape}")
        _step_all(self.state, actions, moves, self._flat_images, outcome)
        return outcome

    def step_and_restart(self, actions: NDArray[np.int64]) -> Outcome:
        """As `step`, but worlds whose episodes are over begin levels drawn at random; `images` shows these."""
        actions, outcome = self._checked(actions), self._outcome()
        _step_on(self.state, self._bank, actions, BY_CHANCE, self._flat_images, outcome, self._last)
        return outcome

    def task_of(self, index: int) -> str:
        """The id of the task whose level a world is in."""
        return self.levels.tasks[self.state.agent[index, LEVEL]]

    def observation(self) -> dict[str, Any]:
        """What `minigrid` would show: image uint8[N, 7, 7, 3], direction int64[N], mission, a list of N strings."""
        agent = self.state.agent
        return {
            "image": self.images,
            "direction": agent[:, HEADING].astype(np.int64),
            "mission": self._missions[agent[:, LEVEL]].tolist(),
        }

    def last_observation(self, index: int) -> dict[str, Any]:
        """What world `index` showed at the end of the episode that `step_and_restart` saw the end of last."""
        last = self._last
        return {
            "image": last.images[index].reshape(VIEW, VIEW, 3).copy(),
            "direction": int(last.headings[index]),
            "mission": self.levels.missions[last.levels[index]],
        }

    def _checked(self, actions: NDArray[np.int64]) -> NDArray[np.int64]:
        actions = np.ascontiguousarray(actions, dtype=np.int64)
        if actions.shape != (len(self),):
            raise ValueError(
                f"one action for each of {len(self)} worlds is wanted, got shape {actions.shape}"
            )
        if actions.view(np.uint64).max(initial=0) > DONE:
            raise ValueError(f"actions lie between 0 and {DONE}, got {actions.min()} to {actions.max()}")
        return actions

    def _outcome(self) -> Outcome:
        count = len(self)
        return Outcome(np.empty(count), np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.bool_))


def _check(numbers: NDArray[np.int64], count: int, what: str) -> None:
    """The kernels trust their indices."""
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < count:
        raise IndexError(f"{what}s go from 0 to {count - 1}, got {numbers.min()} to {numbers.max()}")


__all__ = ["BY_CHANCE", "Levels", "Outcome", "Worlds"]
