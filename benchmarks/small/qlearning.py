"""Flat Q-learning with a table: what the plan-guided agent is measured against."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Episode", "QTable", "Settings"]


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

    def of(self, state: Hashable) -> list[float]:
        return self.values.setdefault(state, [self.settings.initial] * self.actions)

    def reset(self, observation: Any) -> None:
        """A flat learner keeps nothing of an episode in mind."""

    def act(self, observation: Any) -> int:
        """The best action, any of those that are equally good."""
        values = self.of(self.key(observation))
        best = max(values)
        return self.rng.choice([action for action, value in enumerate(values) if value == best])

    def explore(self, observation: Any) -> int:
        if self.rng.random() < self.settings.epsilon:
            return self.rng.randrange(self.actions)
        return self.act(observation)

    def watch(self, before: Any, action: int, reward: float, after: Any, ended: bool) -> None:
        """Learn from one step; a time limit is not an end."""
        self.update(self.key(before), action, reward, self.key(after), ended)

    def update(self, before: Hashable, action: int, reward: float, after: Hashable, ended: bool) -> None:
        target = reward if ended else reward + self.settings.discount * max(self.of(after))
        values = self.of(before)
        values[action] += self.settings.rate * (target - values[action])
