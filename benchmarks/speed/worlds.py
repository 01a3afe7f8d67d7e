"""The contenders that step worlds: the compiled engine, the original one by one, and EnvPool."""

from __future__ import annotations

import contextlib
import copy
import importlib
import importlib.util
import io
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.domain import Domain, load_domain

__all__ = [
    "EngineWorlds",
    "OriginalWorld",
    "PoolWorlds",
    "door_key_domain",
    "pool_is_installed",
    "start_worlds",
]

ACTIONS = 7
LEAST_STEPS = 2000  # of the one original world in a round


def start_worlds(domain: Domain, tasks: Sequence[str], count: int, levels: int, seed: int = 0) -> Any:
    """The domain's compiled worlds, each in a level drawn from `levels` of every task."""
    return domain.training_worlds(make_levels(domain, tasks, levels), count, seed)


def make_levels(domain: Domain, tasks: Sequence[str], levels: int) -> Any:
    """So many levels of each task, in the domain's own form."""
    making = domain.training_levels(tasks, range(levels))
    while True:
        try:
            next(making)
        except StopIteration as finished:
            return finished.value


def step_limit(worlds: Any) -> int:
    """The steps that an episode may take, a mean over the levels."""
    column = _module("bank").MAX_STEPS
    return int(worlds.levels.start[:, column].mean())


def door_key_domain(size: int) -> Domain:
    """The MiniGrid domain, except that its levels, whatever task is asked for, are DoorKey grids of this size."""
    sized: Any = copy.copy(load_domain("minigrid"))
    sized.training_levels = lambda tasks, seeds: door_key_levels(size, seeds)
    return sized


def door_key_levels(size: int, seeds: range) -> Generator[tuple[int, int, str], None, Any]:
    """As `Domain.training_levels`, of DoorKey grids of this size."""
    env = make_original("MiniGrid-DoorKey-8x8-v0", size=size)
    levels = []
    for seed in seeds:
        env.reset(seed=seed)
        levels.append(_module("snapshot").snapshot(env))
    yield len(levels), len(seeds), f"DoorKey {size}x{size}"
    return _module("bank").Levels.join(levels)


def draw_actions(steps: int, worlds: int, seed: int = 0) -> NDArray[np.int64]:
    """int64[steps, worlds], at random."""
    return np.random.default_rng(seed).integers(ACTIONS, size=(steps, worlds))


class EngineWorlds:
    """Our engine: a step, a view of every world, and a new level where an episode has ended, in one call."""

    def __init__(self, worlds: Any, steps: int) -> None:
        self.worlds = worlds
        self.actions = draw_actions(steps, len(worlds))

    def play(self) -> int:
        for actions in self.actions:
            self.worlds.step_and_restart(actions)
        return self.actions.size


class VectorOfWorlds:
    """The same worlds behind Gymnasium's vector API, with missions as text and last observations in the infos."""

    def __init__(self, levels: Any, worlds: int, steps: int) -> None:
        self.env = _module("vector").VectorWorlds(levels, worlds)
        self.env.reset(seed=0)
        self.actions = draw_actions(steps, worlds)

    def play(self) -> int:
        for actions in self.actions:
            self.env.step(actions)
        return self.actions.size


class OriginalWorld:
    """One `minigrid` environment in a loop, without gymnasium's wrappers; a new level where an episode has ended."""

    def __init__(self, task: str, steps: int) -> None:
        self.env = make_original(task)
        with quiet():
            self.env.reset(seed=0)
        rounds = -(-LEAST_STEPS // steps)
        self.actions = draw_actions(rounds * steps, 1)[:, 0].tolist()

    def play(self) -> int:
        env = self.env
        with quiet():
            for action in self.actions:
                _, _, terminated, truncated, _ = env.step(action)
                if terminated or truncated:
                    env.reset()
        return len(self.actions)


class PoolWorlds:
    """EnvPool's worlds, of its own generators, on one thread; it resets by itself.

    Raises:
        ImportError: EnvPool is not installed.
    """

    def __init__(self, task: str, worlds: int, steps: int) -> None:
        envpool: Any = importlib.import_module("envpool")
        self.env = envpool.make_gymnasium(task, num_envs=worlds, num_threads=1, seed=0)
        self.env.reset()
        self.actions = draw_actions(steps, worlds).astype(np.int32)

    def play(self) -> int:
        for actions in self.actions:
            self.env.step(actions)
        return self.actions.size


def make_original(task: str, **settings: Any) -> Any:
    """A `minigrid` environment without wrappers."""
    gymnasium: Any = importlib.import_module("gymnasium")
    importlib.import_module("minigrid")  # which registers it
    with quiet():
        return gymnasium.make(task, disable_env_checker=True, **settings).unwrapped


def pool_is_installed() -> bool:
    return importlib.util.find_spec("envpool") is not None


def _module(name: str) -> Any:
    """A module of the MiniGrid domain."""
    return importlib.import_module(f"neurosym_domains.minigrid.{name}")


def quiet() -> contextlib.AbstractContextManager[Any]:
    """BabyAI's generators print each rejected level."""
    return contextlib.redirect_stdout(io.StringIO())
