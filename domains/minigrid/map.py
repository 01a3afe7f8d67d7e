"""What the agent believes of its MiniGrid world, from `image`, `direction` and its own actions alone.

A batch of beliefs: the map of what was seen, the pose by dead reckoning from the start, things with identities, what
is carried, and what has been accomplished. The map is a torus of 64 × 64 cells around the start, so a world may be up
to 57 cells wide (its width and the reach of one view must fit).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from neurosym.jit import inner, kernel

from .codes import (
    BALL,
    BOX,
    COLOUR_NAMES,
    DONE,
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
    WALL,
)

SIZE = 64
WRAP = SIZE - 1
MOST_THINGS = 400

# columns of `BeliefMap.agent`; X and Y are counted from the start and not wrapped
X, Y, HEADING, CARRIED, THINGS, WEST, EAST, NORTH, SOUTH, START_HEADING = range(10)
PAIRS, EMPTY_BOXES, RESTLESS, SURPRISED, DECLARED, TAKEN_FROM, TOUCHED, WAYPOINT, ARRIVED = range(10, 19)
LOOKOUT, ROOMY = 19, 20
COLUMNS = 21

# `BeliefMap.place` of a thing that lies nowhere
IN_HAND, GONE = -1, -2

# bits of `BeliefMap.marks`: what has happened to a thing since `forget_accomplishments`
VISITED, HELD, OPENED = 1, 2, 4
MOST_PAIRS = 16

# three bits that say what a cell is to somebody who walks; what is odd can be walked on, but for the last
NOT_SEEN, FREE, BLOCKED, OPEN_WAY, OCCUPIED, TARGET, SHUT_WAY, DEADLY = range(8)


@inner
def cell_of(x, y):
    return (x & WRAP) * SIZE + (y & WRAP)


@inner
def walkable(code):
    kind = code & 15
    return kind == EMPTY or kind == FLOOR or kind == GOAL or (kind == DOOR and code >> 8 == OPEN)


@inner
def is_item(code):
    kind = code & 15
    return kind == KEY or kind == BALL or kind == BOX


class Tables(NamedTuple):
    """The arrays of a `BeliefMap`, as the kernels take them; see there."""

    cells: np.ndarray
    ids: np.ndarray
    sketch: np.ndarray
    agent: np.ndarray
    codes: np.ndarray
    place: np.ndarray
    home: np.ndarray
    marks: np.ndarray
    pairs: np.ndarray


@inner
def sketched(code):
    """A cell code in three bits, as `BeliefMap.sketch` has it."""
    kind = code & 15
    if kind == DOOR:
        return OPEN_WAY if code >> 8 == OPEN else SHUT_WAY
    if kind == UNSEEN or kind == WALL:
        return NOT_SEEN if kind == UNSEEN else BLOCKED
    if kind == EMPTY or kind == FLOOR:
        return FREE
    if kind == GOAL or kind == LAVA:
        return TARGET if kind == GOAL else DEADLY
    return OCCUPIED


@inner
def write_cell(n, cell, code, tables):
    """Write a code into the map of world `n`, and into its sketch."""
    tables.cells[n, cell] = code
    x, bit = cell // SIZE, np.uint64(1) << np.uint64(cell & WRAP)
    bits = sketched(code)
    for k in range(3):
        if bits >> k & 1:
            tables.sketch[n, x, k] |= bit
        else:
            tables.sketch[n, x, k] &= ~bit


@inner
def _register(n, cell, code, tables):
    """Give the thing at a cell an identity; beyond MOST_THINGS it stays nameless.

    Balls that move by themselves are lost from sight and found again: a ball like one that is gone is that one.
    """
    known = tables.agent[n, THINGS]
    number = known
    if (code & 15) == BALL:
        for other in range(known - 1, -1, -1):
            if tables.place[n, other] == GONE and tables.codes[n, other] == code:
                number = other
    if number >= MOST_THINGS:
        tables.ids[n, cell] = 0
        return
    tables.agent[n, THINGS] = max(known, number + 1)
    tables.codes[n, number], tables.place[n, number], tables.home[n, number] = code, cell, cell
    tables.ids[n, cell] = number + 1


@inner
def _see(n, cell, code, tables):
    """Something else than before is seen at a cell."""
    known = tables.ids[n, cell]
    # the same thing: a door in another state
    if known and (tables.codes[n, known - 1] & 0xFF) == (code & 0xFF):
        tables.codes[n, known - 1] = code
    else:
        if known:
            tables.place[n, known - 1] = GONE
            tables.ids[n, cell] = 0
            if (tables.codes[n, known - 1] & 15) == BALL and not tables.agent[n, RESTLESS]:
                tables.agent[n, RESTLESS], tables.agent[n, SURPRISED] = 1, 1
        kind = code & 15
        if kind == DOOR or kind == GOAL or is_item(code):
            _register(n, cell, code, tables)
    write_cell(n, cell, code, tables)


@inner
def _see_view(n, images, tables, heading_x, heading_y):
    heading = tables.agent[n, HEADING]
    fx, fy = heading_x[heading], heading_y[heading]
    for j in range(VIEW):
        ahead = VIEW - 1 - j
        x = tables.agent[n, X] + ahead * fx + HALF_VIEW * fy
        y = tables.agent[n, Y] + ahead * fy - HALF_VIEW * fx
        for i in range(VIEW):
            cell = cell_of(x, y)
            x, y = x - fy, y + fx
            code = np.int64(images[n, i, j, 0]) | np.int64(images[n, i, j, 1]) << 4
            code |= np.int64(images[n, i, j, 2]) << 8
            if tables.cells[n, cell] == code or (code & 15) == UNSEEN or (ahead == 0 and i == HALF_VIEW):
                continue
            _see(n, cell, code, tables)


@inner
def _take(n, front, code, tables):
    """Something has come into the hand: what lay in front, or else what looks like it; 1 + its number."""
    held = tables.ids[n, front]
    if not held or tables.codes[n, held - 1] != code:
        held = 0
        for number in range(tables.agent[n, THINGS]):
            if tables.codes[n, number] == code and tables.place[n, number] >= 0:
                held = number + 1
                break
    if held:
        cell = tables.place[n, held - 1]
        tables.ids[n, cell] = 0
        write_cell(n, cell, EMPTY, tables)
    else:
        here = cell_of(tables.agent[n, X], tables.agent[n, Y])
        _register(n, here, code, tables)
        held, tables.ids[n, here] = tables.ids[n, here], 0
    return held


@inner
def _shown_in_hand(n, images):
    """The code of what a view shows in the agent's hand, 0 for nothing."""
    code = np.int64(images[n, HALF_VIEW, VIEW - 1, 0]) | np.int64(images[n, HALF_VIEW, VIEW - 1, 1]) << 4
    return code if is_item(code) else 0


@inner
def _note_neighbours(n, dropped, cell, tables):
    """Take down what a thing was put next to; of more than MOST_PAIRS the earliest are forgotten."""
    x, y = cell // SIZE, cell & WRAP
    for beside in (cell_of(x - 1, y), cell_of(x + 1, y), cell_of(x, y - 1), cell_of(x, y + 1)):
        other = tables.ids[n, beside]
        if other:
            place = tables.agent[n, PAIRS] % MOST_PAIRS
            tables.pairs[n, place, 0], tables.pairs[n, place, 1] = dropped, other
            tables.agent[n, PAIRS] += 1


@inner
def _handle(n, action, front, images, tables):
    """Follow what went from the cell in front into the hand, or back."""
    code, held = _shown_in_hand(n, images), tables.agent[n, CARRIED]
    if code and not held:
        held = _take(n, front, code, tables)
        if held:
            tables.agent[n, TAKEN_FROM], tables.agent[n, TOUCHED] = front, held
            tables.place[n, held - 1] = IN_HAND
            tables.marks[n, held - 1] |= HELD if action == PICK_UP else 0
        tables.agent[n, CARRIED] = held
    elif held and not code:
        tables.ids[n, front] = held
        write_cell(n, front, tables.codes[n, held - 1], tables)
        tables.place[n, held - 1] = front
        tables.agent[n, CARRIED], tables.agent[n, TOUCHED] = 0, held
        _note_neighbours(n, held, front, tables)


@inner
def _misfit(n, ahead, images, tables, fx, fy):
    """How badly a view fits the map if it was taken so many cells ahead of the pose; what stays put counts for more."""
    x, y = tables.agent[n, X], tables.agent[n, Y]
    total = 0
    for j in range(VIEW):
        away = ahead + VIEW - 1 - j
        for i in range(VIEW):
            kind, aside = images[n, i, j, 0], i - HALF_VIEW
            known = tables.cells[n, cell_of(x + away * fx - aside * fy, y + away * fy + aside * fx)] & 15
            if kind == UNSEEN or known == UNSEEN or kind == known or (j == VIEW - 1 and aside == 0):
                continue
            moves = (is_item(kind) or kind == EMPTY) and (is_item(known) or known == EMPTY)
            total += 1 if moves else VIEW * VIEW
    return total


@inner
def _barred(n, images, tables, fx, fy):
    """Whether something that moves by itself stepped in the way; where nothing does, the view fits one cell ahead."""
    if not is_item(images[n, HALF_VIEW, VIEW - 2, 0]):
        return False
    moved = _misfit(n, 1, images, tables, fx, fy)
    return moved > 0 and _misfit(n, 0, images, tables, fx, fy) < moved


@inner
def _go_on(n, images, tables, fx, fy):
    """Take the step forward that was tried, if nothing stood in its way."""
    agent = tables.agent
    x, y = agent[n, X] + fx, agent[n, Y] + fy
    before = tables.cells[n, cell_of(x, y)]
    if not (walkable(before) or (before & 15) == LAVA) or _barred(n, images, tables, fx, fy):
        return
    agent[n, X], agent[n, Y] = x, y
    agent[n, WEST], agent[n, EAST] = min(agent[n, WEST], x), max(agent[n, EAST], x)
    agent[n, NORTH], agent[n, SOUTH] = min(agent[n, NORTH], y), max(agent[n, SOUTH], y)


@inner
def _front(n, tables, heading_x, heading_y):
    heading = tables.agent[n, HEADING]
    return cell_of(tables.agent[n, X] + heading_x[heading], tables.agent[n, Y] + heading_y[heading])


@inner
def _visit(n, tables, heading_x, heading_y):
    faced = tables.ids[n, _front(n, tables, heading_x, heading_y)]
    if faced:
        tables.marks[n, faced - 1] |= VISITED


@inner
def _arrive(n, tables):
    """At a waypoint it is time to look for the next one."""
    agent = tables.agent
    agent[n, ARRIVED] = agent[n, WAYPOINT] == 1 + cell_of(agent[n, X], agent[n, Y])
    if agent[n, ARRIVED]:
        agent[n, WAYPOINT] = 0


@inner
def _revise(n, action, heading, images, tables, heading_x, heading_y):
    """Take in one step of one world."""
    front = _front(n, tables, heading_x, heading_y)
    was, there = tables.cells[n, front], tables.ids[n, front]
    tables.agent[n, SURPRISED], tables.agent[n, TOUCHED] = 0, 0
    tables.agent[n, DECLARED] |= action == DONE
    if action == FORWARD:
        before = tables.agent[n, HEADING]
        _go_on(n, images, tables, heading_x[before], heading_y[before])
    tables.agent[n, HEADING] = heading
    _handle(n, action, front, images, tables)
    _see_view(n, images, tables, heading_x, heading_y)
    if action == TOGGLE:
        code, door = tables.cells[n, front], tables.ids[n, front]
        if door and (code & 15) == DOOR and code >> 8 == OPEN:
            tables.marks[n, door - 1] |= OPENED
        tables.agent[n, EMPTY_BOXES] += (was & 15) == BOX and code == EMPTY
        if was != code:
            tables.agent[n, TOUCHED] = there
    _visit(n, tables, heading_x, heading_y)
    _arrive(n, tables)


@kernel
def _revise_all(actions, headings, images, tables, heading_x, heading_y):
    for n in range(len(actions)):
        _revise(n, actions[n], headings[n], images, tables, heading_x, heading_y)


@inner
def _forget(n, tables):
    """Clear the map of one world; only columns of which something was seen hold anything."""
    sketch = tables.sketch
    for x in range(SIZE):
        if sketch[n, x, 0] | sketch[n, x, 1] | sketch[n, x, 2]:
            tables.cells[n, x * SIZE : (x + 1) * SIZE] = 0
            tables.ids[n, x * SIZE : (x + 1) * SIZE] = 0
            sketch[n, x] = 0
    tables.agent[n], tables.marks[n] = 0, 0
    tables.agent[n, TAKEN_FROM] = -1


@kernel
def _begin_some(which, headings, images, tables, heading_x, heading_y):
    for n in which:
        _forget(n, tables)
        tables.agent[n, HEADING] = tables.agent[n, START_HEADING] = headings[n]
        write_cell(n, 0, EMPTY, tables)
        code = _shown_in_hand(n, images)
        if code:  # carried from the first step on
            _register(n, 0, code, tables)
            tables.place[n, 0], tables.agent[n, CARRIED], tables.ids[n, 0] = IN_HAND, 1, 0
        _see_view(n, images, tables, heading_x, heading_y)
        _visit(n, tables, heading_x, heading_y)


class BeliefMap:
    """Beliefs about N worlds, side by side.

    Attributes:
        cells: uint16[N, 4096], codes of what was last seen; the cell (x, y) is at `(x & 63) * 64 + (y & 63)`.
        ids: int16[N, 4096], 1 + the number of the thing at a cell, 0 for none.
        sketch: uint64[N, 64, 3], the cells once more, in three bits each: bit y of word (x, k) is bit k of what is at
            (x, y). Whatever writes `cells` keeps it so; see `write_cell`.
        agent: int32[N, 21], pose, 1 + the number of what is carried, the number of things, the span walked, the heading
            at the start; how many pairs were noted, how many boxes were opened and found empty; whether a ball was
            seen to have moved by itself, and whether that was noticed just now; whether `done` was said;
            the cell in front when a thing was taken last, -1 for none; 1 + the number of the thing that the last action
            took, put down, opened or shut, 0 for none; 1 + the waypoint's cell, 0 for none, and whether one was reached
            just now; 1 + the unseen cell that it was best to look at next when an option last began, 0 for none, and
            whether there was room then to put a thing down.
        codes: uint16[N, T], each thing's cell code; `place`: int32[N, T], its cell, IN_HAND or GONE;
        home: int32[N, T], the cell where it was first seen; `marks`: uint8[N, T], what happened to it.
        pairs: int16[N, 16, 2], 1 + the numbers of a thing that was put down and of one it was put next to.
    """

    def __init__(self, count: int) -> None:
        self.cells = np.zeros((count, SIZE * SIZE), dtype=np.uint16)
        self.ids = np.zeros((count, SIZE * SIZE), dtype=np.int16)
        self.sketch = np.zeros((count, SIZE, 3), dtype=np.uint64)
        self.agent = np.zeros((count, COLUMNS), dtype=np.int32)
        self.codes = np.zeros((count, MOST_THINGS), dtype=np.uint16)
        self.place = np.full((count, MOST_THINGS), GONE, dtype=np.int32)
        self.home = np.zeros((count, MOST_THINGS), dtype=np.int32)
        self.marks = np.zeros((count, MOST_THINGS), dtype=np.uint8)
        self.pairs = np.zeros((count, MOST_PAIRS, 2), dtype=np.int16)
        self.names: list[list[str]] = [[] for _ in range(count)]

    def __len__(self) -> int:
        return len(self.agent)

    @property
    def tables(self) -> Tables:
        """All arrays, for kernels."""
        return Tables(
            self.cells, self.ids, self.sketch, self.agent, self.codes, self.place, self.home, self.marks,
            self.pairs,
        )  # fmt: skip

    def begin(self, mask: np.ndarray, observation: Mapping[str, Any]) -> None:
        """Forget everything where bool[N] `mask` says so, and take the first look of an episode."""
        which = np.flatnonzero(mask)
        _begin_some(which, observation["direction"], observation["image"], self.tables, HEADING_X, HEADING_Y)
        for n in which:
            self.names[n] = []

    def update(self, actions: np.ndarray, observation: Mapping[str, Any]) -> None:
        """Take in what int64[N] actions led to: image uint8[N, 7, 7, 3] and direction int64[N]."""
        _revise_all(
            actions, observation["direction"], observation["image"], self.tables, HEADING_X, HEADING_Y
        )

    def forget_accomplishments(self, index: int) -> None:
        """A new stage of the mission begins: what was done before does not count."""
        self.marks[index], self.agent[index, PAIRS], self.agent[index, DECLARED] = 0, 0, 0

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
