"""What a controller is told, and when it is done: one row of numbers a subgoal, for MiniGrid's options.

A subgoal says what to do (its kind), to which thing or cell, and what comes next in the plan. The features hold what
is around the agent, where the target lies and what comes next, all in the agent's own frame; they hold no distances
along a path and no hint of a move.
"""

from __future__ import annotations

from enum import IntEnum

import numba
import numpy as np

from .codes import CLOSED, DOOR, GOAL, HEADING_X, HEADING_Y, LAVA, OPEN, UNSEEN, WALL
from .map import CARRIED, GONE, HEADING, SIZE, THINGS, WRAP, BeliefMap, X, Y, cell_of, walkable
from .survey import harmless, neighbour, torus_gap


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
    DROP_AWAY = 8  # have the carried item lie where it bars nothing
    LOOK = 9  # have seen a cell, or something new


KINDS = len(Kind)

# columns of a subgoal row; things are 1 + their number, cells are indices into the map
KIND, THING, CELL, ITEM, BASELINE, NEXT_KIND, NEXT_THING, NEXT_CELL = range(8)
COLUMNS = 8
NOWHERE = -1

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


def _window_by_distance() -> np.ndarray:
    """int64[441, 2]: ahead, aside of each window cell, nearest first, so that a full row drops what is farthest."""
    span = np.arange(-RADIUS, RADIUS + 1)
    ahead, aside = np.meshgrid(span, span, indexing="ij")
    cells = np.stack([ahead.ravel(), aside.ravel()], axis=1)
    return cells[np.argsort(np.abs(cells).sum(axis=1), kind="stable")].astype(np.int64)


_WINDOW = _window_by_distance()


@numba.njit(cache=True)
def _target(subgoal, thing_column, cell_column, place):
    """The cell a subgoal speaks of now, or a negative number when it lies nowhere."""
    thing = subgoal[thing_column]
    return place[thing - 1] if thing else subgoal[cell_column]


@numba.njit(cache=True)
def _beside(cell, other):
    gap = abs(torus_gap(cell // SIZE, other // SIZE)) + abs(torus_gap(cell & WRAP, other & WRAP))
    return gap == 1


@numba.njit(cache=True)
def _achieved(subgoal, cells, agent, place, heading_x, heading_y):
    kind = subgoal[KIND]
    target = _target(subgoal, THING, CELL, place)
    if kind == 1:  # FACE
        return target == cell_of(agent[X] + heading_x[agent[HEADING]], agent[Y] + heading_y[agent[HEADING]])
    if kind == 2:  # HOLD
        return agent[CARRIED] == subgoal[THING]
    if kind == 3 or kind == 4:  # OPEN, SHUT
        wanted = OPEN if kind == 3 else CLOSED
        return target >= 0 and (cells[target] & 15) == DOOR and cells[target] >> 8 == wanted
    if kind == 5:  # UNBOX
        return target == GONE
    if kind == 6:  # STAND
        return target == cell_of(agent[X], agent[Y])
    if kind == 7 or kind == 8:  # DROP_BESIDE, DROP_AWAY
        lies = place[subgoal[ITEM] - 1]
        if lies < 0:
            return False
        if kind == 7:
            return target >= 0 and _beside(lies, target)
        return subgoal[BASELINE] == 1 or harmless(cells, lies)
    if kind == 9:  # LOOK
        return cells[target] != UNSEEN or agent[THINGS] > subgoal[BASELINE]
    return False


@numba.njit(cache=True, nogil=True)
def _achieved_all(subgoals, cells, agent, place, done, heading_x, heading_y):
    for n in range(len(subgoals)):
        done[n] = _achieved(subgoals[n], cells[n], agent[n], place[n], heading_x, heading_y)


@numba.njit(cache=True)
def _content(cells, cell):
    """What the window shows of a cell, or -1 for nothing worth a word."""
    code = cells[cell]
    kind = code & 15
    if kind == UNSEEN:
        for way in range(4):
            if walkable(cells[neighbour(cell, way)]):
                return FRONTIER
        return -1
    if kind == WALL:
        return SOLID
    if kind == DOOR:
        return OPEN_DOOR if code >> 8 == OPEN else SHUT_DOOR
    if kind == LAVA:
        return HAZARD
    if kind == GOAL:
        return GOAL_SQUARE
    return -1 if walkable(code) else THING_IN_WAY


@numba.njit(cache=True)
def _offset(cell, agent, heading_x, heading_y):
    """Ahead and to the right of the agent, in cells."""
    dx = torus_gap(cell // SIZE, agent[X] & WRAP)
    dy = torus_gap(cell & WRAP, agent[Y] & WRAP)
    fx, fy = heading_x[agent[HEADING]], heading_y[agent[HEADING]]
    return dx * fx + dy * fy, -dx * fy + dy * fx


@numba.njit(cache=True)
def _window_row(ahead, aside, layer):
    """The table row of a window cell and a layer; what is farther than the window is drawn at its rim."""
    row = min(max(ahead, -RADIUS), RADIUS) + RADIUS
    column = min(max(aside, -RADIUS), RADIUS) + RADIUS
    return 1 + (row * SPAN + column) * LAYERS + layer


@numba.njit(cache=True)
def _describe(subgoal, cells, agent, place, sparse, dense, window, heading_x, heading_y):
    sparse[:], dense[:] = 0, 0.0
    kind, next_kind = subgoal[KIND], subgoal[NEXT_KIND]
    dense[kind], dense[KINDS + next_kind] = 1.0, 1.0
    rest = 2 * KINDS
    used = 0
    for which in range(2):
        target = _target(subgoal, NEXT_THING if which else THING, NEXT_CELL if which else CELL, place)
        if target >= 0:
            ahead, aside = _offset(target, agent, heading_x, heading_y)
            sparse[used] = _window_row(ahead, aside, CONTENTS + KINDS - 1 if which else CONTENTS + kind - 1)
            used += 1
            dense[rest + 2 * which] = min(max(ahead / _REACH, -_RIM), _RIM)
            dense[rest + 2 * which + 1] = min(max(aside / _REACH, -_RIM), _RIM)
            dense[rest + 4] += 1.0 if which else 0.0
    dense[rest + 5] = 1.0 if agent[CARRIED] else 0.0
    dense[rest + 6] = 1.0 if kind == 8 and subgoal[BASELINE] == 1 else 0.0
    fx, fy = heading_x[agent[HEADING]], heading_y[agent[HEADING]]
    for k in range(len(window)):
        ahead, aside = window[k, 0], window[k, 1]
        content = _content(
            cells, cell_of(agent[X] + ahead * fx - aside * fy, agent[Y] + ahead * fy + aside * fx)
        )
        if content >= 0:
            sparse[used] = _window_row(ahead, aside, content)
            used += 1
            if used == WIDTH:
                return


@numba.njit(cache=True, nogil=True)
def _describe_all(subgoals, cells, agent, place, sparse, dense, window, heading_x, heading_y):
    for n in range(len(subgoals)):
        _describe(
            subgoals[n], cells[n], agent[n], place[n], sparse[n], dense[n], window, heading_x, heading_y
        )


def achieved(world: BeliefMap, subgoals: np.ndarray) -> np.ndarray:
    """bool[N]: whether what int32[N, 8] subgoals ask for is believed to be so."""
    done = np.zeros(len(subgoals), dtype=np.bool_)
    _achieved_all(subgoals, world.cells, world.agent, world.place, done, HEADING_X, HEADING_Y)
    return done


def describe(
    world: BeliefMap, subgoals: np.ndarray, which: np.ndarray | None = None, out=None
) -> tuple[np.ndarray, np.ndarray]:
    """The features of every world, or of those at int64[M] `which`: sparse int32[N, 128], dense float32[N, 27]."""
    cells, agent, place = world.cells, world.agent, world.place
    if which is not None:
        cells, agent, place, subgoals = cells[which], agent[which], place[which], subgoals[which]
    sparse = np.empty((len(subgoals), WIDTH), dtype=np.int32)
    dense = np.empty((len(subgoals), DENSE), dtype=np.float32)
    _describe_all(subgoals, cells, agent, place, sparse, dense, _WINDOW, HEADING_X, HEADING_Y)
    if out is not None:
        out[0][:], out[1][:] = sparse, dense
        return out
    return sparse, dense


__all__ = ["COLUMNS", "DENSE", "ROWS", "WIDTH", "Kind", "achieved", "describe"]
