"""A MiniGrid cell as one byte: which thing lies there, in which colour and state, and what it holds if it is a box.

`codes.py` says how an agent sees a cell; a tile says also what an agent cannot see. What blocks the view comes last.
"""

from __future__ import annotations

import numpy as np

from .codes import (
    BALL,
    BOX,
    CLOSED,
    COLOUR_NAMES,
    DOOR,
    EMPTY,
    FLOOR,
    GOAL,
    KEY,
    LAVA,
    LOCKED,
    OPEN,
    WALL,
)

COLOURS = len(COLOUR_NAMES)
EMPTY_TILE = 0
FLOOR_TILES, KEY_TILES, BALL_TILES, GOAL_TILES = (1 + COLOURS * n for n in range(4))
LAVA_TILE = GOAL_TILES + COLOURS
OPEN_DOOR_TILES = LAVA_TILE + 1
BOX_TILES = OPEN_DOOR_TILES + COLOURS  # empty ones, then one colour after another of each thing they can hold
BOX_CONTENTS = (EMPTY_TILE, *range(KEY_TILES, KEY_TILES + COLOURS), *range(BALL_TILES, BALL_TILES + COLOURS),
                *range(BOX_TILES, BOX_TILES + COLOURS))  # fmt: skip
FIRST_OPAQUE = BOX_TILES + COLOURS * len(BOX_CONTENTS)
CLOSED_DOOR_TILES, LOCKED_DOOR_TILES, WALL_TILES = (FIRST_OPAQUE + COLOURS * n for n in range(3))
TILES = WALL_TILES + COLOURS
GREY_WALL_TILE = WALL_TILES + COLOUR_NAMES.index("grey")

_FAMILIES = (
    (FLOOR, 0, FLOOR_TILES),
    (KEY, 0, KEY_TILES),
    (BALL, 0, BALL_TILES),
    (GOAL, 0, GOAL_TILES),
    (DOOR, OPEN, OPEN_DOOR_TILES),
    *((BOX, 0, BOX_TILES + COLOURS * n) for n in range(len(BOX_CONTENTS))),
    (DOOR, CLOSED, CLOSED_DOOR_TILES),
    (DOOR, LOCKED, LOCKED_DOOR_TILES),
    (WALL, 0, WALL_TILES),
)


def _codes() -> np.ndarray:
    """uint16[256], the code of each tile as `codes.py` has it; 0 past the last."""
    codes = np.zeros(256, dtype=np.uint16)
    codes[EMPTY_TILE], codes[LAVA_TILE] = EMPTY, LAVA
    for kind, state, first in _FAMILIES:
        codes[first : first + COLOURS] = [kind | colour << 4 | state << 8 for colour in range(COLOURS)]
    return codes


def _toggled() -> np.ndarray:
    """uint8[256], what each tile becomes when toggled without a key in hand."""
    toggled = np.arange(256, dtype=np.uint8)
    for colour in range(COLOURS):
        toggled[OPEN_DOOR_TILES + colour] = CLOSED_DOOR_TILES + colour
        toggled[CLOSED_DOOR_TILES + colour] = OPEN_DOOR_TILES + colour
        for number, inside in enumerate(BOX_CONTENTS):
            toggled[BOX_TILES + COLOURS * number + colour] = inside
    return toggled


TILE_CODES = _codes()
TOGGLED = _toggled()

# what a tile permits, one bit each
WALKABLE, CARRIABLE = 1, 2
TILE_TRAITS = np.where(np.isin(TILE_CODES & 15, (EMPTY, FLOOR, GOAL, LAVA)), WALKABLE, 0).astype(np.uint8)
TILE_TRAITS[OPEN_DOOR_TILES : OPEN_DOOR_TILES + COLOURS] = WALKABLE
TILE_TRAITS[np.isin(TILE_CODES & 15, (KEY, BALL, BOX))] = CARRIABLE


def tile_of(kind: int, colour: int, state: int = 0, inside: int = EMPTY_TILE) -> int:
    """The tile of a thing; `inside` is the tile of what a box holds.

    Raises:
        ValueError: there is no such thing, or no box that holds such a thing.
    """
    if kind == EMPTY:
        return EMPTY_TILE
    if kind == BOX and inside in BOX_CONTENTS:
        return BOX_TILES + COLOURS * BOX_CONTENTS.index(inside) + colour
    code = kind | colour << 4 | state << 8
    found = np.flatnonzero(code == TILE_CODES)
    if len(found) == 0 or inside != EMPTY_TILE:
        raise ValueError(f"no tile for type {kind}, colour {colour}, state {state}, holding tile {inside}")
    return int(found[0])
