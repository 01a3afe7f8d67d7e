"""Episodes that were played to be looked at: what an environment returned, and what was done."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosym.agent import Agent
from neurosym.domain import Domain

__all__ = ["Course", "Frame", "equal", "record"]

NEXT_EPISODE = 1000  # from the seed of one episode of a course to that of the next


@dataclass(frozen=True)
class Frame:
    """One step of a course.

    Attributes:
        action: what was done; None at the very beginning.
        observation: what it led to; reward, terminated, truncated: as the environment says.
        restart: the first observation of the next episode, where this step ended one.
        seed, step: of the episode that goes on from here.
    """

    action: int | None
    observation: Mapping[str, Any]
    reward: float
    terminated: bool
    truncated: bool
    restart: Mapping[str, Any] | None
    seed: int
    step: int

    @property
    def now(self) -> Mapping[str, Any]:
        """What is seen before the next action."""
        return self.observation if self.restart is None else self.restart


@dataclass(frozen=True)
class Course:
    """Some steps of one task; an episode that ends is followed by another."""

    task: str
    frames: tuple[Frame, ...]

    def place(self, t: int) -> str:
        return f"{self.task}, seed {self.frames[t].seed}, step {self.frames[t].step}"


def equal(one: Any, other: Any) -> bool:
    """Whether two parts of observations are the same, whatever they are made of."""
    if isinstance(one, Mapping):
        alike = isinstance(other, Mapping) and one.keys() == other.keys()
        return alike and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    first, second = np.asarray(one), np.asarray(other)
    return np.array_equal(first, second, equal_nan=first.dtype.kind == second.dtype.kind == "f")


def record(domain: Domain, task: str, seed: int, steps: int, led: bool) -> Course:
    """Play `steps` steps of a task; where `led`, an agent with the scripted controller does, else chance."""
    env = domain.make_env(task)
    try:
        return Course(task, tuple(_play(env, _Player(domain, seed, led), seed, steps)))
    finally:
        env.close()


def _play(env: Any, player: _Player, seed: int, steps: int) -> Iterator[Frame]:
    seen, step = copy.deepcopy(env.reset(seed=seed)[0]), 0
    player.begin(seen)
    yield Frame(None, seen, 0.0, False, False, None, seed, step)
    for _ in range(steps):
        action, restart = player.act(seen), None
        seen, reward, terminated, truncated, _ = env.step(action)
        step, seen = step + 1, copy.deepcopy(seen)
        if terminated or truncated:
            seed, step = seed + NEXT_EPISODE, 0
            restart = copy.deepcopy(env.reset(seed=seed)[0])
            player.begin(restart)
        yield Frame(action, seen, float(reward), bool(terminated), bool(truncated), restart, seed, step)
        seen = seen if restart is None else restart


class _Player:
    """An agent, or chance. Chance goes on where the agent cannot, as without a scripted controller.

    What is wrong with the agent's own parts the laws find by themselves.
    """

    def __init__(self, domain: Domain, seed: int, led: bool) -> None:
        self.actions, self.rng = domain.feature_spec.actions, np.random.default_rng(seed)
        self.agent: Agent | None = None
        if led:
            try:
                self.agent = Agent(domain, domain.scripted_controller(), seed)
            except Exception:
                self.agent = None

    def begin(self, observation: Mapping[str, Any]) -> None:
        if self.agent is not None:
            try:
                self.agent.reset(copy.deepcopy(observation))
            except Exception:
                self.agent = None

    def act(self, observation: Mapping[str, Any]) -> int:
        if self.agent is not None:
            try:
                return self.agent.act(copy.deepcopy(observation))
            except Exception:
                self.agent = None
        return int(self.rng.integers(self.actions))
