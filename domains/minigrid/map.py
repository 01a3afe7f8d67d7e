"""What the agent believes of its MiniGrid world, from `image`, `direction` and its own actions alone.

A batch of beliefs: the map of what was seen, the pose by dead reckoning from the start, things with identities, what
is carried, and what has been accomplished. The map is a torus of 64 × 64 cells around the start, so a world may be up
to 57 cells wide (its width and the reach of one view must fit).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numba
import numpy as np

from .codes import (
    BALL,
    BOX,
    COLOUR_NAMES,
    DOOR,
    EMPTY,
    FLOOR,
    FORWARD,
    GOAL,
    HALF_VIEW,
    HEADING_X,
    HEADING_Y,
    KEY,
    LAVA,
    OPEN,
    PICK_UP,
    TOGGLE,
    TYPE_NAMES,
    UNSEEN,
    VIEW,
)

SIZE = 64
WRAP = SIZE - 1
MOST_THINGS = 160

# columns of `BeliefMap.agent`; X and Y are counted from the start and not wrapped
X, Y, HEADING, CARRIED, THINGS, WEST, EAST, NORTH, SOUTH, START_HEADING = range(10)

# `BeliefMap.place` of a thing that lies nowhere
IN_HAND, GONE = -1, -2

# bits of `Belief.marks`: what has happened to a thing since `forget_accomplishments`
VISITED, HELD, OPENED, DROPPED = 1, 2, 4, 8


class Tables(NamedTuple):
    """The arrays of a `BeliefMap`, as the kernels take them; see there."""

    cells: np.ndarray
    ids: np.ndarray
    agent: np.ndarray
    codes: np.ndarray
    place: np.ndarray
    home: np.ndarray
    marks: np.ndarray


@numba.njit(cache=True)
def cell_of(x, y):
    return (x & WRAP) * SIZE + (y & WRAP)


@numba.njit(cache=True)
def walkable(code):
    kind = code & 15
    return kind == EMPTY or kind == FLOOR or kind == GOAL or (kind == DOOR and code >> 8 == OPEN)


@numba.njit(cache=True)
def is_item(code):
    kind = code & 15
    return kind == KEY or kind == BALL or kind == BOX


@numba.njit(cache=True)
def _register(cell, code, ids, agent, codes, place, home):
    """Give the thing at a cell an identity; beyond MOST_THINGS it stays nameless.

    Balls that move by themselves are lost from sight and found again: a ball like one that is gone is that one.
    """
    number = agent[THINGS]
    if (code & 15) == BALL:
        for other in range(agent[THINGS] - 1, -1, -1):
            if place[other] == GONE and codes[other] == code:
                number = other
    if number >= MOST_THINGS:
        ids[cell] = 0
        return
    agent[THINGS] = max(agent[THINGS], number + 1)
    codes[number], place[number], home[number] = code, cell, cell
    ids[cell] = number + 1


@numba.njit(cache=True)
def _see(cell, code, cells, ids, agent, codes, place, home, marks):
    """Write one seen cell into the map."""
    if cells[cell] == code:
        return
    known = ids[cell]
    if known and (codes[known - 1] & 0xFF) == (code & 0xFF):  # the same thing, a door in another state
        codes[known - 1] = code
    else:
        if known:
            place[known - 1] = GONE
            ids[cell] = 0
        kind = code & 15
        if kind == DOOR or kind == GOAL or is_item(code):
            _register(cell, code, ids, agent, codes, place, home)
    cells[cell] = code


@numba.njit(cache=True)
def _see_view(image, cells, ids, agent, codes, place, home, marks, heading_x, heading_y):
    fx, fy = heading_x[agent[HEADING]], heading_y[agent[HEADING]]
    rx, ry = -fy, fx
    for j in range(VIEW):
        ahead = VIEW - 1 - j
        for i in range(VIEW):
            aside = i - HALF_VIEW
            if image[i, j, 0] == UNSEEN or (ahead == 0 and aside == 0):
                continue
            code = np.uint16(image[i, j, 0]) | np.uint16(image[i, j, 1]) << 4 | np.uint16(image[i, j, 2]) << 8
            cell = cell_of(agent[X] + ahead * fx + aside * rx, agent[Y] + ahead * fy + aside * ry)
            _see(cell, code, cells, ids, agent, codes, place, home, marks)


@numba.njit(cache=True)
def _take(front, code, cells, ids, agent, codes, place, home):
    """Something has come into the hand: what lay in front, or else what looks like it; 1 + its number."""
    held = ids[front]
    if not held or codes[held - 1] != code:
        held = 0
        for number in range(agent[THINGS]):
            if codes[number] == code and place[number] >= 0:
                held = number + 1
                break
    if held:
        ids[place[held - 1]], cells[place[held - 1]] = 0, EMPTY
    else:
        here = cell_of(agent[X], agent[Y])
        _register(here, code, ids, agent, codes, place, home)
        held, ids[here] = ids[here], 0
    return held


@numba.njit(cache=True)
def _handle(action, front, image, cells, ids, agent, codes, place, home, marks):
    """Follow what went from the cell in front into the hand, or back."""
    kind = image[HALF_VIEW, VIEW - 1, 0]
    full = kind == KEY or kind == BALL or kind == BOX
    held = agent[CARRIED]
    if full and not held:
        code = np.uint16(kind) | np.uint16(image[HALF_VIEW, VIEW - 1, 1]) << 4
        held = _take(front, code, cells, ids, agent, codes, place, home)
        if held:
            place[held - 1] = IN_HAND
            marks[held - 1] |= HELD if action == PICK_UP else 0
        agent[CARRIED] = held
    elif held and not full:
        ids[front], cells[front] = held, codes[held - 1]
        place[held - 1] = front
        marks[held - 1] |= DROPPED
        agent[CARRIED] = 0


@numba.njit(cache=True)
def _misfit(image, ahead, agent, cells, heading_x, heading_y):
    """How badly a view fits the map if it was taken so many cells ahead of the pose; what stays put counts for more."""
    fx, fy = heading_x[agent[HEADING]], heading_y[agent[HEADING]]
    total = 0
    for j in range(VIEW):
        away = ahead + VIEW - 1 - j
        for i in range(VIEW):
            kind, aside = image[i, j, 0], i - HALF_VIEW
            known = cells[cell_of(agent[X] + away * fx - aside * fy, agent[Y] + away * fy + aside * fx)] & 15
            if kind == UNSEEN or known == UNSEEN or kind == known or (j == VIEW - 1 and aside == 0):
                continue
            moves = (is_item(kind) or kind == EMPTY) and (is_item(known) or known == EMPTY)
            total += 1 if moves else VIEW * VIEW
    return total


@numba.njit(cache=True)
def _barred(image, agent, cells, heading_x, heading_y):
    """Whether something that moves by itself stepped in the way; where nothing does, the view fits one cell ahead."""
    if not is_item(image[HALF_VIEW, VIEW - 2, 0]):
        return False
    moved = _misfit(image, 1, agent, cells, heading_x, heading_y)
    return moved > 0 and _misfit(image, 0, agent, cells, heading_x, heading_y) < moved


@numba.njit(cache=True)
def _revise(action, heading, image, cells, ids, agent, codes, place, home, marks, heading_x, heading_y):
    front = cell_of(agent[X] + heading_x[agent[HEADING]], agent[Y] + heading_y[agent[HEADING]])
    before = cells[front]
    passable = walkable(before) or (before & 15) == LAVA
    if action == FORWARD and passable and not _barred(image, agent, cells, heading_x, heading_y):
        agent[X] += heading_x[agent[HEADING]]
        agent[Y] += heading_y[agent[HEADING]]
        agent[WEST], agent[EAST] = min(agent[WEST], agent[X]), max(agent[EAST], agent[X])
        agent[NORTH], agent[SOUTH] = min(agent[NORTH], agent[Y]), max(agent[SOUTH], agent[Y])
    agent[HEADING] = heading
    _handle(action, front, image, cells, ids, agent, codes, place, home, marks)
    _see_view(image, cells, ids, agent, codes, place, home, marks, heading_x, heading_y)
    if action == TOGGLE and ids[front] and (cells[front] & 15) == DOOR and cells[front] >> 8 == OPEN:
        marks[ids[front] - 1] |= OPENED
    faced = ids[cell_of(agent[X] + heading_x[agent[HEADING]], agent[Y] + heading_y[agent[HEADING]])]
    if faced:
        marks[faced - 1] |= VISITED


@numba.njit(cache=True, nogil=True)
def _revise_all(
    actions, headings, images, cells, ids, agent, codes, place, home, marks, heading_x, heading_y
):
    for n in range(len(actions)):
        _revise(
            actions[n], headings[n], images[n], cells[n], ids[n], agent[n], codes[n], place[n], home[n], marks[n],
            heading_x, heading_y,
        )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def _begin_some(which, headings, images, cells, ids, agent, codes, place, home, marks, heading_x, heading_y):
    for n in which:
        cells[n], ids[n], agent[n], marks[n] = 0, 0, 0, 0
        agent[n, HEADING] = agent[n, START_HEADING] = headings[n]
        cells[n, 0] = EMPTY
        kind = images[n, HALF_VIEW, VIEW - 1, 0]
        if kind == KEY or kind == BALL or kind == BOX:  # carried from the first step on
            code = np.uint16(kind) | np.uint16(images[n, HALF_VIEW, VIEW - 1, 1]) << 4
            _register(0, code, ids[n], agent[n], codes[n], place[n], home[n])
            place[n, 0], agent[n, CARRIED], ids[n, 0] = IN_HAND, 1, 0
        _see_view(
            images[n], cells[n], ids[n], agent[n], codes[n], place[n], home[n], marks[n], heading_x, heading_y
        )
        front = cell_of(heading_x[headings[n]], heading_y[headings[n]])
        if ids[n, front]:
            marks[n, ids[n, front] - 1] |= VISITED


class BeliefMap:
    """Beliefs about N worlds, side by side.

    Attributes:
        cells: uint16[N, 4096], codes of what was last seen; the cell (x, y) is at `(x & 63) * 64 + (y & 63)`.
        ids: int16[N, 4096], 1 + the number of the thing at a cell, 0 for none.
        agent: int32[N, 10], pose, 1 + the number of what is carried, the number of things, the span walked.
        codes: uint16[N, T], each thing's cell code; `place`: int32[N, T], its cell, IN_HAND or GONE;
        home: int32[N, T], the cell where it was first seen; `marks`: uint8[N, T], what happened to it.
    """

    def __init__(self, count: int) -> None:
        self.cells = np.zeros((count, SIZE * SIZE), dtype=np.uint16)
        self.ids = np.zeros((count, SIZE * SIZE), dtype=np.int16)
        self.agent = np.zeros((count, 10), dtype=np.int32)
        self.codes = np.zeros((count, MOST_THINGS), dtype=np.uint16)
        self.place = np.full((count, MOST_THINGS), GONE, dtype=np.int32)
        self.home = np.zeros((count, MOST_THINGS), dtype=np.int32)
        self.marks = np.zeros((count, MOST_THINGS), dtype=np.uint8)
        self.names: list[list[str]] = [[] for _ in range(count)]

    def __len__(self) -> int:
        return len(self.agent)

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return (
            self.cells,
            self.ids,
            self.agent,
            self.codes,
            self.place,
            self.home,
            self.marks,
            HEADING_X,
            HEADING_Y,
        )

    @property
    def tables(self) -> Tables:
        """All arrays, for kernels."""
        return Tables(self.cells, self.ids, self.agent, self.codes, self.place, self.home, self.marks)

    def begin(self, mask: np.ndarray, observation: Mapping[str, Any]) -> None:
        """Forget everything where bool[N] `mask` says so, and take the first look of an episode."""
        which = np.flatnonzero(mask)
        _begin_some(which, observation["direction"], observation["image"], *self._arrays())
        for n in which:
            self.names[n] = []

    def update(self, actions: np.ndarray, observation: Mapping[str, Any]) -> None:
        """Take in what int64[N] actions led to: image uint8[N, 7, 7, 3] and direction int64[N]."""
        _revise_all(actions, observation["direction"], observation["image"], *self._arrays())

    def forget_accomplishments(self, index: int) -> None:
        """A new stage of the mission begins: what was visited, held and opened before does not count."""
        self.marks[index] = 0

    def name(self, index: int, thing: int) -> str:
        """The symbol of a thing, such as `red_key` or, for the second one seen, `red_key_2`."""
        names = self.names[index]
        while len(names) <= thing:
            code = int(self.codes[index, len(names)])
            stem = f"{COLOUR_NAMES[code >> 4 & 15]}_{TYPE_NAMES[code & 15]}"
            twins = sum(1 for name in names if name == stem or name.startswith(stem + "_"))
            names.append(stem if not twins else f"{stem}_{twins + 1}")
        return names[thing]


__all__ = ["GONE", "IN_HAND", "MOST_THINGS", "SIZE", "BeliefMap"]
