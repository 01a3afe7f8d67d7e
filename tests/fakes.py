"""A tiny world and the agents that walk in it, for tests of whatever drives episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

LIMIT = 12


class Corridor(gymnasium.Env[dict[str, Any], int]):
    """Walk right to the end, which lies 1 + seed % 5 steps away. Action 2 ends the episode unpaid."""

    metadata = {"render_modes": ["rgb_array"]}

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space = spaces.Dict(
            {"image": spaces.Box(0, 255, (1,), np.uint8), "mission": spaces.Text(40)}
        )
        self.action_space = spaces.Discrete(3)
        self.closed = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.left, self.steps = 1 + (seed or 0) % 5, 0
        return self._observe(), {}

    def step(self, action: int) -> Any:
        self.steps += 1
        self.left -= action == 1
        done = self.left <= 0
        return self._observe(), float(done) * 0.5, done or action == 2, self.steps >= LIMIT, {}

    def render(self) -> Any:
        return np.full((8, 8, 3), self.left, np.uint8)

    def close(self) -> None:
        self.closed = True

    def _observe(self) -> dict[str, Any]:
        return {"image": np.array([self.left], np.uint8), "mission": "walk to the end"}


@dataclass
class Counters:
    plans: int = 0
    plan_cache_hits: int = 0
    planning_seconds: float = 0.0


@dataclass
class Walker:
    """An agent that does as `policy` says and keeps what it was shown."""

    policy: Callable[[Any], int] = lambda obs: 1
    cause: str = "option"
    counters: Counters = field(default_factory=Counters)
    seen: list[Any] = field(default_factory=list)

    def reset(self, obs: Any) -> None:
        self.counters.plans += 1
        self.counters.planning_seconds += 0.25
        self.seen.append(obs)

    def act(self, obs: Any) -> int:
        self.counters.plan_cache_hits += 1
        self.seen.append(obs)
        return self.policy(obs)

    def blame(self) -> str:
        return self.cause


class Walk:
    """The domain of corridors."""

    name = "walk"

    def __init__(self) -> None:
        self.made: list[Corridor] = []

    def make_env(self, task_id: str, render: bool = False) -> Corridor:
        self.made.append(Corridor("rgb_array" if render else None))
        return self.made[-1]
