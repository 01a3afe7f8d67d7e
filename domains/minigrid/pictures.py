"""What the agent sees and believes, drawn with MiniGrid's own tiles."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from minigrid.core.grid import Grid
from minigrid.core.world_object import WorldObj
from numpy.typing import NDArray

from .codes import EMPTY, UNSEEN, VIEW, pack, type_of
from .map import EAST, HEADING, NORTH, SIZE, SOUTH, WEST, WRAP, BeliefMap, X, Y

TILE = 32
UNSEEN_GREY = 40


@lru_cache(maxsize=1024)
def tile(code: int, heading: int | None = None, lit: bool = False) -> NDArray[np.uint8]:
    """uint8[32, 32, 3], one cell as MiniGrid draws it, with the agent on it if a heading is given."""
    if type_of(code) == UNSEEN and heading is None:
        return np.full((TILE, TILE, 3), UNSEEN_GREY, dtype=np.uint8)
    thing = WorldObj.decode(type_of(code), code >> 4 & 15, code >> 8) if type_of(code) > EMPTY else None
    return Grid.render_tile(thing, heading, lit, TILE)


def draw(codes: NDArray[np.uint16], agent: tuple[int, int, int] | None = None) -> NDArray[np.uint8]:
    """A map of codes [W, H], x first, as a picture uint8[32 H, 32 W, 3]; `agent` is column, row and heading."""
    width, height = codes.shape
    picture = np.empty((height * TILE, width * TILE, 3), dtype=np.uint8)
    for x in range(width):
        for y in range(height):
            heading = agent[2] if agent is not None and agent[:2] == (x, y) else None
            picture[y * TILE : (y + 1) * TILE, x * TILE : (x + 1) * TILE] = tile(int(codes[x, y]), heading)
    return picture


def draw_view(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An observation's image, uint8[7, 7, 3], with the agent at the bottom looking up."""

    return draw(pack(image), (VIEW // 2, VIEW - 1, 3))


def draw_belief(world: BeliefMap, index: int) -> NDArray[np.uint8]:
    """What is believed: every cell seen so far, the rest dark."""
    agent = world.agent[index]
    xs = np.arange(agent[WEST] - VIEW, agent[EAST] + VIEW + 1)[:SIZE]
    ys = np.arange(agent[NORTH] - VIEW, agent[SOUTH] + VIEW + 1)[:SIZE]
    codes = world.cells[index].reshape(SIZE, SIZE)[np.ix_(xs & WRAP, ys & WRAP)]
    seen_x, seen_y = np.flatnonzero(codes.any(axis=1)), np.flatnonzero(codes.any(axis=0))
    left, top = int(seen_x[0]), int(seen_y[0])
    codes = codes[left : seen_x[-1] + 1, top : seen_y[-1] + 1]
    where = (int(agent[X] - xs[0]) - left, int(agent[Y] - ys[0]) - top, int(agent[HEADING]))
    return draw(codes, where)


__all__ = ["draw_belief", "draw_view"]
