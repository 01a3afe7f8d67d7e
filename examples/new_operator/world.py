"""The task that asks for it: an environment of `minigrid`'s own kind, and the same compiled, to practise in."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from minigrid.core.constants import COLOR_NAMES
from minigrid.core.mission import MissionSpace
from minigrid.core.roomgrid import RoomGrid
from neurosym_domains.minigrid import rules  # pyright: ignore[reportMissingImports]
from neurosym_domains.minigrid.bank import (  # pyright: ignore[reportMissingImports]
    HEADING,
    MAX_STEPS,
    PLACE,
    STEPS,
    Levels,
)
from neurosym_domains.minigrid.codes import (  # pyright: ignore[reportMissingImports]
    COLOUR_NAMES,
    HEADING_X,
    HEADING_Y,
    TYPE_NAMES,
)
from neurosym_domains.minigrid.engine import Outcome, Worlds  # pyright: ignore[reportMissingImports]
from neurosym_domains.minigrid.snapshot import RULES  # pyright: ignore[reportMissingImports]
from neurosym_domains.minigrid.tiles import tile_of  # pyright: ignore[reportMissingImports]
from numpy.typing import NDArray

ROOM_SIZE, STEPS_PER_ROOM = 8, 40
TASKS = {
    "Guard-OneRoom-v0": 1,
    "Guard-TwoRooms-v0": 2,
}  # with the number of rooms, all but the first behind a door
KINDS = ["key", "ball", "box"]


class GuardEnv(RoomGrid):
    """Stand next to the thing that the mission names, with your back to it."""

    def __init__(self, rooms: int, **kwargs: Any) -> None:
        space = MissionSpace(lambda colour, kind: f"guard the {colour} {kind}", [COLOR_NAMES, KINDS])
        super().__init__(ROOM_SIZE, 1, rooms, STEPS_PER_ROOM * rooms, mission_space=space, **kwargs)

    def _gen_grid(self, width: int, height: int) -> None:
        super()._gen_grid(width, height)
        for room in range(1, self.num_cols):
            self.add_door(room, 0, 2, locked=False)
        things = [thing for room in range(self.num_cols) for thing in self.add_distractors(room, 0, 2)]
        self.target = self._rand_elem(things)
        self.place_agent()
        self.mission = f"guard the {self.target.color} {self.target.type}"

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        seen, reward, terminated, truncated, info = super().step(action)
        if self.grid.get(*(np.array(self.agent_pos) - self.dir_vec)) is self.target:
            reward, terminated = self._reward(), True
        return seen, float(reward), terminated, truncated, info


RULES[GuardEnv] = rules.PLAIN  # compiled worlds step as `minigrid` does; the verdict is added below
for task, rooms in TASKS.items():
    if task not in gymnasium.registry:
        gymnasium.register(task, GuardEnv, kwargs={"rooms": rooms})


class GuardWorlds(Worlds):
    """Compiled worlds with the verdict of `GuardEnv.step`."""

    def __init__(self, levels: Levels, count: int, seed: int) -> None:
        super().__init__(levels, count, seed)
        words = [mission.split() for mission in levels.missions]
        self.targets = np.array(
            [tile_of(TYPE_NAMES.index(kind), COLOUR_NAMES.index(colour), 0) for *_, colour, kind in words]
        )

    def step(self, actions: NDArray[np.int64]) -> Outcome:
        outcome, agent = super().step(actions), self.state.agent
        back = (
            agent[:, PLACE]
            - HEADING_X[agent[:, HEADING]] * self.state.stride[0]
            - HEADING_Y[agent[:, HEADING]]
        )
        guarded = self.state.tiles[np.arange(len(self)), back] == self.targets[self.level]
        outcome.reward[guarded] = 1 - 0.9 * (agent[:, STEPS] / agent[:, MAX_STEPS])[guarded]
        outcome.terminated[guarded] = True
        return outcome


__all__ = ["TASKS", "GuardEnv", "GuardWorlds"]
