"""The small worlds: who learns in them, for how long, and what is the best that can be done."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gymnasium
import numpy as np

from benchmarks.small.learners import FlatLearner, GuidedLearner, Learner
from benchmarks.small.model import best_success, solve, table_model
from benchmarks.small.office import SETTINGS, Counterfactual, state_of
from benchmarks.small.qlearning import QTable, Settings
from neurosym.domain import Domain, load_domain

__all__ = ["FLAT", "GUIDED", "WORLDS", "World"]

GUIDED, FLAT, CRM = "plan-guided", "flat Q-learning", "CRM"


@dataclass(frozen=True)
class World:
    """A world and how it is measured.

    Attributes:
        folder: its domain.
        about: one line for people.
        checkpoints: steps after which it is measured.
        episodes: played at each checkpoint.
        flat: settings of Q-learning.
        key: what a state is to it.
        seeds: how many learners of each kind.
        tasks: those that are learned together; by default the first one that this Gymnasium has.
        tables: the learners without a plan, by name.
    """

    folder: str
    about: str
    checkpoints: tuple[int, ...]
    episodes: int
    flat: Settings
    key: Callable[[Any], Hashable]
    seeds: int
    tasks: tuple[str, ...] = ()
    tables: tuple[tuple[str, type[QTable]], ...] = ((FLAT, QTable),)

    @cached_property
    def domain(self) -> Domain:
        return load_domain(self.folder)

    @cached_property
    def played(self) -> tuple[str, ...]:
        """The tasks that are played."""
        return self.tasks or self.domain.training_tasks[:1]

    @property
    def learners(self) -> tuple[str, ...]:
        return (GUIDED, *(name for name, _ in self.tables))

    def learner(self, name: str, seed: int) -> Learner:
        if name == GUIDED:
            return GuidedLearner(self.domain, self.played, seed)
        kind = dict(self.tables)[name]
        actions = len(self.domain.action_names)
        table = kind(actions, self.flat, self.key, random.Random(seed))
        return FlatLearner(name, {task: self.domain.make_env(task) for task in self.played}, table, seed)

    def best(self, seeds: Sequence[int]) -> float:
        """The most that can be expected of episodes with these seeds, by the table of a toy-text world."""
        (task,) = self.played
        env = self.domain.make_env(task)
        toy: Any = env.unwrapped
        model = table_model(toy.P, toy.initial_state_distrib)
        if self.folder == "frozenlake":
            return best_success(model, time_limit(env))
        values = solve(model).max(axis=0)
        return float(np.mean([values[env.reset(seed=seed)[0]] for seed in seeds]))


def time_limit(env: gymnasium.Env) -> int:
    assert env.spec is not None
    assert env.spec.max_episode_steps is not None
    return env.spec.max_episode_steps


def number_of(observation: Any) -> int:
    return int(observation)


def cell_of(observation: Any) -> int:
    return int(observation["observation"])


WORLDS = {
    "Taxi": World(
        "taxi",
        "mean return, greedy",
        (5_000, 30_000),
        300,
        Settings(discount=0.95, rate=1.0, epsilon=0.1, initial=0.0),
        number_of,
        3,
    ),
    "FrozenLake": World(
        "frozenlake",
        "4 x 4 cells, share of episodes solved, greedy",
        (2_000, 20_000),
        300,
        Settings(discount=0.99, rate=0.1, epsilon=0.1, initial=1.0),
        cell_of,
        5,
        ("FrozenLake-v1",),
    ),
    "FrozenLake 8x8": World(
        "frozenlake",
        "8 x 8 cells, share of episodes solved, greedy",
        (20_000,),
        300,
        Settings(discount=0.99, rate=0.1, epsilon=0.1, initial=1.0),
        cell_of,
        2,
        ("FrozenLake8x8-v1",),
    ),
    "OfficeWorld": World(
        "officeworld",
        "four tasks in turn, reward per step over the optimal policy's, both acting with epsilon 0.1",
        tuple(range(1_000, 40_001, 1_000)),
        0,
        SETTINGS,
        state_of,
        10,
        (
            "OfficeWorld-Coffee-v0",
            "OfficeWorld-Mail-v0",
            "OfficeWorld-CoffeeAndMail-v0",
            "OfficeWorld-Patrol-v0",
        ),
        ((FLAT, QTable), (CRM, Counterfactual)),
    ),
}
