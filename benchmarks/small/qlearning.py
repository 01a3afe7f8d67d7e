"""Flat Q-learning with a table: what the plan-guided agent is measured against."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import gymnasium

__all__ = ["Episode", "QTable", "Settings", "learn", "play"]


@dataclass(frozen=True)
class Settings:
    """Of tabular Q-learning (Watkins 1989): discount, learning rate, exploration, and what is believed at first."""

    discount: float
    rate: float
    epsilon: float
    initial: float


@dataclass(frozen=True)
class Episode:
    """One that was played: its task, its steps and reward, and how many steps had been taken in all when it ended."""

    task: str
    length: int
    reward: float
    ended: int


@dataclass
class QTable:
    """Action values by state.

    Attributes:
        key: what a state is, made from an observation.
    """

    actions: int
    settings: Settings
    key: Callable[[Any], Hashable]
    rng: random.Random
    values: dict[Hashable, list[float]] = field(default_factory=dict)

    def of(self, observation: Any) -> list[float]:
        return self.values.setdefault(self.key(observation), [self.settings.initial] * self.actions)

    def act(self, observation: Any) -> int:
        """The best action, any of those that are equally good."""
        values = self.of(observation)
        best = max(values)
        return self.rng.choice([action for action, value in enumerate(values) if value == best])

    def explore(self, observation: Any) -> int:
        if self.rng.random() < self.settings.epsilon:
            return self.rng.randrange(self.actions)
        return self.act(observation)

    def update(self, before: Any, action: int, reward: float, after: Any, ended: bool) -> None:
        """Learn from one step; a time limit is not an end."""
        target = reward if ended else reward + self.settings.discount * max(self.of(after))
        values = self.of(before)
        values[action] += self.settings.rate * (target - values[action])


def learn(envs: Mapping[str, gymnasium.Env], table: QTable, steps: int, seed: int) -> Iterator[Episode]:
    """Take so many steps, the last episode to its end; the tasks take turns, episode by episode."""
    taken = 0
    for number, (task, env) in enumerate(cycle(envs.items())):
        if taken >= steps:
            return
        observation, _ = env.reset(seed=seed + number)
        length, total, over = 0, 0.0, False
        while not over:
            action = table.explore(observation)
            after, reward, terminated, truncated, _ = env.step(action)
            table.update(observation, action, float(reward), after, terminated)
            observation, over = after, terminated or truncated
            length, total = length + 1, total + float(reward)
        taken += length
        yield Episode(task, length, total, taken)


def play(env: gymnasium.Env, act: Callable[[Any], int], seed: int) -> tuple[float, int]:
    """The return and length of one episode."""
    observation, _ = env.reset(seed=seed)
    total, length, over = 0.0, 0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(act(observation))
        total, length, over = total + float(reward), length + 1, terminated or truncated
    return total, length
