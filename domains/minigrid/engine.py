"""MiniGrid's physics for a batch of worlds, compiled: seven actions, doors, keys, boxes, lava, goals, the 7×7 view.

The worlds are exact against `minigrid` (see the lockstep test). They know no tasks: stepping onto a goal square or
into lava ends an episode, as in `MiniGridEnv.step`; whether a mission is accomplished is for whoever watches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from .codes import (
    BALL,
    BOX,
    CLOSED,
    DOOR,
    DROP,
    EMPTY,
    FLOOR,
    FORWARD,
    GOAL,
    GREY_WALL_CODE,
    HALF_VIEW,
    HEADING_X,
    HEADING_Y,
    KEY,
    LAVA,
    LEFT,
    LOCKED,
    OPEN,
    PICK_UP,
    RIGHT,
    TOGGLE,
    VIEW,
    WALL,
    pack,
)

PAD = VIEW - 1  # a view reaches at most six cells past the agent, so no index leaves the padded grid

# columns of `Worlds.agent`; a level sets all but the last
X, Y, HEADING, CARRIED, CARRIED_CONTENT, SEES_THROUGH, STEPS = range(7)


@dataclass(frozen=True)
class Levels:
    """Levels to start worlds from, all in one array.

    Attributes:
        cells: uint16[L, S, S] indexed [level, x, y], padded with walls.
        contents: uint16[L, S, S], what the box at a cell holds, 0 for nothing.
        agent: int32[L, 6], x, y (padded coordinates), heading, what is carried, what that holds, and whether the agent
            sees through walls.
        max_steps: int32[L], the environment's own step limit.
        missions: L strings.
        tasks: L task ids.
    """

    cells: np.ndarray
    contents: np.ndarray
    agent: np.ndarray
    max_steps: np.ndarray
    missions: tuple[str, ...]
    tasks: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.missions)


def _row_table() -> np.ndarray:
    """uint16[2**14]: (row mask << 7 | transparent cells) → row mask after both sweeps | mask lit in the next row << 7.

    One table look-up is one row of `minigrid.core.grid.Grid.process_vis`.
    """
    table = np.zeros(1 << 2 * VIEW, dtype=np.uint16)
    sweeps = ([(i, i + 1) for i in range(VIEW - 1)], [(i, i - 1) for i in range(VIEW - 1, 0, -1)])
    for mask in range(1 << VIEW):
        for clear in range(1 << VIEW):
            lit, above = mask, 0
            for sweep in sweeps:
                for here, beside in sweep:
                    if lit >> here & clear >> here & 1:
                        lit |= 1 << beside
                        above |= 1 << beside | 1 << here
            table[mask << VIEW | clear] = lit | above << VIEW
    return table


ROW_TABLE = _row_table()


@numba.njit(cache=True)
def _opaque(code):
    kind = code & 15
    return kind == WALL or (kind == DOOR and code >> 8 != OPEN)


@numba.njit(cache=True)
def _look(cells, agent, image, row_table, heading_x, heading_y):
    """Fill one view, image[i, j]: i from left to right, j from far to near, the agent at (3, 6)."""
    fx, fy = heading_x[agent[HEADING]], heading_y[agent[HEADING]]
    rx, ry = -fy, fx
    lit = np.int64(1 << HALF_VIEW)
    for j in range(VIEW - 1, -1, -1):
        ahead = VIEW - 1 - j
        bx = agent[X] + ahead * fx - HALF_VIEW * rx
        by = agent[Y] + ahead * fy - HALF_VIEW * ry
        clear = np.int64(0)
        for i in range(VIEW):
            if not _opaque(cells[bx + i * rx, by + i * ry]):
                clear |= 1 << i
        row = np.int64(row_table[lit << VIEW | clear])
        if agent[SEES_THROUGH]:
            row |= (1 << VIEW) - 1
        for i in range(VIEW):
            code = np.int64(cells[bx + i * rx, by + i * ry]) if row >> i & 1 else 0
            image[i, j, 0], image[i, j, 1], image[i, j, 2] = code & 15, code >> 4 & 15, code >> 8
        lit = row >> VIEW
    held = agent[CARRIED] if agent[CARRIED] else EMPTY
    image[HALF_VIEW, VIEW - 1, 0] = held & 15
    image[HALF_VIEW, VIEW - 1, 1] = held >> 4 & 15
    image[HALF_VIEW, VIEW - 1, 2] = held >> 8


@numba.njit(cache=True)
def _toggle(cells, contents, agent, fx, fy):
    code = np.int64(cells[fx, fy])
    state = code >> 8
    if code & 15 == DOOR:
        if state == LOCKED:
            if agent[CARRIED] == (KEY | (code & 0xF0)):
                cells[fx, fy] = code & 0xFF
        else:
            cells[fx, fy] = (code & 0xFF) | (CLOSED - state) << 8
    elif code & 15 == BOX:
        cells[fx, fy] = contents[fx, fy] if contents[fx, fy] else EMPTY
        contents[fx, fy] = 0


@numba.njit(cache=True)
def _act(cells, contents, agent, action, heading_x, heading_y):
    """One step of one world; returns the type stepped onto when that ends the episode, else 0."""
    agent[STEPS] += 1
    if action == LEFT:
        agent[HEADING] = (agent[HEADING] + 3) & 3
        return 0
    if action == RIGHT:
        agent[HEADING] = (agent[HEADING] + 1) & 3
        return 0
    fx, fy = agent[X] + heading_x[agent[HEADING]], agent[Y] + heading_y[agent[HEADING]]
    code = np.int64(cells[fx, fy])
    kind = code & 15
    if action == FORWARD:
        walkable = kind == EMPTY or kind == FLOOR or kind == GOAL or kind == LAVA
        if walkable or (kind == DOOR and code >> 8 == OPEN):
            agent[X], agent[Y] = fx, fy
        return kind if kind == GOAL or kind == LAVA else 0
    if action == PICK_UP:
        if (kind == KEY or kind == BALL or kind == BOX) and agent[CARRIED] == 0:
            agent[CARRIED], agent[CARRIED_CONTENT] = code, contents[fx, fy]
            cells[fx, fy], contents[fx, fy] = EMPTY, 0
    elif action == DROP:
        if kind == EMPTY and agent[CARRIED]:
            cells[fx, fy], contents[fx, fy] = agent[CARRIED], agent[CARRIED_CONTENT]
            agent[CARRIED], agent[CARRIED_CONTENT] = 0, 0
    elif action == TOGGLE:
        _toggle(cells, contents, agent, fx, fy)
    return 0


@numba.njit(cache=True, nogil=True)
def _step_all(
    cells, contents, agent, max_steps, actions, images, ended, truncated, row_table, heading_x, heading_y
):
    for n in range(len(actions)):
        ended[n] = _act(cells[n], contents[n], agent[n], actions[n], heading_x, heading_y)
        truncated[n] = agent[n, STEPS] >= max_steps[n]
        _look(cells[n], agent[n], images[n], row_table, heading_x, heading_y)


@numba.njit(cache=True, nogil=True)
def _look_some(indices, cells, agent, images, row_table, heading_x, heading_y):
    for n in indices:
        _look(cells[n], agent[n], images[n], row_table, heading_x, heading_y)


class Worlds:
    """A batch of MiniGrid worlds. Nothing resets by itself: ended worlds go on until `start` is called.

    Args:
        levels: where worlds start from.
        count: number of worlds, N.
        seed: of the choice of levels.

    Attributes:
        images: uint8[N, 7, 7, 3], the current views, overwritten by each step.
        level: int64[N], the level each world is in.
    """

    def __init__(self, levels: Levels, count: int, seed: int = 0) -> None:
        size = levels.cells.shape[1]
        self.levels = levels
        self.rng = np.random.default_rng(seed)
        self.level = np.zeros(count, dtype=np.int64)
        self.cells = np.empty((count, size, size), dtype=np.uint16)
        self.contents = np.empty((count, size, size), dtype=np.uint16)
        self.agent = np.zeros((count, STEPS + 1), dtype=np.int32)
        self.max_steps = np.zeros(count, dtype=np.int32)
        self.images = np.zeros((count, VIEW, VIEW, 3), dtype=np.uint8)
        self.start(np.arange(count))

    def __len__(self) -> int:
        return len(self.level)

    def start(self, indices: np.ndarray, level: np.ndarray | None = None) -> None:
        """Start the worlds at `indices` (int64[M]) from the given levels, or from levels drawn at random."""
        chosen = self.rng.integers(len(self.levels), size=len(indices)) if level is None else level
        self.level[indices] = chosen
        self.cells[indices] = self.levels.cells[chosen]
        self.contents[indices] = self.levels.contents[chosen]
        self.agent[indices, :STEPS] = self.levels.agent[chosen]
        self.agent[indices, STEPS] = 0
        self.max_steps[indices] = self.levels.max_steps[chosen]
        _look_some(indices, self.cells, self.agent, self.images, ROW_TABLE, HEADING_X, HEADING_Y)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Apply int64[N] actions.

        Returns:
            ended: int64[N], the type stepped onto (GOAL or LAVA) where that ended the episode, else 0.
            truncated: bool[N], the level's step limit is reached.
        """
        ended = np.zeros(len(self), dtype=np.int64)
        truncated = np.zeros(len(self), dtype=np.bool_)
        _step_all(
            self.cells, self.contents, self.agent, self.max_steps, actions, self.images, ended, truncated,
            ROW_TABLE, HEADING_X, HEADING_Y,
        )  # fmt: skip
        return ended, truncated

    def task_of(self, index: int) -> str:
        """The id of the task whose level a world is in."""
        return self.levels.tasks[self.level[index]]

    def observation(self) -> dict[str, object]:
        """What `minigrid` would show: image uint8[N, 7, 7, 3], direction int64[N], mission, a list of N strings."""
        missions = self.levels.missions
        return {
            "image": self.images,
            "direction": self.agent[:, HEADING].astype(np.int64),
            "mission": [missions[level] for level in self.level],
        }


def pad(encoded: np.ndarray, size: int) -> np.ndarray:
    """uint8[W, H, 3] as `Grid.encode` gives it → uint16[size, size] with walls all around."""
    cells = np.full((size, size), GREY_WALL_CODE, dtype=np.uint16)
    width, height = encoded.shape[:2]
    cells[PAD : PAD + width, PAD : PAD + height] = pack(encoded)
    return cells


__all__ = ["PAD", "Levels", "Worlds", "pad"]
