"""What an agent could not have seen: the whole grid, told to a belief when an episode begins. For upper bounds only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import kernel

from .bank import PLACE
from .batch import HEIGHT, PAD, WIDTH
from .codes import WALL
from .engine import Worlds
from .map import BeliefMap, _see, cell_of
from .tiles import TILE_CODES


def reveal(world: BeliefMap, which: NDArray[np.int64], source: Any) -> None:
    """Tell the map of each world at int64[M] `which` what can be got at in its grid; what boxes hold stays hidden.

    Args:
        source: the `Worlds` that the map is about, or the one environment.
    """
    for n in which.tolist():
        codes, x, y = _read_worlds(source, n) if isinstance(source, Worlds) else _read_env(source)
        _reveal(n, codes, x, y, np.zeros(codes.shape, np.bool_), world.tables)


def _read_worlds(worlds: Worlds, n: int) -> tuple[NDArray[np.uint16], int, int]:
    """Cell codes uint16[width, height], and where the agent stands."""
    stride, agent = int(worlds.state.stride[0]), worlds.state.agent[n]
    cells = worlds.state.tiles[n][: len(worlds.state.tiles[n]) // stride * stride].reshape(-1, stride)
    inside = cells[PAD : PAD + agent[WIDTH], PAD : PAD + agent[HEIGHT]]
    x, y = divmod(int(agent[PLACE]), stride)
    return TILE_CODES[inside], x - PAD, y - PAD


def _read_env(env: Any) -> tuple[NDArray[np.uint16], int, int]:
    original = env.unwrapped
    grid = original.grid.encode().astype(np.uint16)
    x, y = original.agent_pos
    return grid[..., 0] | grid[..., 1] << 4 | grid[..., 2] << 8, int(x), int(y)


@kernel
def _reveal(n, codes, x, y, inside, tables):
    """See all cells that no wall shuts off from the agent, and the walls around them."""
    width, height = codes.shape
    queue = [(x, y)]
    inside[x, y] = True
    while len(queue):
        a, b = queue.pop()
        for da, db in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            i, j = a + da, b + db
            if 0 <= i < width and 0 <= j < height and not inside[i, j] and (codes[i, j] & 15) != WALL:
                inside[i, j] = True
                queue.append((i, j))
    for i in range(width):
        for j in range(height):
            near = inside[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2].any()
            cell, code = cell_of(i - x, j - y), np.int64(codes[i, j])
            if near and tables.cells[n, cell] != code and not (i == x and j == y):
                _see(n, cell, code, tables)


__all__ = ["reveal"]
