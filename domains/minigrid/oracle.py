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
from .map import EAST, NORTH, SOUTH, WEST, BeliefMap, _see, cell_of
from .tiles import TILE_CODES


def reveal(world: BeliefMap, which: NDArray[np.int64], source: Any) -> None:
    """Tell the map of each world at int64[M] `which` what can be got at in its grid; what boxes hold stays hidden.

    Args:
        source: the `Worlds` that the map is about, or the one environment.
    """
    for n in which.tolist():
        codes, x, y = _read_worlds(source, n) if isinstance(source, Worlds) else _read_env(source)
        _reveal(n, codes, x, y, _within_reach(codes, x, y), world.tables)


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


def _within_reach(codes: NDArray[np.uint16], x: int, y: int) -> NDArray[np.bool_]:
    """bool[width, height]: the cells that no wall shuts off from (x, y), and what is around them."""
    free = np.pad((codes & 15) != WALL, 1)
    inside, grown = np.zeros_like(free), np.zeros_like(free)
    grown[x + 1, y + 1] = True
    while (grown != inside).any():
        inside = grown.copy()
        grown[1:] |= inside[:-1]
        grown[:-1] |= inside[1:]
        grown[:, 1:] |= inside[:, :-1]
        grown[:, :-1] |= inside[:, 1:]
        grown &= free
    around = inside[2:] | inside[1:-1] | inside[:-2]
    return np.ascontiguousarray(around[:, 2:] | around[:, 1:-1] | around[:, :-2])


@kernel
def _reveal(n, codes, x, y, wanted, tables):
    """See all `wanted` cells but the agent's own, as if it had walked so far."""
    agent = tables.agent[n]
    width, height = codes.shape
    for i in range(width):
        for j in range(height):
            if not wanted[i, j] or (i == x and j == y):
                continue
            cell, code = cell_of(i - x, j - y), np.int64(codes[i, j])
            if tables.cells[n, cell] != code:
                _see(n, cell, code, tables)
            agent[WEST], agent[EAST] = min(agent[WEST], i - x), max(agent[EAST], i - x)
            agent[NORTH], agent[SOUTH] = min(agent[NORTH], j - y), max(agent[SOUTH], j - y)


__all__ = ["reveal"]
