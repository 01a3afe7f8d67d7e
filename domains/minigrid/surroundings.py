"""What is around the agent, for controllers that hear words: nothing of it depends on what they are to do.

Things are told in words, each with its place in the agent's frame: whatever is known of, what is carried, the way
through each open door, what is best looked at next, and where the carried thing was taken from. Where a thing is far or
lies round a corner, its place is that of the waypoint on the way to it; so it is for every thing alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from neurosym.jit import inner, kernel
from neurosym.options.hearing import HearingSpec

from .codes import (
    ACTION_NAMES,
    COLOUR_NAMES,
    DOOR,
    HEADING_X,
    HEADING_Y,
    OPEN,
    TYPE_NAMES,
    UNSEEN,
    WALL,
)
from .map import (
    CARRIED,
    GONE,
    HEADING,
    IN_HAND,
    LOOKOUT,
    MOST_THINGS,
    ROOMY,
    SIZE,
    TAKEN_FROM,
    THINGS,
    WRAP,
    BeliefMap,
    X,
    Y,
    cell_of,
    is_item,
)
from .subgoals import (
    AREA,
    CONTENTS,
    NOWHERE,
    RADIUS,
    SPAN,
    WIDTH,
    blank_window,
    cells_by_heading,
    offset,
    tell_window,
)
from .survey import Survey, city_block, neighbour, torus_gap
from .waypoints import first_leg, is_near, spread

ROWS = 1 + AREA * CONTENTS  # row 0 is padding
ENTRIES, SAID = 24, 5
STEP = SAID + 1
PLACES = 2 + 2 * AREA  # none, places, waypoints, the hand
HAND = PLACES - 1
DENSE = 2

# what a thing is told as, beside its name; rows of `Words.roles`
PLAIN, THROUGH, LOOK, TAKEN, HELD = range(5)
ROLE_WORDS = ("", "through", "way room", "taken", "held")
STATE_WORDS = ("opened", "closed", "locked")
MORE_WORDS = ("taken", "held", *STATE_WORDS)
ORDINALS = (
    "", "", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    "more",
)  # fmt: skip
_LAST = len(ORDINALS) - 1
NOUNS = {"goal": "goal square"}

_FIRST_ROW, _BY_DISTANCE = cells_by_heading(CONTENTS)


def hearing_spec(words: Sequence[str]) -> HearingSpec:
    """The sizes of what is told here, for a vocabulary."""
    return HearingSpec(
        rows=ROWS,
        width=WIDTH,
        things=ENTRIES,
        said=SAID,
        places=PLACES,
        dense=DENSE,
        actions=len(ACTION_NAMES),
        words=tuple(words),
    )


class Words(NamedTuple):
    """The numbers of words; 0 where nothing is said.

    Attributes:
        nouns: int32[10, 2], of each type; colours: int32[16]; ordinals: int32[22], the last for all that follow.
        states: int32[3], of doors; roles: int32[5, 2].
    """

    nouns: np.ndarray
    colours: np.ndarray
    ordinals: np.ndarray
    states: np.ndarray
    roles: np.ndarray

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> Words:
        """By the number of each word; a word that has none is number 1."""

        def number(texts: Sequence[str], columns: int) -> np.ndarray:
            rows = [[numbers.get(word, 1) for word in text.split()] for text in texts]
            return np.array([row + [0] * (columns - len(row)) for row in rows], dtype=np.int32)

        return cls(
            nouns=number([NOUNS.get(name, name) for name in TYPE_NAMES], 2),
            colours=number(COLOUR_NAMES, 1)[:, 0],
            ordinals=number(ORDINALS, 1)[:, 0],
            states=number(STATE_WORDS, 1)[:, 0],
            roles=number(ROLE_WORDS, 2),
        )


class Scratch(NamedTuple):
    """Memory for one world at a time.

    Attributes:
        seen: int32[256], how many things of each type and colour came before.
        role, thing, cell, number, away: int32[C], of what may be told; `number` among those that look alike.
        window: see `tell_window`; reached, came_from: see `spread`.
    """

    seen: np.ndarray
    role: np.ndarray
    thing: np.ndarray
    cell: np.ndarray
    number: np.ndarray
    away: np.ndarray
    window: np.ndarray
    reached: np.ndarray
    came_from: np.ndarray

    @classmethod
    def blank(cls, survey: Survey) -> Scratch:
        role, thing, cell, number, away = np.zeros((5, 2 * MOST_THINGS + 2), dtype=np.int32)
        seen, window = np.zeros(256, dtype=np.int32), blank_window()
        return cls(seen, role, thing, cell, number, away, window, survey.queue, survey.later)


@inner
def _beyond(n, door, tables, heading_x, heading_y):
    """Where one stands when one has gone through an open door; NOWHERE if that cannot be told."""
    cells, agent = tables.cells, tables.agent
    here = cell_of(agent[n, X], agent[n, Y])
    upright = (cells[n, neighbour(door, 1)] & 15) == WALL or (cells[n, neighbour(door, 3)] & 15) == WALL
    x, y = door // SIZE, door & WRAP
    gap = torus_gap(agent[n, X] & WRAP, x) if upright else torus_gap(agent[n, Y] & WRAP, y)
    if gap == 0:
        heading = agent[n, HEADING]
        gap = -heading_x[heading] if upright else -heading_y[heading]
    if gap == 0:
        return NOWHERE
    step = -1 if gap > 0 else 1
    far = cell_of(x + step, y) if upright else cell_of(x, y + step)
    return door if is_item(cells[n, far]) and here != door else far


@inner
def _add(count, scratch, role, thing, cell, number, away):
    scratch.role[count], scratch.thing[count], scratch.cell[count] = role, thing, cell
    scratch.number[count], scratch.away[count] = number, away
    return count + 1


@inner
def _gather(n, tables, scratch, heading_x, heading_y):
    """List all that may be told; how many."""
    agent = tables.agent[n]
    here = cell_of(agent[X], agent[Y])
    count = 0
    scratch.seen[:] = 0
    for thing in range(agent[THINGS]):
        code, cell = tables.codes[n, thing], tables.place[n, thing]
        scratch.seen[code & 255] += 1
        number = min(scratch.seen[code & 255], _LAST)
        if cell == IN_HAND:
            count = _add(count, scratch, HELD, thing, cell, number, -1)
        elif cell != GONE:
            away = city_block(cell, agent[X], agent[Y])
            count = _add(count, scratch, PLAIN, thing, cell, number, away)
            if (code & 15) == DOOR and code >> 8 == OPEN:
                beyond = _beyond(n, cell, tables, heading_x, heading_y)
                if beyond != NOWHERE:
                    count = _add(count, scratch, THROUGH, thing, beyond, number, away)
    lookout = agent[LOOKOUT] - 1
    if lookout >= 0 and (tables.cells[n, lookout] & 15) == UNSEEN:
        count = _add(count, scratch, LOOK, -1, lookout, 0, -1)
    if agent[CARRIED] and agent[TAKEN_FROM] >= 0 and is_near(agent[TAKEN_FROM], here):
        count = _add(count, scratch, TAKEN, -1, agent[TAKEN_FROM], 0, -1)
    return count


@inner
def _keep_nearest(count, scratch):
    """Move the ENTRIES nearest of what may be told to the front, nearest first; how many there are."""
    kept = min(count, ENTRIES)
    for k in range(kept):
        best = k
        for other in range(k + 1, count):
            if scratch.away[other] < scratch.away[best]:
                best = other
        for row in (scratch.role, scratch.thing, scratch.cell, scratch.number, scratch.away):
            row[k], row[best] = row[best], row[k]
    return kept


@inner
def _place_row(n, cell, reachable, tables, scratch, heading_x, heading_y):
    """The row of the table of places for a cell, or for the waypoint on the way there."""
    if cell == IN_HAND:
        return HAND
    here = cell_of(tables.agent[n, X], tables.agent[n, Y])
    waypoint = first_leg(tables.cells[n], here, cell, scratch.reached, reachable, scratch.came_from)
    ahead, aside = offset(waypoint if waypoint >= 0 else cell, n, tables.agent, heading_x, heading_y)
    row = min(max(ahead, -RADIUS), RADIUS) + RADIUS
    column = min(max(aside, -RADIUS), RADIUS) + RADIUS
    return 1 + row * SPAN + column + (AREA if waypoint >= 0 else 0)


@inner
def _say_entry(n, k, tables, scratch, words, said):
    """Write the words of the k-th thing told into int32[SAID] `said`."""
    role, thing = scratch.role[k], scratch.thing[k]
    said[0], said[1] = words.roles[role, 0], words.roles[role, 1]
    said[2:] = 0
    if thing < 0:
        return
    code = np.int64(tables.codes[n, thing])
    noun = words.nouns[code & 15]
    said[1 if role else 0] = noun[0]
    said[2] = words.colours[code >> 4 & 15]
    said[3] = words.ordinals[scratch.number[k]]
    said[4] = words.states[code >> 8] if (code & 15) == DOOR and role == PLAIN else noun[1]


@kernel
def _surround_all(which, tables, scratch, words, sparse, dense, first_row, by_distance, heading_x, heading_y):
    for m in range(len(which)):
        n = which[m]
        used = tell_window(n, tables, scratch.window, first_row, by_distance, sparse, m, 0)
        sparse[m, used : WIDTH + ENTRIES * STEP] = 0
        kept = _keep_nearest(_gather(n, tables, scratch, heading_x, heading_y), scratch)
        here = cell_of(tables.agent[n, X], tables.agent[n, Y])
        reachable = spread(tables.cells[n], here, scratch.reached, scratch.came_from)
        for k in range(kept):
            first = WIDTH + k * STEP
            _say_entry(n, k, tables, scratch, words, sparse[m, first : first + SAID])
            sparse[m, first + SAID] = _place_row(
                n, scratch.cell[k], reachable, tables, scratch, heading_x, heading_y
            )
        dense[m, 0] = 1.0 if tables.agent[n, CARRIED] else 0.0
        dense[m, 1] = 1.0 if tables.agent[n, ROOMY] else 0.0


def surround(
    world: BeliefMap, which: np.ndarray, scratch: Scratch, words: Words, out: tuple[np.ndarray, np.ndarray]
) -> None:
    """Write what is around in the worlds at int64[M] `which` into `out`, as `hearing_spec` has it.

    Raises:
        ValueError: an array of `out` has another shape.
    """
    sparse, dense = out
    if sparse.shape[0] != len(which) or sparse.shape[1] < WIDTH + ENTRIES * STEP:
        raise ValueError(f"{len(which)} rows are told of, not int32{list(sparse.shape)}")
    if dense.shape != (len(which), DENSE):
        raise ValueError(f"an array of shape {(len(which), DENSE)} is needed here, got {dense.shape}")
    _surround_all(
        which, world.tables, scratch, words, sparse, dense, _FIRST_ROW, _BY_DISTANCE, HEADING_X, HEADING_Y
    )


__all__ = ["MORE_WORDS", "Scratch", "Words", "hearing_spec", "surround"]
