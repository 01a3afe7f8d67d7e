"""Long ways are cut into short ones: where to go first if a target is far or lies round a corner.

A waypoint is a cell on a shortest known way to the target: the last one that is near and to which every way leads that
does not turn back. It depends on what is believed when an option begins; the next one is found where it is reached.
Ways lead over what can be walked on as it is; what has to be opened or moved is the planner's business.
"""

from __future__ import annotations

from neurosym.jit import inner

from .codes import DOOR, GOAL, LAVA, WALL
from .map import SIZE, WRAP, cell_of, walkable
from .subgoals import NOWHERE, RADIUS
from .survey import neighbour, torus_gap


@inner
def _distance(a, b):
    """The city-block distance of two cells."""
    return abs(torus_gap(a // SIZE, b // SIZE)) + abs(torus_gap(a & WRAP, b & WRAP))


@inner
def is_near(a, b):
    """Whether two cells are so near that from one the controller sees the other in its place."""
    return max(abs(torus_gap(a // SIZE, b // SIZE)), abs(torus_gap(a & WRAP, b & WRAP))) <= RADIUS


@inner
def spread(cells, start, reached, came_from):
    """List in `reached` the cells that can be walked to, nearest first; returns how many.

    `came_from` then holds the cell before each on a shortest way. A goal square ends a way, for it ends an episode.
    """
    came_from[: SIZE * SIZE] = NOWHERE
    came_from[start], reached[0] = start, start
    head, tail = 0, 1
    while head < tail:
        here = reached[head]
        head += 1
        if (cells[here] & 15) == GOAL and here != start:
            continue
        for way in range(4):
            there = neighbour(here, way)
            if came_from[there] == NOWHERE and walkable(cells[there]):
                came_from[there] = here
                reached[tail] = there
                tail += 1
    return tail


@inner
def _is_plain(cells, a, b):
    """Whether nothing that stays where it is lies between two near cells, however one goes without turning back."""
    if not is_near(a, b):
        return False
    dx, dy = torus_gap(b // SIZE, a // SIZE), torus_gap(b & WRAP, a & WRAP)
    for x in range(min(dx, 0), max(dx, 0) + 1):
        for y in range(min(dy, 0), max(dy, 0) + 1):
            code = cells[cell_of(a // SIZE + x, (a & WRAP) + y)]
            kind = code & 15
            if kind == WALL or kind == LAVA or (kind == DOOR and not walkable(code)):
                return False
    return True


@inner
def _cut(cells, start, end, came_from):
    """The last plain cell on the way to `end` that is got to without turning back; NOWHERE if that is `end` itself."""
    steps, here = 0, end
    while here != start:
        here = came_from[here]
        steps += 1
    here = end
    while here != start and (steps > _distance(start, here) or not _is_plain(cells, start, here)):
        here = came_from[here]
        steps -= 1
    return NOWHERE if here == start or here == end else here


@inner
def find_waypoint(cells, start, target, reached, came_from):
    """Where to go first on the way to a place beside `target`; NOWHERE for straight on, or if no way is known."""
    return first_leg(cells, start, target, reached, spread(cells, start, reached, came_from), came_from)


@inner
def first_leg(cells, start, target, reached, count, came_from):
    """The same, with what `spread` gave."""
    for k in range(count):
        if _distance(reached[k], target) <= 1:
            return _cut(cells, start, reached[k], came_from)
    return NOWHERE


__all__ = ["find_waypoint", "first_leg", "is_near", "spread"]
