"""What the planning problems of believed worlds depend on, written as bytes for a whole batch at once.

Two worlds with equal facts, asked for the same stage of a mission, have problems with the same objects, the same
initial state and the same goal, names included; with equal costs too, the same problems. So a decision made for one
serves the other, and no symbol has to be made.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Situation
from neurosym.jit import inner, kernel

from .codes import DOOR, GOAL, HEADING_X, HEADING_Y
from .map import (
    CARRIED,
    DECLARED,
    EMPTY_BOXES,
    GONE,
    MOST_PAIRS,
    MOST_THINGS,
    PAIRS,
    SIZE,
    START_HEADING,
    THINGS,
    WRAP,
    BeliefMap,
)
from .survey import (
    HERE,
    MOST_ROOMS,
    NO_WAY,
    ROOMS,
    START,
    Survey,
    city_block,
    neighbour,
    survey_world,
    torus_gap,
)

GRADES = np.array((1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64), dtype=np.int64)
FARTHEST = 96.0
_GRADES = tuple(map(float, GRADES))

# sides of where the agent started on which a thing lay, and whether it lay in the room where the agent started
FRONT, BEHIND, TO_THE_RIGHT, TO_THE_LEFT, IN_START_ROOM = 1, 2, 4, 8, 16

# what a stage may ask about beside the marks of `map`: what was put next to what, whether the agent stands on the goal,
# where things lay, whether it was declared that all is done, how far from the start things lay
BESIDE, REACHED, LAY, SAID, DISTANCE = 8, 16, 32, 64, 128

MOST_EMPTY_BOXES = 3  # that are told apart

_BEYOND = -1  # the side of a door that nobody has seen
_MOST_FACTS = 7 + 2 * MOST_ROOMS + MOST_THINGS * 10 + 2 * MOST_PAIRS
_MOST_COSTS = 1 + MOST_ROOMS + MOST_THINGS


class RoomNames(NamedTuple):
    """Names for the rooms of N worlds: small numbers from 1 on that rooms keep while they grow; 0 is none.

    Attributes:
        anchors: int32[N, R], a cell of the room that has each name; anchored: int32[N], the largest name.
        name_of, room_of: int32[R], names and rooms of the world that was surveyed last.
    """

    anchors: np.ndarray
    anchored: np.ndarray
    name_of: np.ndarray
    room_of: np.ndarray

    @classmethod
    def blank(cls, count: int) -> RoomNames:
        """For `count` worlds in which nothing has been named."""
        return cls(
            anchors=np.zeros((count, MOST_ROOMS), dtype=np.int32),
            anchored=np.zeros(count, dtype=np.int32),
            name_of=np.zeros(MOST_ROOMS, dtype=np.int32),
            room_of=np.zeros(MOST_ROOMS + 1, dtype=np.int32),
        )


@inner
def _grade(distance):
    grade = 0
    while grade < len(GRADES) and distance > GRADES[grade]:
        grade += 1
    return grade


def graded(distance: float) -> float:
    """A distance rounded up to one of a few grades, so that plans can be shared."""
    grade = bisect_left(_GRADES, distance)
    return _GRADES[grade] if grade < len(_GRADES) else FARTHEST


@kernel
def survey_and_name(n, world, survey, names):
    """Survey the world `n` and name its rooms."""
    survey_world(world.cells[n], world.ids[n], world.agent[n], world.place[n], survey)
    anchors, rooms = names.anchors[n], survey.sizes[ROOMS]
    names.name_of[: rooms + 1], names.room_of[: names.anchored[n] + 1] = 0, 0
    for number in range(names.anchored[n]):
        room = survey.rooms[anchors[number]]
        if room and not names.name_of[room]:  # where two rooms turned out to be one, one name is free again
            names.name_of[room], names.room_of[number + 1] = number + 1, room
    name = 0
    for room in range(1, rooms + 1):
        if not names.name_of[room]:
            name += 1
            while name <= names.anchored[n] and names.room_of[name]:
                name += 1
            anchors[name - 1] = survey.first_cell[room]
            names.anchored[n] = max(names.anchored[n], name)
            names.name_of[room], names.room_of[name] = name, room
    while names.anchored[n] and not names.room_of[names.anchored[n]]:
        names.anchored[n] -= 1


@kernel
def lay_of(home, rooms, start_heading, heading_x, heading_y):
    """On which sides of where the agent started a thing lay that was first seen at the cell `home`."""
    inside = rooms[home] == rooms[0]
    for way in range(4):
        inside |= rooms[neighbour(home, way)] == rooms[0]
    dx, dy = torus_gap(home // SIZE, 0), torus_gap(home & WRAP, 0)
    ahead = dx * heading_x[start_heading] + dy * heading_y[start_heading]
    aside = -dx * heading_y[start_heading] + dy * heading_x[start_heading]
    lay = IN_START_ROOM if inside else 0
    lay |= FRONT if ahead > 0 else BEHIND if ahead < 0 else 0
    return lay | (TO_THE_RIGHT if aside > 0 else TO_THE_LEFT if aside < 0 else 0)


@kernel
def distance_from_start(home):
    """City-block distance from where the agent started to where a thing was first seen."""
    return city_block(home, 0, 0)


@inner
def _write_rooms(n, survey, names, facts, costs):
    """Which rooms there are, what bars the unexplored ones, what exploring them and putting things down there costs."""
    facts[0], facts[1] = names.name_of[survey.sizes[HERE]], names.name_of[survey.rooms[0]]
    used, spent = 2, 1
    for name in range(1, names.anchored[n] + 1):
        room = names.room_of[name]
        if not room:
            continue
        unexplored = survey.frontier[room] >= 0
        facts[used] = 2 * name + unexplored
        used += 1
        grade = 0
        if unexplored:
            facts[used] = survey.frontier_blocker[room]
            used += 1
            if survey.frontier_cost[room] < NO_WAY * 1000:
                grade = 1 + _grade(survey.frontier_steps[room])
        costs[spent] = 2 * grade + survey.roomy[room]
        spent += 1
    facts[used] = 0
    return used + 1, spent


@inner
def _write_pairs(n, asked, world, facts, used):
    """What was put next to what, if that is asked about."""
    count = min(world.agent[n, PAIRS], MOST_PAIRS) if asked & BESIDE else 0
    facts[used] = count
    for pair in range(count):
        facts[used + 1 + 2 * pair], facts[used + 2 + 2 * pair] = (
            world.pairs[n, pair, 0],
            world.pairs[n, pair, 1],
        )
    return used + 1 + 2 * count


@inner
def _write_thing(n, thing, asked, world, survey, names, facts, used):
    """Where one thing is, how it is reached and what has happened to it."""
    cell, code, mark = world.place[n, thing], world.codes[n, thing], np.int64(world.marks[n, thing])
    if (code & 15) == GOAL and cell == survey.sizes[START]:
        mark |= REACHED
    mark &= asked
    facts[used], facts[used + 1], facts[used + 2] = code, min(cell, 0), mark
    used += 3
    if cell < 0:
        return used
    far = survey.sides[thing, 1]
    facts[used] = names.name_of[survey.sides[thing, 0]]
    facts[used + 1] = _BEYOND if far < 0 else names.name_of[far]
    facts[used + 2] = survey.blocker[thing]
    used += 3
    if (code & 15) == DOOR:
        facts[used], facts[used + 1] = survey.behind[thing, 0], survey.behind[thing, 1]
        used += 2
    return used


@inner
def _write(n, asked, world, survey, names, facts, costs, heading_x, heading_y):
    """One world's facts and costs; how long they are."""
    used, spent = _write_rooms(n, survey, names, facts, costs)
    costs[0] = min(world.agent[n, EMPTY_BOXES], MOST_EMPTY_BOXES)
    facts[used], facts[used + 1] = world.agent[n, CARRIED], world.agent[n, THINGS]
    facts[used + 2] = world.agent[n, DECLARED] if asked & SAID else 0
    used = _write_pairs(n, asked, world, facts, used + 3)
    for thing in range(world.agent[n, THINGS]):
        used = _write_thing(n, thing, asked, world, survey, names, facts, used)
        if world.place[n, thing] == GONE:
            continue
        if asked & LAY:
            heading = world.agent[n, START_HEADING]
            facts[used] = lay_of(world.home[n, thing], survey.rooms, heading, heading_x, heading_y)
            used += 1
        if asked & DISTANCE:
            facts[used] = distance_from_start(world.home[n, thing])
            used += 1
        if world.place[n, thing] >= 0:
            costs[spent] = _grade(abs(survey.way_steps[thing]))
            spent += 1
    return used, spent


@kernel
def _write_all(which, asked, world, survey, names, facts, costs, ends, heading_x, heading_y):
    used, spent = 0, 0
    for k in range(len(which)):
        survey_and_name(which[k], world, survey, names)
        more, dearer = _write(
            which[k], asked[k], world, survey, names, facts[used:], costs[spent:], heading_x, heading_y
        )
        used, spent = used + more, spent + dearer
        ends[k, 0], ends[k, 1] = used, spent


def read_situations(
    world: BeliefMap, which: NDArray[np.int64], asked: NDArray[np.int64], survey: Survey, names: RoomNames
) -> list[Situation]:
    """The situations of the worlds at int64[M] `which`; int64[M] `asked`: what the stages of their missions ask about.

    `asked` has the bits of `map`'s marks, BESIDE, REACHED, LAY, SAID and DISTANCE.
    """
    facts = np.empty(len(which) * _MOST_FACTS, dtype=np.int16)
    costs = np.empty(len(which) * _MOST_COSTS, dtype=np.uint8)
    ends = np.empty((len(which), 2), dtype=np.int64)
    _write_all(which, asked, world.tables, survey, names, facts, costs, ends, HEADING_X, HEADING_Y)
    if not len(which):
        return []
    said, priced = facts[: ends[-1, 0]].tobytes(), costs[: ends[-1, 1]].tobytes()
    situations, begun, spent = [], 0, 0
    for used, dearer in ends.tolist():
        situations.append(Situation(said[2 * begun : 2 * used], priced[spent:dearer]))
        begun, spent = used, dearer
    return situations


__all__ = [
    "BEHIND", "BESIDE", "DISTANCE", "FRONT", "IN_START_ROOM", "LAY", "MOST_EMPTY_BOXES", "REACHED", "SAID",
    "TO_THE_LEFT", "TO_THE_RIGHT", "RoomNames", "distance_from_start", "graded", "lay_of", "read_situations",
    "survey_and_name",
]  # fmt: skip
