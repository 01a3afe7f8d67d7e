"""How a MiniGrid cell is written as one number, and which way the agent's frame lies in the world.

A cell is `type | colour << 4 | state << 8` in a uint16, with MiniGrid's own indices (`minigrid.core.constants`).
Type 0 is "not seen yet". Headings are MiniGrid's: 0 right, 1 down, 2 left, 3 up; y grows downwards.
"""

from __future__ import annotations

import numpy as np

UNSEEN, EMPTY, WALL, FLOOR, DOOR, KEY, BALL, BOX, GOAL, LAVA = range(10)
OPEN, CLOSED, LOCKED = range(3)

TYPE_NAMES = ("unseen", "empty", "wall", "floor", "door", "key", "ball", "box", "goal", "lava")
COLOUR_NAMES = ("red", "green", "blue", "purple", "yellow", "grey")

LEFT, RIGHT, FORWARD, PICK_UP, DROP, TOGGLE, DONE = range(7)
ACTION_NAMES = ("left", "right", "forward", "pickup", "drop", "toggle", "done")

VIEW = 7
HALF_VIEW = VIEW // 2

EMPTY_CODE = np.uint16(EMPTY)
GREY_WALL_CODE = np.uint16(WALL | 5 << 4)

HEADING_X = np.array([1, 0, -1, 0], dtype=np.int64)
HEADING_Y = np.array([0, 1, 0, -1], dtype=np.int64)


def pack(image: np.ndarray) -> np.ndarray:
    """uint8[..., 3] as MiniGrid encodes cells → uint16[...]."""
    cells = image.astype(np.uint16)
    return cells[..., 0] | cells[..., 1] << 4 | cells[..., 2] << 8


def type_of(code: int) -> int:
    return int(code) & 15


def colour_of(code: int) -> int:
    return int(code) >> 4 & 15


def state_of(code: int) -> int:
    return int(code) >> 8


def is_item_code(code: int) -> bool:
    """Whether it is something to be carried."""
    return type_of(code) in (KEY, BALL, BOX)
