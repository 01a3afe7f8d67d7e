"""What a controller is told, and when it is done: one row of numbers a subgoal, for MiniGrid's options.

A subgoal says what to do (its kind), to which thing or cell, and what comes next in the plan. The features hold what
is around the agent, where the target lies and what comes next, all in the agent's own frame; they hold no distances
along a path and no hint of a move.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from neurosym.jit import inner, kernel

from .codes import CLOSED, COLOUR_NAMES, DOOR, HEADING_X, HEADING_Y, OPEN, TYPE_NAMES, UNSEEN
from .map import (
    BLOCKED,
    CARRIED,
    DEADLY,
    DECLARED,
    GONE,
    HEADING,
    NOT_SEEN,
    OCCUPIED,
    OPEN_WAY,
    SHUT_WAY,
    SIZE,
    TARGET,
    THINGS,
    TOUCHED,
    WAYPOINT,
    WRAP,
    BeliefMap,
    X,
    Y,
    cell_of,
    is_item,
)
from .survey import harmless, torus_gap


class Kind(IntEnum):
    """What an option has to bring about."""

    NONE = 0
    FACE = 1  # stand before a thing and look at it
    HOLD = 2  # have an item in hand
    OPEN = 3  # have a door open
    SHUT = 4  # have a door closed
    UNBOX = 5  # have a box gone
    STAND = 6  # stand on a cell
    DROP_BESIDE = 7  # have the carried item lie beside a thing
    DROP_AWAY = 8  # have the carried item lie where it bars nothing, or as little as the room permits
    LOOK = 9  # have seen a cell, or something new of the sort that is looked for
    DECLARE = 10  # have said that all is done


KINDS = len(Kind)
_HANDLING = (2, 3, 4, 5, 7, 8)  # all but FACE, STAND, LOOK and DECLARE, which leave everything as it is

# columns of a subgoal row; things are 1 + their number, cells are indices into the map
KIND, THING, CELL, ITEM, BASELINE, NEXT_KIND, NEXT_THING, NEXT_CELL = range(8)
COLUMNS = 8
NOWHERE = -1
ANY = 15  # of a sort that is looked for: any item, any colour

RADIUS = 10  # of the window of features: most rooms are smaller, and a farther target is drawn at the rim
SPAN = 2 * RADIUS + 1
AREA = SPAN * SPAN

# what a window cell may hold; free cells, and unseen ones that touch nothing free, say nothing
SOLID, THING_IN_WAY, SHUT_DOOR, OPEN_DOOR, HAZARD, FRONTIER, GOAL_SQUARE = range(7)
CONTENTS = 7
LAYERS = CONTENTS + (KINDS - 1) + 1  # contents, the target by its kind, and the next target
ROWS = 1 + AREA * LAYERS  # row 0 is padding
WIDTH = 128
DENSE = 2 * KINDS + 4 + 3
_REACH = 8.0  # cells; scales the offsets so that most lie within [-1, 1]
_RIM = 3.0

# Kernels hold the window in seven words, three of its columns (of one x) in each: its cell (x, y), counted from the
# north-west, is number 21 x + y, which is bit `number % 63` of word `number // 63`.
_COLUMNS_A_WORD = 3
_BITS = _COLUMNS_A_WORD * SPAN
_WORDS = SPAN // _COLUMNS_A_WORD


def cells_by_heading(layers: int) -> tuple[np.ndarray, np.ndarray]:
    """For each heading: int32[441], the first table row of each window cell; int32[441], cells, nearest first."""
    offset = np.arange(-RADIUS, RADIUS + 1)
    dx, dy = np.repeat(offset, SPAN), np.tile(offset, SPAN)
    first_rows, by_distance = [], []
    for fx, fy in zip(HEADING_X, HEADING_Y, strict=True):
        ahead, aside = dx * fx + dy * fy, dy * fx - dx * fy
        first_rows.append(1 + ((ahead + RADIUS) * SPAN + aside + RADIUS) * layers)
        by_distance.append(np.lexsort((aside, ahead, abs(ahead) + abs(aside))))
    return np.array(first_rows, dtype=np.int32), np.array(by_distance, dtype=np.int32)


_FIRST_ROW, _BY_DISTANCE = cells_by_heading(LAYERS)

# the place of the only bit of a word is at `word * _MAGIC >> 58` (a de Bruijn sequence: all its six-bit windows differ)
_MAGIC = 0x03F79D71B4CB0A89
_PLACE_OF_BIT = np.zeros(64, dtype=np.int64)
_PLACE_OF_BIT[[((_MAGIC << place) & (2**64 - 1)) >> 58 for place in range(64)]] = np.arange(64)

# what the window says of a sketched cell; of a cell that was not seen it says so only beside a free one
_CONTENT = np.zeros(8, dtype=np.int32)
_CONTENT[[NOT_SEEN, BLOCKED, OPEN_WAY, OCCUPIED, TARGET, SHUT_WAY, DEADLY]] = (
    FRONTIER, SOLID, OPEN_DOOR, THING_IN_WAY, GOAL_SQUARE, SHUT_DOOR, HAZARD,
)  # fmt: skip


@inner
def _target(n, subgoals, thing_column, cell_column, place):
    """The cell a subgoal speaks of now, or a negative number when it lies nowhere."""
    thing = subgoals[n, thing_column]
    return place[n, thing - 1] if thing else subgoals[n, cell_column]


@inner
def _beside(cell, other):
    gap = abs(torus_gap(cell // SIZE, other // SIZE)) + abs(torus_gap(cell & WRAP, other & WRAP))
    return gap == 1


@inner
def _found(n, subgoals, tables):
    """Whether something has come into sight that is of the sort that is looked for; see `sort_code`."""
    sort = subgoals[n, ITEM] - 1
    kind, colour = sort & 15, sort >> 4
    for thing in range(subgoals[n, BASELINE], tables.agent[n, THINGS]):
        code = tables.codes[n, thing]
        fits = kind == (code & 15) or (kind == ANY and is_item(code))
        if sort < 0 or (fits and (colour == ANY or colour == (code >> 4 & 15))):
            return True
    return False


@inner
def _achieved(n, subgoals, tables, heading_x, heading_y):
    cells, agent, kind = tables.cells, tables.agent, subgoals[n, KIND]
    target = _target(n, subgoals, THING, CELL, tables.place)
    if kind == 1:  # FACE
        heading = agent[n, HEADING]
        return target == cell_of(agent[n, X] + heading_x[heading], agent[n, Y] + heading_y[heading])
    if kind == 2:  # HOLD
        return agent[n, CARRIED] == subgoals[n, THING]
    if kind == 3 or kind == 4:  # OPEN, SHUT
        wanted = OPEN if kind == 3 else CLOSED
        return target >= 0 and (cells[n, target] & 15) == DOOR and cells[n, target] >> 8 == wanted
    if kind == 5:  # UNBOX
        return target == GONE
    if kind == 6:  # STAND
        return target == cell_of(agent[n, X], agent[n, Y])
    if kind == 7 or kind == 8:  # DROP_BESIDE, DROP_AWAY
        lies = tables.place[n, subgoals[n, ITEM] - 1]
        if lies < 0:
            return False
        if kind == 7:
            return target >= 0 and _beside(lies, target)
        # the target is where it was taken from, and most likely in the way
        return lies != target and (subgoals[n, BASELINE] == 1 or harmless(cells[n], lies))
    if kind == 9:  # LOOK
        return cells[n, target] != UNSEEN or _found(n, subgoals, tables)
    if kind == 10:  # DECLARE
        return agent[n, DECLARED] != 0
    return False


@kernel
def _achieved_all(subgoals, tables, done, heading_x, heading_y):
    for n in range(len(subgoals)):
        done[n] = _achieved(n, subgoals, tables, heading_x, heading_y)


@inner
def _strip(word, first):
    """The 23 cells from `first` on, of a ring of 64: a column of the window and a cell more each way."""
    low, high = np.uint64(first & WRAP), np.uint64(-first & WRAP)
    return (word >> low | word << high) & np.uint64((1 << SPAN + 2) - 1)


@inner
def _walkable_strip(bits):
    return bits[0] & ~(bits[1] & bits[2])


@inner
def _column(n, x, y, sketch):
    """One column of the window, each bit of the sketch of it."""
    x &= WRAP
    return _strip(sketch[n, x, 0], y), _strip(sketch[n, x, 1], y), _strip(sketch[n, x, 2], y)


@inner
def _frame_window(n, tables, window):
    """Fill uint64[4, 7] `window`: the three bits of each cell around the agent, and whether it is worth a word."""
    west, north = tables.agent[n, X] - RADIUS, tables.agent[n, Y] - RADIUS - 1
    one = np.uint64(1)
    inside = np.uint64((1 << SPAN) - 1)
    before = _column(n, west - 1, north, tables.sketch)
    here = _column(n, west, north, tables.sketch)
    window[:] = 0
    for k in range(SPAN):
        after = _column(n, west + k + 1, north, tables.sketch)
        walkable = _walkable_strip(here)
        beside = walkable << one | walkable >> one | _walkable_strip(before) | _walkable_strip(after)
        seen = here[0] | here[1] | here[2]
        telling = here[1] | here[2] | (beside & ~seen)
        word, shift = k // _COLUMNS_A_WORD, np.uint64(k % _COLUMNS_A_WORD * SPAN)
        for b in range(3):
            window[b, word] |= (here[b] >> one & inside) << shift
        window[3, word] |= (telling >> one & inside) << shift
        before, here = here, after


@inner
def _content(window, word, place):
    """What a window cell shows."""
    place = np.uint64(place)
    bits = (window[0, word] >> place & np.uint64(1)) | (window[1, word] >> place & np.uint64(1)) << np.uint64(
        1
    )
    return _CONTENT[bits | (window[2, word] >> place & np.uint64(1)) << np.uint64(2)]


@inner
def _tell_all(window, first_row, sparse, m, used):
    """Write what the window shows into row `m`; more entries than WIDTH means that it was too much."""
    for word in range(_WORDS):
        left = window[3, word]
        while left:
            if used == WIDTH:
                return WIDTH + 1
            lowest = left & (~left + np.uint64(1))
            place = _PLACE_OF_BIT[lowest * np.uint64(_MAGIC) >> np.uint64(58)]
            sparse[m, used] = first_row[word * _BITS + place] + _content(window, word, place)
            used += 1
            left ^= lowest
    return used


@inner
def _tell_nearest(window, first_row, by_distance, sparse, m, used):
    """Fill row `m` with the nearest of what the window shows."""
    for cell in by_distance:
        word, place = cell // _BITS, cell % _BITS
        if window[3, word] >> np.uint64(place) & np.uint64(1):
            sparse[m, used] = first_row[cell] + _content(window, word, place)
            used += 1
            if used == WIDTH:
                return


@inner
def tell_window(n, tables, window, first_row, by_distance, sparse, m, told):
    """Write what is around into row `m` behind `told` entries, the nearest if it is too much; how many there are then.

    Args:
        first_row, by_distance: int32[4, 441], as `cells_by_heading` gives them.
    """
    heading = tables.agent[n, HEADING]
    _frame_window(n, tables, window)
    used = _tell_all(window, first_row[heading], sparse, m, told)
    if used > WIDTH:
        _tell_nearest(window, first_row[heading], by_distance[heading], sparse, m, told)
    return min(used, WIDTH)


@inner
def offset(cell, n, agent, heading_x, heading_y):
    """Ahead and to the right of the agent, in cells."""
    dx = torus_gap(cell // SIZE, agent[n, X] & WRAP)
    dy = torus_gap(cell & WRAP, agent[n, Y] & WRAP)
    fx, fy = heading_x[agent[n, HEADING]], heading_y[agent[n, HEADING]]
    return dx * fx + dy * fy, -dx * fy + dy * fx


@inner
def _window_row(ahead, aside, layer):
    """The table row of a window cell and a layer; what is farther than the window is drawn at its rim."""
    row = min(max(ahead, -RADIUS), RADIUS) + RADIUS
    column = min(max(aside, -RADIUS), RADIUS) + RADIUS
    return 1 + (row * SPAN + column) * LAYERS + layer


@inner
def _told_target(n, subgoals, waypoint, which, place):
    """The cell that the controller is told of as the target, or as the next one; negative for none."""
    if waypoint >= 0 and not which:
        return waypoint
    if which and waypoint < 0:
        return _target(n, subgoals, NEXT_THING, NEXT_CELL, place)
    return _target(n, subgoals, THING, CELL, place)


@inner
def _tell_targets(n, subgoals, tables, sparse, dense, m, heading_x, heading_y):
    """Write both targets, and what is said in a few numbers, into row `m`; returns how many entries that took."""
    kind, next_kind = subgoals[n, KIND], subgoals[n, NEXT_KIND]
    waypoint = tables.agent[n, WAYPOINT] - 1 if kind else NOWHERE
    if waypoint >= 0:
        kind, next_kind = 6, kind  # STAND
    dense[m] = 0.0
    dense[m, kind], dense[m, KINDS + next_kind] = 1.0, 1.0
    rest = 2 * KINDS
    used = 0
    for which in range(2):
        target = _told_target(n, subgoals, waypoint, which, tables.place)
        if target >= 0:
            ahead, aside = offset(target, n, tables.agent, heading_x, heading_y)
            layer = CONTENTS + KINDS - 1 if which else CONTENTS + kind - 1
            sparse[m, used] = _window_row(ahead, aside, layer)
            used += 1
            dense[m, rest + 2 * which] = min(max(ahead / _REACH, -_RIM), _RIM)
            dense[m, rest + 2 * which + 1] = min(max(aside / _REACH, -_RIM), _RIM)
            dense[m, rest + 4] += 1.0 if which else 0.0
    dense[m, rest + 5] = 1.0 if tables.agent[n, CARRIED] else 0.0
    dense[m, rest + 6] = 1.0 if kind == 8 and subgoals[n, BASELINE] == 1 else 0.0
    return used


@kernel
def _describe_all(
    worlds, subgoals, tables, window, sparse, dense, first_row, by_distance, heading_x, heading_y
):
    for m in range(len(worlds)):
        n = worlds[m]
        targets = _tell_targets(n, subgoals, tables, sparse, dense, m, heading_x, heading_y)
        used = tell_window(n, tables, window, first_row, by_distance, sparse, m, targets)
        sparse[m, used:] = 0


@kernel
def _meddled_all(subgoals, agent, wrong):
    for n in range(len(subgoals)):
        touched = agent[n, TOUCHED]
        asked = touched == subgoals[n, ITEM] if subgoals[n, ITEM] else touched == subgoals[n, THING]
        wrong[n] = touched != 0 and subgoals[n, KIND] != 0 and not (asked and subgoals[n, KIND] in _HANDLING)


def sort_code(name: str) -> int:
    """1 + what a name such as `unseen_blue_key` says of type and colour, type | colour << 4; 0 if it says no type."""
    words = name.split("_")
    colour = next((COLOUR_NAMES.index(word) for word in words if word in COLOUR_NAMES), ANY)
    if words[-1] == "item":
        return 1 + (ANY | colour << 4)
    return 1 + (TYPE_NAMES.index(words[-1]) | colour << 4) if words[-1] in TYPE_NAMES else 0


def meddled(world: BeliefMap, subgoals: np.ndarray) -> np.ndarray:
    """bool[N]: whether the last action took, put down, opened or shut what int32[N, 8] subgoals do not ask for."""
    wrong = np.empty(len(world), dtype=np.bool_)
    _check_shapes((subgoals, (len(world), COLUMNS)))
    _meddled_all(subgoals, world.agent, wrong)
    return wrong


def achieved(world: BeliefMap, subgoals: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """bool[N]: whether what int32[N, 8] subgoals ask for is believed to be so; `out` is filled if given.

    Raises:
        ValueError: `out` has another shape.
    """
    done = np.empty(len(world), dtype=np.bool_) if out is None else out
    _check_shapes((subgoals, (len(world), COLUMNS)), (done, (len(world),)))
    _achieved_all(subgoals, world.tables, done, HEADING_X, HEADING_Y)
    return done


def describe(
    world: BeliefMap,
    subgoals: np.ndarray,
    which: np.ndarray | None = None,
    out: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The features of every world, or of those at int64[M] `which`, for int32[N, 8] subgoals.

    Returns:
        sparse int32[M, 128], table rows in no particular order and then zeros, and dense float32[M, 27]; written into
        `out` if given.

    Raises:
        ValueError: an array of `out` has another shape.
    """
    worlds = np.arange(len(world)) if which is None else which
    if out is None:
        out = np.empty((len(worlds), WIDTH), np.int32), np.empty((len(worlds), DENSE), np.float32)
    sparse, dense = out
    _check_shapes(
        (subgoals, (len(world), COLUMNS)), (sparse, (len(worlds), WIDTH)), (dense, (len(worlds), DENSE))
    )
    _describe_all(
        worlds,
        subgoals,
        world.tables,
        blank_window(),
        sparse,
        dense,
        _FIRST_ROW,
        _BY_DISTANCE,
        HEADING_X,
        HEADING_Y,
    )
    return sparse, dense


def blank_window() -> np.ndarray:
    """Scratch for `tell_window`."""
    return np.empty((4, _WORDS), dtype=np.uint64)


def _check_shapes(*pairs: tuple[np.ndarray, tuple[int, ...]]) -> None:
    for array, shape in pairs:
        if array.shape != shape:
            raise ValueError(f"an array of shape {shape} is needed here, got {array.shape}")


__all__ = ["COLUMNS", "DENSE", "ROWS", "WIDTH", "Kind", "achieved", "describe", "meddled", "sort_code"]
