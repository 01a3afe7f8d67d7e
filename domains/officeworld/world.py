"""OfficeWorld: twelve rooms with coffee, mail and plants that must not be stepped on, and four tasks in them.

As in Toro Icarte et al., "Reward Machines: Exploiting Reward Function Structure in Reinforcement Learning", JAIR 2022:
12 x 9 cells, the origin at the bottom left, nothing random, reward 1 at the end of the task and 0 before.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

__all__ = ["ACTION_NAMES", "EVENTS", "PLACES", "PLANTS", "TASKS", "Cell", "OfficeWorld", "Task", "passable"]

Cell = tuple[int, int]
"""Column and row, counted from the bottom left."""

WIDTH, HEIGHT, ROOM = 12, 9, 3
START = (2, 1)
ACTION_NAMES = ("up", "right", "down", "left")
MOVES = ((0, 1), (1, 0), (0, -1), (-1, 0))
PLACES: dict[str, tuple[Cell, ...]] = {
    "coffee": ((8, 2), (3, 6)),
    "mail": ((7, 4),),
    "office": ((4, 4),),
    "a": ((1, 1),),
    "b": ((1, 7),),
    "c": ((10, 7),),
    "d": ((10, 1),),
}
PLANTS: frozenset[Cell] = frozenset({(4, 1), (7, 1), (4, 7), (7, 7), (1, 4), (10, 4)})
# Doors lie in these rows between rooms side by side, and in these columns above the rooms whose top row is the key.
DOOR_ROWS = (1, 7)
DOOR_COLUMNS = {2: (1, 10), 5: (1, 4, 7, 10)}

EVENTS = ("coffee", "mail", "a", "b", "c", "d")
"""What `progress` counts, in this order; reaching the last stage ends the episode instead."""

STEP_LIMIT = 1000


@dataclass(frozen=True)
class Task:
    """What is to be done.

    Attributes:
        mission: in words.
        stages: the places to be at, set after set; those of one set in any order.
    """

    mission: str
    stages: tuple[frozenset[str], ...]

    def advance(self, done: Set[str], cell: Cell) -> frozenset[str]:
        """What is done after stepping on this cell."""
        stage = next((stage for stage in self.stages if not stage <= done), frozenset())
        return frozenset(done) | {place for place in stage if cell in PLACES[place]}

    def complete(self, done: Set[str]) -> bool:
        return all(stage <= done for stage in self.stages)


def _stages(*stages: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stage.split()) for stage in stages)


TASKS = {
    "OfficeWorld-Coffee-v0": Task("bring the coffee to the office", _stages("coffee", "office")),
    "OfficeWorld-Mail-v0": Task("bring the mail to the office", _stages("mail", "office")),
    "OfficeWorld-CoffeeAndMail-v0": Task(
        "bring the coffee and the mail to the office", _stages("coffee mail", "office")
    ),
    "OfficeWorld-Patrol-v0": Task(
        "visit the mark a, then the mark b, then the mark c, then the mark d", _stages("a", "b", "c", "d")
    ),
}


def passable(cell: Cell, action: int) -> bool:
    """Whether neither a wall nor the rim bars this move."""
    x, y = cell
    dx, dy = MOVES[action]
    if not (0 <= x + dx < WIDTH and 0 <= y + dy < HEIGHT):
        return False
    if dx and x // ROOM != (x + dx) // ROOM:
        return y in DOOR_ROWS
    if dy and y // ROOM != (y + dy) // ROOM:
        return x in DOOR_COLUMNS[min(y, y + dy)]
    return True


def neighbour(cell: Cell, action: int) -> Cell:
    """Where a move leads; against a wall one stays."""
    if not passable(cell, action):
        return cell
    dx, dy = MOVES[action]
    return cell[0] + dx, cell[1] + dy


class OfficeWorld(gymnasium.Env[dict[str, Any], np.int64]):
    """One of the four tasks.

    Actions: 0 up, 1 right, 2 down, 3 left. Observations: `position`, column and row from the bottom left, int64[2];
    `progress`, int8[6], 1 for each of EVENTS that the task asks for and that has happened in its turn; `mission`, text.
    A plant ends the episode with reward 0; made by its Gymnasium id, an episode is truncated after 1000 steps.
    """

    metadata = {"render_modes": ["ansi", "rgb_array"], "render_fps": 8}

    def __init__(self, task: str = "OfficeWorld-Coffee-v0", render_mode: str | None = None) -> None:
        self.task = TASKS[task]
        self.render_mode = render_mode
        self.action_space = spaces.Discrete(len(MOVES))
        self.observation_space = spaces.Dict(
            {
                "position": spaces.MultiDiscrete([WIDTH, HEIGHT]),
                "progress": spaces.MultiBinary(len(EVENTS)),
                "mission": spaces.Text(80, charset="abcdefghijklmnopqrstuvwxyz ,"),
            }
        )
        self._cell: Cell = START
        self._done: frozenset[str] = frozenset()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        super().reset(seed=seed)
        self._cell, self._done = START, frozenset()
        return self._observe(), {}

    def step(self, action: np.int64) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        self._cell = neighbour(self._cell, int(action))
        withered = self._cell in PLANTS
        self._done = self.task.advance(self._done, self._cell)
        complete = self.task.complete(self._done)
        return self._observe(), float(complete), complete or withered, False, {}

    def render(self) -> Any:
        from .pictures import draw_office, print_office

        if self.render_mode == "rgb_array":
            return draw_office(self._cell)
        return print_office(self._cell) if self.render_mode == "ansi" else None

    def _observe(self) -> dict[str, Any]:
        return {
            "position": np.array(self._cell, dtype=np.int64),
            "progress": np.array([event in self._done for event in EVENTS], dtype=np.int8),
            "mission": self.task.mission,
        }


def _make(**options: Any) -> OfficeWorld:
    return OfficeWorld(**options)


def register() -> None:
    """Make the four tasks known to Gymnasium; done once, whatever this module was imported as."""
    for name in TASKS:
        if name not in gymnasium.registry:
            gymnasium.register(name, _make, max_episode_steps=STEP_LIMIT, kwargs={"task": name})


register()
