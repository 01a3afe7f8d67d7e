"""Playing the original `minigrid` in tests, and looking behind the curtain: what is really where."""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosym.agent import Agent
from neurosym.domain import load_domain
from neurosym.options.features import Features

DOMAIN = load_domain("minigrid")


def module(name: str) -> Any:
    """A module of the domain's folder."""
    return importlib.import_module(f"neurosym_domains.minigrid.{name}")


bank, codes, engine, levels, maps = (module(name) for name in ("bank", "codes", "engine", "levels", "map"))
pictures, rules, scene, scripted = (module(name) for name in ("pictures", "rules", "scene", "scripted"))
situation, snapshots, subgoals = (module(name) for name in ("situation", "snapshot", "subgoals"))
survey, tiles, vector = (module(name) for name in ("survey", "tiles", "vector"))
aims, question, waypoints = (module(name) for name in ("aims", "question", "waypoints"))

# A spread over what the worlds can do: rooms, doors, locks, boxes with and without contents, lava, every instruction.
SPREAD = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-MultiRoom-N6-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-KeyCorridorS6R3-v0",
    "MiniGrid-BlockedUnlockPickup-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "MiniGrid-ObstructedMaze-Full-v1",
    "MiniGrid-LavaCrossingS9N2-v0",
    "MiniGrid-LavaGapS7-v0",
    "MiniGrid-SimpleCrossingS9N3-v0",
    "MiniGrid-FourRooms-v0",
    "MiniGrid-LockedRoom-v0",
    "MiniGrid-RedBlueDoors-8x8-v0",
    "MiniGrid-Unlock-v0",
    "MiniGrid-UnlockPickup-v0",
    "MiniGrid-MemoryS9-v0",
    "BabyAI-GoToLocal-v0",
    "BabyAI-PickupLoc-v0",
    "BabyAI-PutNextLocal-v0",
    "BabyAI-PutNextS5N2Carrying-v0",
    "BabyAI-OpenDoorsOrderN4-v0",
    "BabyAI-UnlockToUnlock-v0",
    "BabyAI-GoToImpUnlock-v0",
    "BabyAI-MiniBossLevel-v0",
    "BabyAI-BossLevel-v0",
)
# The first observation still shows what lies in the hand already.
STALE_START = "BabyAI-PutNextS5N2Carrying-v0"
TRUE_STARTS = [task for task in SPREAD if task != STALE_START]
OUT_OF_DATE = pytest.mark.filterwarnings("ignore:.*is out of date")
# Here one sees through walls, and so also what lies outside the world.
SEE_THROUGH = (
    "MiniGrid-Empty-Random-6x6-v0",
    "MiniGrid-DistShift1-v0",
    "MiniGrid-Fetch-8x8-N3-v0",
    "MiniGrid-GoToDoor-6x6-v0",
    "MiniGrid-PutNear-8x8-N3-v0",
)

# Forward most of the time, and each of the others often enough for things to happen.
ODDS = np.array([0.16, 0.16, 0.4, 0.1, 0.06, 0.1, 0.02])

NO_GRID = int(codes.GREY_WALL_CODE)


def make(task: str, seed: int) -> tuple[Any, dict[str, Any]]:
    """The bare environment, without wrappers, and the first observation."""
    with contextlib.redirect_stdout(io.StringIO()):
        env = DOMAIN.make_env(task).unwrapped
        observation, _ = env.reset(seed=seed)
    return env, observation


def random_action(rng: np.random.Generator) -> int:
    return int(rng.choice(len(ODDS), p=ODDS))


class Wandering:
    """A controller that follows the scripted one and now and then does anything at all."""

    def __init__(self, wandering: float) -> None:
        self.wandering = wandering
        self.guide = DOMAIN.scripted_controller()

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        if rng.random() < self.wandering:
            return np.array([random_action(rng)], dtype=np.int64)
        return self.guide.act(features, rng)


def agent(wandering: float = 0.0, seed: int = 0) -> Agent:
    return Agent(DOMAIN, Wandering(wandering), seed=seed)


def episode(task: str, seed: int, player: Agent, steps: int) -> Iterator[tuple[Any, int | None, Any]]:
    """What an agent lives through: (environment, action, observation) of the first look, then of each step.

    The agent has taken the observation in. Ends with the episode, or after so many steps.
    """
    env, observation = make(task, seed)
    player.reset(observation)
    yield env, None, observation
    for _ in range(steps):
        action = player.act(observation)
        observation, _, terminated, truncated, _ = env.step(action)
        player.observe(observation)
        yield env, action, observation
        if terminated or truncated:
            return


def random_play(env: Any, rng: np.random.Generator, steps: int) -> Iterator[tuple[int, Any]]:
    """Random actions and what they lead to."""
    for _ in range(steps):
        action = random_action(rng)
        observation, _, terminated, truncated, _ = env.step(action)
        yield action, observation
        if terminated or truncated:
            return


def batch(observation: dict[str, Any]) -> Any:
    return DOMAIN.stack([observation])


def code_at(env: Any, x: int, y: int) -> int:
    """The code of what is really at a place; outside the grid there is wall."""
    if not (0 <= x < env.grid.width and 0 <= y < env.grid.height):
        return NO_GRID
    thing = env.grid.get(x, y)
    if thing is None:
        return codes.EMPTY
    kind, colour, state = thing.encode()
    return kind | colour << 4 | state << 8


def thing_at(env: Any, x: int, y: int) -> Any:
    inside = 0 <= x < env.grid.width and 0 <= y < env.grid.height
    return env.grid.get(x, y) if inside else None


def front(env: Any) -> Any:
    """What the agent really faces."""
    return thing_at(env, *(int(value) for value in env.front_pos))


class Frame:
    """Translates between the simulator's places and the belief's cells, which count from where the agent began."""

    def __init__(self, env: Any) -> None:
        self.x, self.y = (int(value) for value in env.agent_pos)

    def cell(self, x: int, y: int) -> int:
        return ((x - self.x) & maps.WRAP) * maps.SIZE + ((y - self.y) & maps.WRAP)

    def place(self, cell: int) -> tuple[int, int]:
        """Where in the simulator a cell lies; cells more than half the torus away count as west or north."""
        half = maps.SIZE // 2
        x, y = divmod(int(cell), maps.SIZE)
        dx, dy = (x + half) % maps.SIZE - half, (y + half) % maps.SIZE - half
        return self.x + dx, self.y + dy
