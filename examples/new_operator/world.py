"""The task that asks for it: an environment of `minigrid`'s own kind, and the same compiled, to practise in."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from minigrid.core.constants import COLOR_NAMES
from minigrid.core.mission import MissionSpace
from minigrid.core.roomgrid import RoomGrid
from neurosym_domains.minigrid import bank, codes, engine, rules, snapshot, tiles  # pyright: ignore
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


snapshot.RULES[GuardEnv] = rules.PLAIN  # compiled worlds step as `minigrid` does; the verdict is added below
for task, rooms in TASKS.items():
    if task not in gymnasium.registry:
        gymnasium.register(task, GuardEnv, kwargs={"rooms": rooms})


class GuardWorlds(engine.Worlds):
    """Compiled worlds with the verdict of `GuardEnv.step`."""

    def __init__(self, levels: bank.Levels, count: int, seed: int) -> None:
        super().__init__(levels, count, seed)
        words = [mission.split()[-2:] for mission in levels.missions]
        names = [(codes.TYPE_NAMES.index(kind), codes.COLOUR_NAMES.index(colour)) for colour, kind in words]
        self.targets = np.array([tiles.tile_of(kind, colour, 0) for kind, colour in names])

    def step(self, actions: NDArray[np.int64]) -> engine.Outcome:
        outcome, agent = super().step(actions), self.state.agent
        heading = agent[:, bank.HEADING]
        ahead = codes.HEADING_X[heading] * self.state.stride[0] + codes.HEADING_Y[heading]
        back = self.state.tiles[np.arange(len(self)), agent[:, bank.PLACE] - ahead]
        guarded = back == self.targets[self.level]
        reward = 1 - 0.9 * (agent[:, bank.STEPS] / agent[:, bank.MAX_STEPS])
        outcome.reward[guarded], outcome.terminated[guarded] = reward[guarded], True
        return outcome


__all__ = ["TASKS", "GuardEnv", "GuardWorlds"]
