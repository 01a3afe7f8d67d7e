"""What an agent sees: the 7×7 view with occlusion, as `minigrid` draws it, compiled."""

from __future__ import annotations

import numpy as np

from neurosym.jit import inner

from .bank import CARRIED, HEADING, PLACE, SEES_THROUGH, SHOWN_AT
from .codes import HALF_VIEW, VIEW
from .tiles import EMPTY_TILE, FIRST_OPAQUE, TILE_CODES

IMAGE_BYTES = VIEW * VIEW * 3
UNSEEN_TILE = 255
NEAR = VIEW - 1  # the view's row that the agent is in


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


def _appearance() -> np.ndarray:
    """uint8[256, 3], what is shown of each tile; zeros for UNSEEN_TILE."""
    codes = TILE_CODES.astype(np.int64)
    return np.stack([codes & 15, codes >> 4 & 15, codes >> 8], axis=1).astype(np.uint8)


ROW_TABLE = _row_table()
APPEARANCE = _appearance()


@inner
def ahead_of(heading, stride):
    """How far apart in a world's tiles the agent's cell and the one before it are."""
    if heading & 1:
        return 2 - heading
    return stride * (1 - heading)


@inner
def look(tiles, agent, stride, image):
    """Fill uint8[147] with one view, [i, j] of it: i from left to right, j from far to near, the agent at (3, 6)."""
    heading = np.int64(agent[HEADING])
    forward, right = ahead_of(heading, stride), ahead_of((heading + 1) & 3, stride)
    lit = np.int64(1 << HALF_VIEW)
    everything = (1 << VIEW) - 1 if agent[SEES_THROUGH] else 0
    for ahead in range(VIEW):
        left = agent[PLACE] + ahead * forward - HALF_VIEW * right
        clear = np.int64(0)
        for i in range(VIEW):
            clear |= np.int64(tiles[np.uint64(left + i * right)] < FIRST_OPAQUE) << i
        row = np.int64(ROW_TABLE[np.uint64(lit << VIEW | clear)])
        seen = row | everything
        for i in range(VIEW):
            tile = tiles[np.uint64(left + i * right)] if seen >> i & 1 else UNSEEN_TILE
            at = np.uint64((i * VIEW + NEAR - ahead) * 3)
            for c in range(3):
                image[at + np.uint64(c)] = APPEARANCE[np.uint64(tile), np.uint64(c)]
        lit = row >> VIEW
    at = (HALF_VIEW * VIEW + NEAR) * 3
    for c in range(3):
        image[at + c] = APPEARANCE[agent[CARRIED], c]


@inner
def look_first(tiles, agent, stride, image):
    """The first view of an episode. `minigrid` draws it before it hands over what an agent starts with."""
    shown_at, held = agent[SHOWN_AT], agent[CARRIED]
    if shown_at < 0:
        look(tiles, agent, stride, image)
        return
    tiles[shown_at], agent[CARRIED] = held, EMPTY_TILE
    look(tiles, agent, stride, image)
    tiles[shown_at], agent[CARRIED] = EMPTY_TILE, held


__all__ = ["IMAGE_BYTES", "ahead_of", "look", "look_first"]
