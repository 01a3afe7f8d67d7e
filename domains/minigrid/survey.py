"""Rooms, ways and what stands in them: the believed map of one world, read off when a plan is needed.

A room is a connected stretch of seen cells one can stand on or free by picking something up; doors lie between rooms.
Ways are shortest in the number of items that must be moved first, then in steps. All of this serves the planner; none
of it reaches the controllers.
"""

from __future__ import annotations

import numba
import numpy as np

from .codes import DOOR, EMPTY, FLOOR, GOAL, UNSEEN, VIEW
from .map import (
    EAST,
    HEADING,
    MOST_THINGS,
    NORTH,
    SIZE,
    SOUTH,
    THINGS,
    WEST,
    WRAP,
    BeliefMap,
    X,
    Y,
    cell_of,
    is_item,
)

NO_WAY = 10_000
MOST_ROOMS = 256

# entries of `Survey.sizes`: the number of rooms, the number of their cells, the agent's cell, the room it is in
ROOMS, CELLS, START, HERE = range(4)


@numba.njit(cache=True)
def neighbour(cell, way):
    """The cell next to `cell`: way 0 east, 1 south, 2 west, 3 north."""
    if way & 1:
        return (cell & ~WRAP) | ((cell + 2 - way) & WRAP)
    return (cell + (1 - way) * SIZE) & (SIZE * SIZE - 1)


@numba.njit(cache=True)
def torus_gap(a, b):
    """The signed difference a − b of two wrapped coordinates."""
    return ((a - b + SIZE // 2) & WRAP) - SIZE // 2


@numba.njit(cache=True)
def city_block(cell, x, y):
    return abs(torus_gap(cell // SIZE, x & WRAP)) + abs(torus_gap(cell & WRAP, y & WRAP))


@numba.njit(cache=True)
def _span(agent):
    """The part of the map that may have been seen: its western and northern edge, its width and height."""
    west, north = agent[WEST] - VIEW, agent[NORTH] - VIEW
    wide = min(agent[EAST] + VIEW - west + 1, SIZE)
    return west, north, wide, min(agent[SOUTH] + VIEW - north + 1, SIZE)


@numba.njit(cache=True)
def _floor_like(code):
    kind = code & 15
    return kind == EMPTY or kind == FLOOR or kind == GOAL or is_item(code)


@numba.njit(cache=True)
def _forget(sizes, floor, rooms, moves, steps, first_item):
    """Undo the last survey; only the cells it touched, for the map is far larger than most worlds."""
    for k in range(sizes[CELLS]):
        cell = floor[k]
        rooms[cell], moves[cell], steps[cell], first_item[cell] = 0, NO_WAY, NO_WAY, 0
    start = sizes[START]
    moves[start], steps[start] = NO_WAY, NO_WAY


@numba.njit(cache=True)
def _label_rooms(cells, agent, sizes, floor, rooms, first_cell):
    """Number the rooms from 1 on in `rooms`, listing their cells in `floor`."""
    count, tail = 0, 0
    west, north, wide, high = _span(agent)
    for dx in range(wide):
        for dy in range(high):
            start = ((west + dx) & WRAP) * SIZE + ((north + dy) & WRAP)
            if rooms[start] or not _floor_like(cells[start]) or count >= MOST_ROOMS - 1:
                continue
            count += 1
            first_cell[count] = start
            rooms[start] = count
            head = tail
            floor[tail] = start
            tail += 1
            while head < tail:
                here = floor[head]
                head += 1
                for way in range(4):
                    there = neighbour(here, way)
                    if not rooms[there] and _floor_like(cells[there]):
                        rooms[there] = count
                        floor[tail] = there
                        tail += 1
    sizes[ROOMS], sizes[CELLS] = count, tail


@numba.njit(cache=True)
def _measure_ways(cells, ids, start, rooms, moves, steps, first_item, queue, later):
    """From `start` to every cell of its rooms: items to move, steps, and the first item in the way (1 + number)."""
    moves[start], steps[start] = 0, 0
    later[0] = start
    first, last, level = 0, 1, 0
    while first < last:
        end, head, tail = last, 0, 0
        while first < end or head < tail:  # both are sorted by steps; the nearer one comes first
            if head == tail or (first < end and steps[later[first]] <= steps[queue[head]]):
                here = later[first]
                first += 1
            else:
                here = queue[head]
                head += 1
            if (cells[here] & 15) == GOAL and here != start:
                continue
            for way in range(4):
                there = neighbour(here, way)
                if not rooms[there] or moves[there] <= level:
                    continue
                if is_item(cells[there]):
                    if moves[there] > level + 1:
                        moves[there], steps[there] = level + 1, steps[here] + 1
                        first_item[there] = first_item[here] if first_item[here] else ids[there]
                        later[last] = there
                        last += 1
                else:
                    moves[there], steps[there], first_item[there] = level, steps[here] + 1, first_item[here]
                    queue[tail] = there
                    tail += 1
        level += 1


@numba.njit(cache=True)
def _find_frontiers(cells, agent, sizes, floor, rooms, moves, steps, frontier, frontier_cost, frontier_size):
    """For each room the unseen cell beside it that is cheapest to look at, and how many there are.

    Of equally cheap ones the westernmost, then the northernmost.
    """
    frontier[: sizes[ROOMS] + 1], frontier_size[: sizes[ROOMS] + 1] = -1, 0
    frontier_cost[: sizes[ROOMS] + 1] = 1 << 30
    west, north = agent[WEST] - VIEW, agent[NORTH] - VIEW
    for k in range(sizes[CELLS]):
        beside = floor[k]
        room = rooms[beside]
        for way in range(4):
            cell = neighbour(beside, way)
            if cells[cell] != UNSEEN:
                continue
            frontier_size[room] += 1
            cost = moves[beside] * 1000 + steps[beside]
            if moves[beside] == NO_WAY:
                cost = NO_WAY * 1000 + city_block(cell, agent[X], agent[Y])
            if cost > frontier_cost[room]:
                continue
            if cost < frontier_cost[room] or _sooner(cell, frontier[room], west, north):
                frontier[room], frontier_cost[room] = cell, cost


@numba.njit(cache=True)
def _sooner(cell, other, west, north):
    """Whether `cell` comes before `other` from west to east, then from north to south."""
    column, other_column = (cell // SIZE - west) & WRAP, (other // SIZE - west) & WRAP
    row, other_row = (cell - north) & WRAP, (other - north) & WRAP
    return column < other_column or (column == other_column and row < other_row)


@numba.njit(cache=True)
def _place_things(cells, agent, place, rooms, moves, steps, first_item, sides, near_way, way_steps, blocker):
    """Where each thing is reached from: rooms on both sides of a door (-1: unseen), steps, what stands in the way."""
    here = cell_of(agent[X], agent[Y])
    for thing in range(agent[THINGS]):
        sides[thing, 0], sides[thing, 1], blocker[thing] = 0, 0, 0
        cell = place[thing]
        if cell < 0:
            continue
        if (cells[cell] & 15) == DOOR:
            for way in range(4):
                if rooms[neighbour(cell, way)]:
                    far = neighbour(cell, (way + 2) & 3)
                    near_way[thing], sides[thing, 0] = way, rooms[neighbour(cell, way)]
                    sides[thing, 1] = -1 if cells[far] == UNSEEN else rooms[far]
                    break
        else:
            sides[thing, 0] = rooms[cell]
        best = NO_WAY * 1000 + NO_WAY
        for way in range(4):
            beside = neighbour(cell, way)
            cost = moves[beside] * 1000 + steps[beside]
            if cost < best:
                best, blocker[thing] = cost, first_item[beside]
        if cell == here:  # the door in whose doorway the agent stands
            best, blocker[thing] = 0, 0
        way_steps[thing] = NO_WAY if best >= NO_WAY * 1000 else best % 1000
        if way_steps[thing] == NO_WAY:
            way_steps[thing] = -city_block(cell, agent[X], agent[Y])


@numba.njit(cache=True)
def harmless(cells, cell):
    """Whether a thing put at `cell` bars nothing: beside no other thing, and its free neighbours stay joined."""
    free = np.zeros(8, dtype=np.bool_)  # clockwise from east, corners in between
    for way in range(4):
        beside = neighbour(cell, way)
        kind = cells[beside] & 15
        if kind == DOOR or kind == GOAL or is_item(cells[beside]):
            return False
        corner = cells[neighbour(beside, (way + 1) & 3)] & 15
        free[2 * way] = kind == EMPTY or kind == FLOOR
        free[2 * way + 1] = corner == EMPTY or corner == FLOOR
    parts = 0
    for way in range(0, 8, 2):
        if free[way] and not (free[(way + 1) & 7] and free[(way + 2) & 7]):
            parts += 1
    return parts <= 1


@numba.njit(cache=True)
def _find_roomy(cells, sizes, floor, rooms, roomy):
    """For each room, whether it has a cell where a thing would bar nothing."""
    roomy[: sizes[ROOMS] + 1] = False
    for k in range(sizes[CELLS]):
        cell = floor[k]
        if not roomy[rooms[cell]] and (cells[cell] & 15) == EMPTY and harmless(cells, cell):
            roomy[rooms[cell]] = True


@numba.njit(cache=True)
def _room_here(cells, heading, start, rooms):
    """The room the agent is in; in a doorway the one it faces, or else one beside it; 0 for none."""
    if (cells[start] & 15) != DOOR:
        return rooms[start]
    for turn in range(4):
        room = rooms[neighbour(start, (heading + turn) & 3)]
        if room:
            return room
    return rooms[start]


@numba.njit(cache=True)
def survey_world(cells, ids, agent, place, arrays):
    """Fill the arrays of a `Survey`, as `Survey.arrays` gives them, with what one world's map says."""
    sizes, floor, rooms, first_cell, moves, steps, first_item = arrays[0]
    frontier, frontier_cost, frontier_size, roomy = arrays[1]
    sides, near_way, way_steps, blocker = arrays[2]
    queue, later = arrays[3]
    _forget(sizes, floor, rooms, moves, steps, first_item)
    start = cell_of(agent[X], agent[Y])
    sizes[START] = start
    _label_rooms(cells, agent, sizes, floor, rooms, first_cell)
    _measure_ways(cells, ids, start, rooms, moves, steps, first_item, queue, later)
    _find_frontiers(
        cells, agent, sizes, floor, rooms, moves, steps, frontier, frontier_cost, frontier_size
    )
    _place_things(
        cells, agent, place, rooms, moves, steps, first_item, sides, near_way, way_steps, blocker
    )
    _find_roomy(cells, sizes, floor, rooms, roomy)
    sizes[HERE] = _room_here(cells, agent[HEADING], start, rooms)


class Survey:
    """The rooms and ways of one believed world. `read` fills it; what it holds is valid until the next `read`.

    Attributes:
        rooms: int16[4096], the room of each cell, 0 for none.
        first_cell: int32[R], a cell of each room.
        sides: int16[T, 2], the room (or both rooms) a thing is reached from; -1: not seen yet, 0: none.
        near_way: int8[T], for a door, which way its first side lies; see `neighbour`.
        steps: int32[T], steps to a place beside the thing; negative: the city-block distance, for lack of a way.
        blocker: int16[T], 1 + the number of the first item to be moved on the way, 0 for none.
        frontier: int32[R], the unseen cell beside a room that is cheapest to look at, -1 for none.
        roomy: bool[R], whether a thing can be put down in a room so that it bars nothing.
    """

    def __init__(self) -> None:
        area = SIZE * SIZE
        self.sizes = np.zeros(4, dtype=np.int32)
        self.floor = np.zeros(area, dtype=np.int32)
        self.rooms = np.zeros(area, dtype=np.int16)
        self.first_cell = np.zeros(MOST_ROOMS, dtype=np.int32)
        self.moves = np.full(area, NO_WAY, dtype=np.int32)
        self.cell_steps = np.full(area, NO_WAY, dtype=np.int32)
        self.first_item = np.zeros(area, dtype=np.int16)
        self.frontier = np.full(MOST_ROOMS, -1, dtype=np.int32)
        self.frontier_cost = np.zeros(MOST_ROOMS, dtype=np.int64)
        self.frontier_size = np.zeros(MOST_ROOMS, dtype=np.int32)
        self.roomy = np.zeros(MOST_ROOMS, dtype=np.bool_)
        self.sides = np.zeros((MOST_THINGS, 2), dtype=np.int16)
        self.near_way = np.zeros(MOST_THINGS, dtype=np.int8)
        self.steps = np.zeros(MOST_THINGS, dtype=np.int32)
        self.blocker = np.zeros(MOST_THINGS, dtype=np.int16)
        self._queues = np.zeros(area * 4, dtype=np.int32), np.zeros(area * 4, dtype=np.int32)

    @property
    def arrays(self) -> tuple[tuple[np.ndarray, ...], ...]:
        """What `survey_world` fills."""
        return (
            (self.sizes, self.floor, self.rooms, self.first_cell, self.moves, self.cell_steps, self.first_item),
            (self.frontier, self.frontier_cost, self.frontier_size, self.roomy),
            (self.sides, self.near_way, self.steps, self.blocker),
            self._queues,
        )

    @property
    def count(self) -> int:
        """The number of rooms, numbered from 1."""
        return int(self.sizes[ROOMS])

    @property
    def start(self) -> int:
        """The cell the agent stands on."""
        return int(self.sizes[START])

    @property
    def here(self) -> int:
        """The room the agent stands in; in a doorway the one it faces, or else one beside it; 0 for none."""
        return int(self.sizes[HERE])

    def read(self, world: BeliefMap, index: int) -> Survey:
        """Survey the world at `index` as it is believed now."""
        survey_world(world.cells[index], world.ids[index], world.agent[index], world.place[index], self.arrays)
        return self


__all__ = [
    "HERE", "MOST_ROOMS", "NO_WAY", "ROOMS", "START",
    "Survey", "city_block", "harmless", "neighbour", "survey_world", "torus_gap",
]  # fmt: skip
