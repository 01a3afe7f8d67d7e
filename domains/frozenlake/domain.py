"""Gymnasium's FrozenLake: slippery ice, so steps of a plan fail now and then, and cost what they turn out to cost.

An observation is the number of a cell and nothing else. Where the holes are is not seen but known: the maps are those
that come with Gymnasium under the names of the two tasks. How slippery the ice is, is learned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import gymnasium
from gymnasium.envs.toy_text.frozen_lake import MAPS
from gymnasium.spaces import MultiDiscrete

from neurosym.kit import GymDomain, SayMission, Subgoal
from neurosym.options import TableConfig

Cell = tuple[int, int]

LAKES = {"small": MAPS["4x4"], "large": MAPS["8x8"]}
MOST_CELLS = 64
SHORE = MOST_CELLS  # as a place to go to


@cache
def ice_of(size: str) -> Mapping[Cell, tuple[Cell, ...]]:
    """The cells one can stand on, start included, and those beside each that one can go to."""
    rows = LAKES[size]
    solid = {(r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign in "SFG"}
    beside = {
        (r, c): tuple(cell for cell in ((r + 1, c), (r, c + 1), (r - 1, c), (r, c - 1)) if cell in solid)
        for r, c in sorted(solid)
    }
    return {(r, c): cells for (r, c), cells in beside.items() if rows[r][c] != "G"}


def name(cell: Cell) -> str:
    return f"cell_{cell[0]}_{cell[1]}"


class FrozenLake(GymDomain):
    missions = {
        "FrozenLake-v1": "cross the small lake",
        "FrozenLake8x8-v1": "cross the large lake",
    }
    action_names = ("left", "down", "right", "up")
    learner = "table"
    table = TableConfig(gamma=0.99, decay=0.85)  # a world with chance in it
    feature_space = MultiDiscrete([len(LAKES), MOST_CELLS, MOST_CELLS + 1])  # lake, place, where to

    def make(self, task_id: str, render_mode: str | None) -> gymnasium.Env[Any, Any]:
        return SayMission(gymnasium.make(task_id, render_mode=render_mode), self.missions[task_id])

    def objects(self, observation: Mapping[str, Any]) -> dict[str, str]:
        size, _ = read(observation)
        return {name(cell): "cell" for cell in ice_of(size)}

    def atoms(self, observation: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
        size, here = read(observation)
        lake, ice = f"{size}_lake", ice_of(size)
        if here in ice:
            yield "at", name(here)
        elif LAKES[size][here[0]][here[1]] == "G":
            yield "crossed", lake
        for cell, beside in ice.items():
            for other in beside:
                yield ("joins", name(cell), name(other)) if other in ice else ("ends", name(cell), lake)

    def features(self, observation: Mapping[str, Any], subgoal: Subgoal) -> tuple[int, int, int]:
        size, (row, column) = read(observation)
        width = len(LAKES[size])
        target = SHORE
        if subgoal.name == "walk":
            target = int(subgoal.args[1].split("_")[1]) * width + int(subgoal.args[1].split("_")[2])
        return list(LAKES).index(size), row * width + column, target


def read(observation: Mapping[str, Any]) -> tuple[str, Cell]:
    """Which lake, and row and column."""
    size = next(size for size in LAKES if size in observation["mission"])
    return size, divmod(int(observation["observation"]), len(LAKES[size]))


DOMAIN = FrozenLake()
