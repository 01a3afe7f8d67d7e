"""Whoever learns in a small world: the plan-guided agent, and those without a plan."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

from benchmarks.small.qlearning import Episode, QTable
from neurosym import options
from neurosym.agent import Agent
from neurosym.domain import Domain
from neurosym.options import Features
from neurosym.seeds import EVALUATION_SEED
from neurosym.training.table import TablePractice

__all__ = ["FlatLearner", "GuidedLearner", "Learner", "Player", "play"]

TRAINING_SEEDS = 1000


class Player(Protocol):
    """Plays as well as it can by now."""

    def reset(self, obs: Any, /) -> None: ...

    def act(self, obs: Any, /) -> int: ...


class Learner(Protocol):
    def learn(self, until: int) -> Iterator[Episode]:
        """Go on until so many steps were taken in all; yields each episode that is over."""
        ...

    def players(self) -> Mapping[str, Player]:
        """By name, the ways of playing by what was learned."""
        ...


class FlatLearner:
    """Q-learning over whole episodes; the tasks take turns."""

    def __init__(self, name: str, envs: Mapping[str, gymnasium.Env], table: QTable, seed: int) -> None:
        self.name, self.table = name, table
        self._turns, self._seeds = cycle(envs.items()), random.Random(seed)
        self._taken = 0

    def learn(self, until: int) -> Iterator[Episode]:
        """The last episode is played to its end."""
        while self._taken < until:
            yield self._episode(*next(self._turns))

    def _episode(self, task: str, env: gymnasium.Env) -> Episode:
        table, length, total, over = self.table, 0, 0.0, False
        observation, _ = env.reset(seed=self._seeds.randrange(EVALUATION_SEED))
        while not over:
            action = table.explore(observation)
            after, reward, terminated, truncated, _ = env.step(action)
            table.watch(observation, action, float(reward), after, terminated)
            observation, over = after, terminated or truncated
            length, total = length + 1, total + float(reward)
        self._taken += length
        return Episode(task, length, total, self._taken)

    def players(self) -> Mapping[str, Player]:
        return {self.name: self.table}


class InTurn:
    """Stands in for a curriculum: the tasks take turns."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self._tasks = cycle(tasks)

    def note(self, task: str, solved: bool) -> None:
        """All the same."""

    def draw(self, count: int) -> list[str]:
        return [next(self._tasks) for _ in range(count)]


class Blindfold:
    """A table's controller that says nothing of its prospects, so that every step of a plan costs 1."""

    def __init__(self, table: options.QTable) -> None:
        self._table = table

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        return self._table.act(features, rng)


class GuidedLearner:
    """The library's agent with a table, practising the steps of its plans; the tasks take turns."""

    def __init__(self, domain: Domain, tasks: Sequence[str], seed: int) -> None:
        self.domain, self.seed = domain, seed
        self.table = options.QTable(domain.feature_spec, domain.table)
        levels = [(task, level) for task in tasks for level in range(TRAINING_SEEDS)]
        worlds = domain.training_worlds(levels, 1, seed)
        self.practice = TablePractice(domain, worlds, self.table, tasks, seed, episode_limit=1_000_000)
        self.practice.curriculum = InTurn(tasks)  # type: ignore[assignment]
        self._taken = self._ended = self._told = 0

    def learn(self, until: int) -> Iterator[Episode]:
        self.table.learning, self.table.epsilon = True, self.table.config.epsilon
        for _ in range(self._taken, until):
            self.practice.step()
            self._taken += 1
            for task, length, reward, _ in self.practice.episodes[self._told :]:
                self._told += 1
                self._ended += length
                yield Episode(task, length, reward, self._ended)

    def players(self) -> Mapping[str, Player]:
        self.table.learning, self.table.epsilon = False, 0.0
        return {
            "plan-guided": Agent(self.domain, self.table, self.seed),
            "plan-guided, every step costs 1": Agent(self.domain, Blindfold(self.table), self.seed),
        }


def play(env: gymnasium.Env, player: Player, seed: int) -> tuple[float, int]:
    """The return and length of one episode."""
    observation, _ = env.reset(seed=seed)
    player.reset(observation)
    total, length, over = 0.0, 0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(player.act(observation))
        total, length, over = total + float(reward), length + 1, terminated or truncated
    return total, length
