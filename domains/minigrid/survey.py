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


@numba.njit(cache=True)
def neighbour(cell, way):
    """The cell next to `cell`: way 0 east, 1 south, 2 west, 3 north."""
    x, y = cell // SIZE, cell & WRAP
    if way == 0:
        x += 1
    elif way == 1:
        y += 1
    elif way == 2:
        x -= 1
    else:
        y -= 1
    return (x & WRAP) * SIZE + (y & WRAP)


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
def _label_rooms(cells, agent, rooms, first_cell, queue):
    """Number the rooms from 1 on in `rooms`; returns how many there are."""
    count = 0
    west, north, wide, high = _span(agent)
    rooms[:] = 0
    for dx in range(wide):
        for dy in range(high):
            start = ((west + dx) & WRAP) * SIZE + ((north + dy) & WRAP)
            if rooms[start] or not _floor_like(cells[start]) or count >= MOST_ROOMS - 1:
                continue
            count += 1
            first_cell[count] = start
            rooms[start] = count
            queue[0] = start
            head, tail = 0, 1
            while head < tail:
                here = queue[head]
                head += 1
                for way in range(4):
                    there = neighbour(here, way)
                    if not rooms[there] and _floor_like(cells[there]):
                        rooms[there] = count
                        queue[tail] = there
                        tail += 1
    return count


@numba.njit(cache=True)
def _measure_ways(cells, ids, start, rooms, moves, steps, first_item, queue, later):
    """From `start` to every cell of its rooms: items to move, steps, and the first item in the way (1 + number)."""
    moves[:], steps[:], first_item[:] = NO_WAY, NO_WAY, 0
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
def _find_frontiers(cells, agent, rooms, moves, steps, frontier, frontier_cost, frontier_size):
    """For each room the unseen cell beside it that is cheapest to look at, and how many there are."""
    frontier[:], frontier_cost[:], frontier_size[:] = -1, 1 << 30, 0
    west, north, wide, high = _span(agent)
    for dx in range(wide):
        for dy in range(high):
            cell = ((west + dx) & WRAP) * SIZE + ((north + dy) & WRAP)
            if cells[cell] != UNSEEN:
                continue
            for way in range(4):
                beside = neighbour(cell, way)
                room = rooms[beside]
                if not room:
                    continue
                frontier_size[room] += 1
                cost = moves[beside] * 1000 + steps[beside]
                if moves[beside] == NO_WAY:
                    cost = NO_WAY * 1000 + city_block(cell, agent[X], agent[Y])
                if cost < frontier_cost[room]:
                    frontier[room], frontier_cost[room] = cell, cost


@numba.njit(cache=True)
def _place_things(cells, agent, place, rooms, moves, steps, first_item, sides, way_steps, blocker):
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
                    sides[thing, 0] = rooms[neighbour(cell, way)]
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
def _find_roomy(cells, agent, rooms, roomy):
    """For each room, whether it has a cell where a thing would bar nothing."""
    roomy[:] = False
    west, north, wide, high = _span(agent)
    for dx in range(wide):
        for dy in range(high):
            cell = ((west + dx) & WRAP) * SIZE + ((north + dy) & WRAP)
            if (
                rooms[cell]
                and not roomy[rooms[cell]]
                and (cells[cell] & 15) == EMPTY
                and harmless(cells, cell)
            ):
                roomy[rooms[cell]] = True


class Survey:
    """The rooms and ways of one believed world. `read` fills it; what it holds is valid until the next `read`.

    Attributes:
        rooms: int16[4096], the room of each cell, 0 for none.
        count: the number of rooms, numbered from 1.
        sides: int16[T, 2], the room (or both rooms) a thing is reached from; -1: not seen yet, 0: none.
        steps: int32[T], steps to a place beside the thing; negative: the city-block distance, for lack of a way.
        blocker: int16[T], 1 + the number of the first item to be moved on the way, 0 for none.
        frontier: int32[R], the unseen cell beside a room that is cheapest to look at, -1 for none.
        roomy: bool[R], whether a thing can be put down in a room so that it bars nothing.
        here: the room the agent stands in; in a doorway the one it faces, or else one beside it; 0 for none.
    """

    def __init__(self) -> None:
        area = SIZE * SIZE
        self.rooms = np.zeros(area, dtype=np.int16)
        self.first_cell = np.zeros(MOST_ROOMS, dtype=np.int32)
        self.moves = np.zeros(area, dtype=np.int32)
        self.cell_steps = np.zeros(area, dtype=np.int32)
        self.first_item = np.zeros(area, dtype=np.int16)
        self.frontier = np.full(MOST_ROOMS, -1, dtype=np.int32)
        self.frontier_cost = np.zeros(MOST_ROOMS, dtype=np.int64)
        self.frontier_size = np.zeros(MOST_ROOMS, dtype=np.int32)
        self.roomy = np.zeros(MOST_ROOMS, dtype=np.bool_)
        self.sides = np.zeros((MOST_THINGS, 2), dtype=np.int16)
        self.steps = np.zeros(MOST_THINGS, dtype=np.int32)
        self.blocker = np.zeros(MOST_THINGS, dtype=np.int16)
        self._queue, self._later = np.zeros(area * 4, dtype=np.int32), np.zeros(area * 4, dtype=np.int32)
        self.count = 0
        self.start = 0
        self.here = 0

    def read(self, world: BeliefMap, index: int) -> Survey:
        """Survey the world at `index` as it is believed now."""
        cells, agent = world.cells[index], world.agent[index]
        self.start = int(agent[X] & WRAP) * SIZE + int(agent[Y] & WRAP)
        self.count = _label_rooms(cells, agent, self.rooms, self.first_cell, self._queue)
        ways = (self.rooms, self.moves, self.cell_steps)
        _measure_ways(cells, world.ids[index], self.start, *ways, self.first_item, self._queue, self._later)
        _find_frontiers(cells, agent, *ways, self.frontier, self.frontier_cost, self.frontier_size)
        _place_things(
            cells, agent, world.place[index], *ways, self.first_item, self.sides, self.steps, self.blocker
        )
        _find_roomy(cells, agent, self.rooms, self.roomy)
        self.here = self._room_here(cells, int(agent[HEADING]))
        return self

    def _room_here(self, cells: np.ndarray, heading: int) -> int:
        if int(cells[self.start]) & 15 != DOOR:
            return int(self.rooms[self.start])
        sides = (int(self.rooms[neighbour(self.start, (heading + turn) & 3)]) for turn in range(4))
        return next((room for room in sides if room), 0)


__all__ = ["NO_WAY", "Survey", "city_block", "harmless", "neighbour", "torus_gap"]
