"""Rooms, ways and what stands in them: the believed map of one world, read off when a plan is needed.

A room is a connected stretch of seen cells one can stand on or free by picking something up; doors lie between rooms.
Ways are shortest in the number of items that must be moved first, then in steps; they lead through doors that are not
locked, and are told in legs, since a plan goes through one door after the other: the steps since the last door, and the
first item to be moved since then. What lies right behind a door is that door's business. All of this serves the
planner; none of it reaches the controllers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from neurosym.jit import inner, kernel

from .codes import BALL, DOOR, EMPTY, FLOOR, GOAL, LOCKED, UNSEEN, VIEW
from .map import (
    EAST,
    HEADING,
    MOST_THINGS,
    NORTH,
    RESTLESS,
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
NOTHING_NEW, NEWS_A_STEP = 49, 2  # a way that shows so many more cells may be a step longer

# entries of `Survey.sizes`: the number of rooms, of their cells, of the doorways ways lead through, the agent's cell,
# the room it is in
ROOMS, CELLS, DOORWAYS, START, HERE = range(5)


@kernel
def neighbour(cell, way):
    """The cell next to `cell`: way 0 east, 1 south, 2 west, 3 north."""
    if way & 1:
        return (cell & ~WRAP) | ((cell + 2 - way) & WRAP)
    return (cell + (1 - way) * SIZE) & (SIZE * SIZE - 1)


@inner
def torus_gap(a, b):
    """The signed difference a − b of two wrapped coordinates."""
    return ((a - b + SIZE // 2) & WRAP) - SIZE // 2


@inner
def city_block(cell, x, y):
    return abs(torus_gap(cell // SIZE, x & WRAP)) + abs(torus_gap(cell & WRAP, y & WRAP))


@inner
def _span(agent):
    """The part of the map that may have been seen: its western and northern edge, its width and height."""
    west, north = agent[WEST] - VIEW, agent[NORTH] - VIEW
    wide = min(agent[EAST] + VIEW - west + 1, SIZE)
    return west, north, wide, min(agent[SOUTH] + VIEW - north + 1, SIZE)


@inner
def _floor_like(code):
    kind = code & 15
    return kind == EMPTY or kind == FLOOR or kind == GOAL or is_item(code)


class Survey(NamedTuple):
    """The rooms and ways of one believed world. `read` fills it; what it holds is valid until the next `read`.

    Attributes:
        sizes: int32[5], the number of rooms, of their cells, of the doorways that ways lead through, the agent's cell,
            the room it is in.
        floor: int32[4096], the cells of all rooms, one after the other, and then those doorways.
        rooms: int16[4096], the room of each cell, 0 for none.
        moves, steps: int32[4096], from the agent to each cell: items to be moved, and steps; NO_WAY for none.
        entered: int32[4096], how many of those steps lie before the last doorway on that way.
        first_item: int16[4096], 1 + the number of the first item to be moved since that doorway, 0 for none.
        first_cell: int32[R], a cell of each room.
        frontier: int32[R], the unseen cell beside a room that is best looked at next, -1 for none.
        frontier_cost: int64[R], 1000 × items to be moved + steps to get there + what is dearer where little is new.
        frontier_steps: int32[R], steps of its last leg; frontier_blocker: int16[R], the first item to be moved in it.
        frontier_size: int32[R], how many such cells there are, one for each side on which the room touches it.
        roomy: bool[R], whether a thing can be put down in a room so that it bars nothing.
        sides: int16[T, 2], the room (or both rooms) a thing is reached from; -1: not seen yet, 0: none.
        near_way: int8[T], for a door, which way its first side lies; see `neighbour`.
        behind: int16[T, 2], for a door, 1 + the number of the item that lies right behind it on each side, 0 for none.
        way_steps: int32[T], steps of the last leg to a place beside the thing; negative: the city-block distance, for
            lack of a way.
        blocker: int16[T], 1 + the number of the first item to be moved in that leg, 0 for none.
        queue, later: int32[16384], hope: bool[4096], scratch.
    """

    sizes: np.ndarray
    floor: np.ndarray
    rooms: np.ndarray
    moves: np.ndarray
    steps: np.ndarray
    entered: np.ndarray
    first_item: np.ndarray
    first_cell: np.ndarray
    frontier: np.ndarray
    frontier_cost: np.ndarray
    frontier_steps: np.ndarray
    frontier_blocker: np.ndarray
    frontier_size: np.ndarray
    roomy: np.ndarray
    sides: np.ndarray
    near_way: np.ndarray
    behind: np.ndarray
    way_steps: np.ndarray
    blocker: np.ndarray
    queue: np.ndarray
    later: np.ndarray
    hope: np.ndarray

    @classmethod
    def blank(cls) -> Survey:
        """Of nothing yet."""
        area = SIZE * SIZE
        return cls(
            sizes=np.zeros(5, dtype=np.int32),
            floor=np.zeros(area, dtype=np.int32),
            rooms=np.zeros(area, dtype=np.int16),
            moves=np.full(area, NO_WAY, dtype=np.int32),
            steps=np.full(area, NO_WAY, dtype=np.int32),
            entered=np.zeros(area, dtype=np.int32),
            first_item=np.zeros(area, dtype=np.int16),
            first_cell=np.zeros(MOST_ROOMS, dtype=np.int32),
            frontier=np.full(MOST_ROOMS, -1, dtype=np.int32),
            frontier_cost=np.zeros(MOST_ROOMS, dtype=np.int64),
            frontier_steps=np.zeros(MOST_ROOMS, dtype=np.int32),
            frontier_blocker=np.zeros(MOST_ROOMS, dtype=np.int16),
            frontier_size=np.zeros(MOST_ROOMS, dtype=np.int32),
            roomy=np.zeros(MOST_ROOMS, dtype=np.bool_),
            sides=np.zeros((MOST_THINGS, 2), dtype=np.int16),
            near_way=np.zeros(MOST_THINGS, dtype=np.int8),
            behind=np.zeros((MOST_THINGS, 2), dtype=np.int16),
            way_steps=np.zeros(MOST_THINGS, dtype=np.int32),
            blocker=np.zeros(MOST_THINGS, dtype=np.int16),
            queue=np.zeros(area * 4, dtype=np.int32),
            later=np.zeros(area * 4, dtype=np.int32),
            hope=np.zeros(area, dtype=np.bool_),
        )

    @property
    def count_rooms(self) -> int:
        """The number of rooms, numbered from 1."""
        return int(self.sizes[ROOMS])

    @property
    def start(self) -> int:
        """The cell the agent stands on."""
        return int(self.sizes[START])

    @property
    def here(self) -> int:
        """The room the agent stands in; in a doorway one it can step into, the one it faces first; 0 for none."""
        return int(self.sizes[HERE])

    def read(self, world: BeliefMap, index: int) -> Survey:
        """Survey the world at `index` as it is believed now."""
        survey_world(world.cells[index], world.ids[index], world.agent[index], world.place[index], self)
        return self


@kernel
def survey_world(cells, ids, agent, place, survey):
    """Fill a `Survey` with what one world's map says."""
    _forget(survey)
    survey.sizes[START] = cell_of(agent[X], agent[Y])
    _label_rooms(cells, agent, survey)
    _measure_ways(cells, ids, agent[RESTLESS], survey)
    _find_frontiers(cells, agent, survey)
    _place_things(cells, ids, agent, place, survey)
    _take_heart(cells, agent, place, survey)
    _find_roomy(cells, survey)
    survey.sizes[HERE] = _room_here(cells, agent[HEADING], survey)


@inner
def _forget(survey):
    """Undo the last survey; only the cells it touched, for the map is far larger than most worlds."""
    for k in range(survey.sizes[CELLS] + survey.sizes[DOORWAYS]):
        cell = survey.floor[k]
        survey.rooms[cell], survey.first_item[cell], survey.entered[cell] = 0, 0, 0
        survey.moves[cell], survey.steps[cell] = NO_WAY, NO_WAY
    start = survey.sizes[START]
    survey.moves[start], survey.steps[start] = NO_WAY, NO_WAY


@inner
def _label_rooms(cells, agent, survey):
    """Number the rooms from 1 on in `rooms`, listing their cells in `floor`."""
    count, tail = 0, 0
    west, north, wide, high = _span(agent)
    for dx in range(wide):
        for dy in range(high):
            start = ((west + dx) & WRAP) * SIZE + ((north + dy) & WRAP)
            if survey.rooms[start] or not _floor_like(cells[start]) or count >= MOST_ROOMS - 1:
                continue
            count += 1
            survey.first_cell[count], survey.rooms[start] = start, count
            tail = _flood(cells, count, start, tail, survey)
    survey.sizes[ROOMS], survey.sizes[CELLS], survey.sizes[DOORWAYS] = count, tail, 0


@inner
def _flood(cells, room, start, tail, survey):
    head = tail
    survey.floor[tail] = start
    tail += 1
    while head < tail:
        here = survey.floor[head]
        head += 1
        for way in range(4):
            there = neighbour(here, way)
            if not survey.rooms[there] and _floor_like(cells[there]):
                survey.rooms[there] = room
                survey.floor[tail] = there
                tail += 1
    return tail


@inner
def _in_the_way(code, restless):
    """Whether something lies there that one has to move; what moves by itself will get out of the way."""
    return is_item(code) and not (restless and (code & 15) == BALL)


@inner
def _leads_on(cells, cell, survey):
    """Whether ways lead over a cell: one of a room's, or a doorway that is not locked."""
    return survey.rooms[cell] > 0 or ((cells[cell] & 15) == DOOR and cells[cell] >> 8 != LOCKED)


@inner
def _step_on(here, there, cells, survey):
    """Note that the way to `there` leads over `here`; a new leg begins behind a doorway."""
    if (cells[here] & 15) == DOOR:
        survey.entered[there], survey.first_item[there] = survey.steps[here], 0
    else:
        survey.entered[there], survey.first_item[there] = survey.entered[here], survey.first_item[here]
    if not survey.rooms[there] and survey.moves[there] == NO_WAY:
        survey.floor[survey.sizes[CELLS] + survey.sizes[DOORWAYS]] = there
        survey.sizes[DOORWAYS] += 1
    survey.steps[there] = survey.steps[here] + 1


@inner
def _measure_ways(cells, ids, restless, survey):
    """From the agent to every cell that ways lead to: items to move, steps, and both of the last leg."""
    moves, steps = survey.moves, survey.steps
    queue, later, start = survey.queue, survey.later, survey.sizes[START]
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
                if moves[there] <= level or not _leads_on(cells, there, survey):
                    continue
                if _in_the_way(cells[there], restless):
                    if moves[there] > level + 1:
                        _step_on(here, there, cells, survey)
                        moves[there] = level + 1
                        if not survey.first_item[there] and (here == start or (cells[here] & 15) != DOOR):
                            survey.first_item[there] = ids[there]
                        later[last] = there
                        last += 1
                else:
                    _step_on(here, there, cells, survey)
                    moves[there] = level
                    queue[tail] = there
                    tail += 1
        level += 1


@inner
def _find_frontiers(cells, agent, survey):
    """For each room the unseen cell beside it that is best looked at next, and how many there are.

    The nearest, but a way that shows more may be longer. Of equally good ones the westernmost, then the northernmost.
    """
    frontier, frontier_cost, rooms = survey.frontier, survey.frontier_cost, survey.sizes[ROOMS]
    frontier[: rooms + 1], frontier_cost[: rooms + 1], survey.frontier_size[: rooms + 1] = -1, 1 << 30, 0
    west, north = agent[WEST] - VIEW, agent[NORTH] - VIEW
    for k in range(survey.sizes[CELLS]):
        beside = survey.floor[k]
        room = survey.rooms[beside]
        for way in range(4):
            cell = neighbour(beside, way)
            if cells[cell] != UNSEEN:
                continue
            survey.frontier_size[room] += 1
            cost = survey.moves[beside] * 1000 + survey.steps[beside]
            if survey.moves[beside] == NO_WAY:
                cost = NO_WAY * 1000 + city_block(cell, agent[X], agent[Y])
            cost += (NOTHING_NEW - _count_unseen(cells, cell)) // NEWS_A_STEP
            if cost > frontier_cost[room]:
                continue
            if cost < frontier_cost[room] or _comes_before(cell, frontier[room], west, north):
                frontier[room], frontier_cost[room] = cell, cost
                survey.frontier_steps[room] = survey.steps[beside] - survey.entered[beside]
                survey.frontier_blocker[room] = survey.first_item[beside]


@inner
def _count_unseen(cells, cell):
    """How many cells of the 7 x 7 around `cell` were not seen."""
    x, y, count = cell // SIZE, cell & WRAP, 0
    for dx in range(-3, 4):
        for dy in range(-3, 4):
            count += cells[cell_of(x + dx, y + dy)] == UNSEEN
    return count


@inner
def _comes_before(cell, other, west, north):
    """Whether `cell` comes before `other` from west to east, then from north to south."""
    column, other_column = (cell // SIZE - west) & WRAP, (other // SIZE - west) & WRAP
    row, other_row = (cell - north) & WRAP, (other - north) & WRAP
    return column < other_column or (column == other_column and row < other_row)


@inner
def _place_things(cells, ids, agent, place, survey):
    """Where each thing is reached from: rooms on both sides of a door (-1: unseen), steps, what stands in the way."""
    for thing in range(agent[THINGS]):
        survey.sides[thing, 0], survey.sides[thing, 1], survey.blocker[thing] = 0, 0, 0
        cell = place[thing]
        if cell < 0:
            continue
        if (cells[cell] & 15) == DOOR:
            _find_sides(thing, cell, cells, ids, agent[RESTLESS], survey)
        else:
            survey.sides[thing, 0] = survey.rooms[cell]
        best, steps = NO_WAY * 1000 + NO_WAY, 0
        for way in range(4):
            beside = neighbour(cell, way)
            cost = survey.moves[beside] * 1000 + survey.steps[beside]
            if cost < best:
                best, steps = cost, survey.steps[beside] - survey.entered[beside]
                survey.blocker[thing] = survey.first_item[beside]
                if (cells[beside] & 15) == DOOR:  # a leg of no steps begins in this doorway
                    steps, survey.blocker[thing] = 0, 0
        if cell == survey.sizes[START]:  # the door in whose doorway the agent stands
            best, steps, survey.blocker[thing] = 0, 0, 0
        far = best >= NO_WAY * 1000
        survey.way_steps[thing] = -city_block(cell, agent[X], agent[Y]) if far else steps


@inner
def _take_heart(cells, agent, place, survey):
    """What one may get to around by cells that were not seen is not barred; a door is got to from its near side."""
    barred = False
    for thing in range(agent[THINGS]):
        barred |= survey.blocker[thing] > 0
    for room in range(1, survey.sizes[ROOMS] + 1):
        barred |= survey.frontier[room] >= 0 and survey.frontier_blocker[room] > 0
    if not barred:
        return
    _hope(cells, agent, survey)
    for thing in range(agent[THINGS]):
        if survey.blocker[thing] and _hopeful(cells, thing, place[thing], survey):
            survey.blocker[thing] = 0


@inner
def _hopeful(cells, thing, cell, survey):
    door = (cells[cell] & 15) == DOOR
    reached = False
    for way in range(4):
        reached |= survey.hope[neighbour(cell, way)] and (not door or way == survey.near_way[thing])
    return reached


@inner
def _seen_part(cells, agent, survey):
    """The western and northern edge, the width and the height of what was seen or would be by turning.

    Nothing is hoped for in it yet.
    """
    west, north, wide, high = _span(agent)
    here_x, here_y = agent[X] - west, agent[Y] - north
    first_x, last_x, first_y, last_y = here_x - 1, here_x + 1, here_y - 1, here_y + 1
    for dx in range(wide):
        for dy in range(high):
            cell = ((west + dx) & WRAP) * SIZE + ((north + dy) & WRAP)
            survey.hope[cell] = False
            if cells[cell] != UNSEEN:
                first_x, last_x = min(first_x, dx), max(last_x, dx)
                first_y, last_y = min(first_y, dy), max(last_y, dy)
    return west + first_x, north + first_y, last_x - first_x + 1, last_y - first_y + 1


@inner
def _hope(cells, agent, survey):
    """Mark what could be reached without moving anything if one could walk wherever nothing was seen.

    Only amid what was seen and beside the agent: farther off one might always get around everything.
    """
    west, north, wide, high = _seen_part(cells, agent, survey)
    queue, head, tail = survey.queue, 0, 1
    queue[0] = survey.sizes[START]
    survey.hope[queue[0]] = True
    while head < tail:
        here = queue[head]
        head += 1
        for way in range(4):
            there = neighbour(here, way)
            inside = ((there // SIZE - west) & WRAP) < wide and ((there & WRAP) - north & WRAP) < high
            if not inside or survey.hope[there]:
                continue
            kind = cells[there] & 15
            if kind == UNSEEN or (_leads_on(cells, there, survey) and not is_item(cells[there])):
                survey.hope[there] = True
                queue[tail] = there
                tail += 1


@inner
def _find_sides(door, cell, cells, ids, restless, survey):
    survey.behind[door] = 0
    for way in range(4):
        room = survey.rooms[neighbour(cell, way)]
        if room:
            far = neighbour(cell, (way + 2) & 3)
            survey.near_way[door], survey.sides[door, 0] = way, room
            survey.sides[door, 1] = -1 if cells[far] == UNSEEN else survey.rooms[far]
            near = neighbour(cell, way)
            survey.behind[door, 0] = ids[near] if _in_the_way(cells[near], restless) else 0
            survey.behind[door, 1] = ids[far] if _in_the_way(cells[far], restless) else 0
            return


@inner
def _has_another_side(cells, item, cell):
    for way in range(4):
        beside = neighbour(item, way)
        kind = cells[beside] & 15
        if beside != cell and (kind == EMPTY or kind == FLOOR):
            return True
    return False


@inner
def harmless(cells, cell):
    """Whether a thing put at `cell` bars nothing.

    No door or goal is beside it, an item there has another free side, and its own free neighbours stay joined.
    """
    free = 0  # a bit each, clockwise from east, corners in between
    for way in range(4):
        beside = neighbour(cell, way)
        kind = cells[beside] & 15
        if (
            kind == DOOR
            or kind == GOAL
            or (is_item(cells[beside]) and not _has_another_side(cells, beside, cell))
        ):
            return False
        corner = cells[neighbour(beside, (way + 1) & 3)] & 15
        free |= (kind == EMPTY or kind == FLOOR) << 2 * way
        free |= (corner == EMPTY or corner == FLOOR) << 2 * way + 1
    joined = (free >> 1 | free << 7) & (
        free >> 2 | free << 6
    )  # to the next free side, by the corner in between
    ends = free & ~joined & 0b01010101
    return ends & (ends - 1) == 0


@inner
def _find_roomy(cells, survey):
    """For each room, whether it has a cell where a thing would bar nothing."""
    survey.roomy[: survey.sizes[ROOMS] + 1] = False
    for k in range(survey.sizes[CELLS]):
        cell = survey.floor[k]
        room = survey.rooms[cell]
        if not survey.roomy[room] and (cells[cell] & 15) == EMPTY and harmless(cells, cell):
            survey.roomy[room] = True


@inner
def _room_here(cells, heading, survey):
    """The room the agent is in; in a doorway one it can step into, the one it faces first; 0 for none."""
    start = survey.sizes[START]
    if (cells[start] & 15) != DOOR:
        return survey.rooms[start]
    barred = 0
    for turn in range(4):
        cell = neighbour(start, (heading + turn) & 3)
        if survey.rooms[cell] and not is_item(cells[cell]):
            return survey.rooms[cell]
        barred = barred or survey.rooms[cell]
    return barred


__all__ = [
    "HERE", "MOST_ROOMS", "NO_WAY", "ROOMS", "START",
    "Survey", "city_block", "harmless", "neighbour", "survey_world", "torus_gap",
]  # fmt: skip
