"""Worlds that are no task of `minigrid` and that nobody trained on: its own classes and generators, only larger.

The belief's map is a torus of 64 × 64 cells, and worlds may be up to 57 cells wide. So ten rows of rooms can have rooms
of 6 × 6 cells, walls included: neighbours share a wall, and 10 × 5 + 1 = 51 cells do, where 7 × 7 would need 61.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gymnasium as gym
from minigrid.core.constants import COLOR_NAMES
from minigrid.envs.babyai.core.levelgen import LevelGen
from minigrid.envs.babyai.core.verifier import ObjDesc, PickupInstr
from minigrid.envs.babyai.synth import BossLevel
from minigrid.envs.keycorridor import KeyCorridorEnv
from minigrid.envs.multiroom import MultiRoomEnv

from neurosym.domain import load_domain
from neurosym.errors import UnknownNameError

__all__ = ["SIDES", "WORLDS", "LargerWorlds", "LockedAway", "World", "choose_worlds"]

ROOM_SIZE = 6  # the largest of which 10 × 10 fit
SIDES = (2, 3, 4, 5, 6, 8, 10)  # rooms in a row and in a column


class LockedAway(LevelGen):
    """Take the only ball of a square of rooms: it lies behind a locked door, and the key anywhere else.

    One thing for two rooms lies about, as likely as not in the way: boxes, all empty, and keys to nothing.
    """

    def gen_mission(self) -> None:
        self.add_locked_room()
        self.connect_all()
        room: Any = self.locked_room
        column, row = (edge // (self.room_size - 1) for edge in room.top)
        ball, _ = self.add_object(column, row, "ball")
        self._scatter(without=next(door.color for door in room.doors if door and door.is_locked))
        self.place_agent()
        while self.room_from_pos(*self.agent_pos) is room:
            self.place_agent()
        self.instrs = PickupInstr(ObjDesc("ball", ball.color))

    def _scatter(self, without: str) -> None:
        """Boxes and keys, all of other colours than this one."""
        colours = [colour for colour in COLOR_NAMES if colour != without]
        for _ in range(self.num_rows * self.num_cols // 2):
            column, row = self._rand_int(0, self.num_cols), self._rand_int(0, self.num_rows)
            self.add_object(column, row, self._rand_elem(["box", "key"]), self._rand_elem(colours))


@dataclass(frozen=True)
class World:
    """A kind of level.

    Attributes:
        make: its environment, whose own step limit holds.
        about: what it is, in words.
        series: it is one of the squares of rooms that differ in their number only.
    """

    name: str
    rooms: int
    make: Callable[[], Any]
    about: str
    series: bool = False


def _square(side: int) -> World:
    return World(
        f"LockedAway-{side}x{side}",
        side * side,
        partial(LockedAway, room_size=ROOM_SIZE, num_rows=side, num_cols=side),
        "a ball behind a locked door",
        series=True,
    )


WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World(
            "KeyCorridor-S3R10",
            30,
            partial(KeyCorridorEnv, num_rows=10, room_size=3),
            "KeyCorridor with 10 rows of rooms of 3 × 3 cells",
        ),
        World(
            "KeyCorridor-S6R10",
            30,
            partial(KeyCorridorEnv, num_rows=10, room_size=6),
            "the same of 6 × 6, the largest that fit",
        ),
        World(
            "MultiRoom-N12-S10",
            12,
            partial(MultiRoomEnv, minNumRooms=12, maxNumRooms=12, maxRoomSize=10),
            "MultiRoom with 12 rooms of up to 10 × 10 cells",
        ),
        World(
            "BossLevel-5x5-D40",
            25,
            partial(BossLevel, num_rows=5, num_cols=5, num_dists=40),
            "BossLevel with 5 × 5 rooms, 8 × 8 cells each as in BabyAI, and 40 distractors",
        ),
        *map(_square, SIDES),
    )
}


def choose_worlds(names: list[str]) -> list[World]:
    """These, or all of them; UnknownNameError if there is no such world."""
    for name in names:
        if name not in WORLDS:
            raise UnknownNameError("world", name, WORLDS)
    return [WORLDS[name] for name in names or WORLDS]


class LargerWorlds:
    """What `neurosym.evaluation` plays on in a domain's stead."""

    def make_env(self, task_id: str, render: bool = False) -> gym.Env:
        load_domain("minigrid")
        generators = importlib.import_module("neurosym_domains.minigrid.generators")
        return generators.QuietReset(WORLDS[task_id].make())
