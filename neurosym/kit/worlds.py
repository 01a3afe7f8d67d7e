"""Worlds to practise in, made of the domain's own environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Observation
from neurosym.errors import DomainError

if TYPE_CHECKING:
    from neurosym.kit.domain import GymDomain

__all__ = ["GymWorlds", "Level"]

Level = tuple[str, int]
"""A task and a seed to reset its environment with."""


class GymWorlds:
    """N environments side by side; see `neurosym.domain.TrainingWorlds`.

    Args:
        levels: tasks and seeds; drawn from by `seed`.
    """

    def __init__(self, domain: GymDomain, levels: Sequence[Level], count: int, seed: int) -> None:
        self.domain, self._rng = domain, np.random.default_rng(seed)
        self._seeds: dict[str, list[int]] = {}
        for task, level in levels:
            self._seeds.setdefault(task, []).append(level)
        self._tasks = list(self._seeds)
        self._environments: list[dict[str, gymnasium.Env[Any, Any]]] = [{} for _ in range(count)]
        self._playing = [""] * count
        self._seen: list[Any] = [None] * count
        self.start(np.arange(count))

    def start(self, indices: NDArray[np.int64], tasks: Sequence[str] | None = None) -> None:
        if tasks is None:
            tasks = [self._tasks[k] for k in self._rng.integers(len(self._tasks), size=len(indices))]
        for n, task in zip(indices.tolist(), tasks, strict=True):
            if task not in self._seeds:
                raise DomainError(f"{task}: there are no levels of it to practise on")
            seeds = self._seeds[task]
            self._playing[n] = task
            seed = seeds[int(self._rng.integers(len(seeds)))]
            self._seen[n], _ = self._environment(n).reset(seed=seed)

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        count = len(self._playing)
        reward, ended = np.zeros(count), np.zeros((2, count), dtype=np.bool_)
        for n, action in enumerate(actions.tolist()):
            self._seen[n], paid, ended[0, n], ended[1, n], _ = self._environment(n).step(action)
            reward[n] = float(paid)
        return reward, ended[0], ended[1]

    def observation(self) -> Observation:
        return self.domain.stack(self._seen)

    def task_of(self, index: int) -> str:
        return self._playing[index]

    def _environment(self, n: int) -> gymnasium.Env[Any, Any]:
        task = self._playing[n]
        if task not in self._environments[n]:
            self._environments[n][task] = self.domain.make_env(task)
        return self._environments[n][task]
