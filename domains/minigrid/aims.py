"""From a step of a plan to a subgoal: what it aims at in names, and where that lies now, for a whole batch at once.

An aim depends on a situation's facts alone, so that it can be kept with the decision that led to it; a subgoal holds
the cells that the aim means in one world at one moment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import inner, kernel
from neurosym.symbols import Operator

from . import subgoals as sg
from .map import ARRIVED, LOOKOUT, ROOMY, TAKEN_FROM, THINGS, WAYPOINT, BeliefMap, X, Y, cell_of, is_item
from .scene import Scene
from .situation import RoomNames, survey_and_name
from .subgoals import Kind
from .survey import HERE, START, Survey, city_block, neighbour
from .waypoints import find_waypoint, is_near

KIND_OF_OPERATOR = {
    "go-to": Kind.FACE,
    "go-to-match": Kind.FACE,
    "pick-up": Kind.HOLD,
    "clear-away": Kind.HOLD,
    "make-way": Kind.HOLD,
    "clear-doorway": Kind.HOLD,
    "put-down": Kind.DROP_AWAY,
    "put-beside": Kind.DROP_BESIDE,
    "open-door": Kind.OPEN,
    "unlock-door": Kind.OPEN,
    "close-door": Kind.SHUT,
    "pass-door": Kind.STAND,
    "open-box": Kind.UNBOX,
    "step-on": Kind.STAND,
    "explore": Kind.LOOK,
    "explore-way": Kind.LOOK,
    "declare": Kind.DECLARE,
}
LEAST_BUDGET, STEPS_PER_CELL, MOST_BUDGET = 24, 4, 120  # an option may take several times the straight way
ROUNDABOUT = 3  # times as much where the way is far or leads round a corner

# columns of an aim; things are 1 + their number, rooms are names. A door and a room: the way through, from that room.
_KIND, _THING, _DOOR, _ROOM = range(4)
_NEXT = 4  # the same four of the following step
_ITEM = 8
COLUMNS = 9

_FACE, _STAND, _LOOK = int(Kind.FACE), int(Kind.STAND), int(Kind.LOOK)
_DROP_AWAY = int(Kind.DROP_AWAY)
_DROPS = (int(Kind.DROP_BESIDE), _DROP_AWAY)


def read_aim(scene: Scene, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
    """What a step aims at, int32[COLUMNS], or None if it speaks of things that have no place yet."""
    aim = np.zeros(COLUMNS, dtype=np.int32)
    if not _aim(scene, step, aim[:_NEXT]):
        return None
    if following is not None:
        _aim(scene, following, aim[_NEXT:_ITEM])
    if aim[_KIND] in _DROPS:
        aim[_ITEM] = 1 + scene.things[step.args[0]]
    elif step.name == "explore":
        aim[_ITEM] = sg.sort_code(step.args[1])
    return aim


def _aim(scene: Scene, step: Operator, aim: NDArray[np.int32]) -> bool:
    """Write what one step aims at; False if it has no place yet."""
    aim[_KIND] = kind = KIND_OF_OPERATOR[step.name]
    if kind in _DROPS and step.args[0] not in scene.things:
        return False
    if step.name in ("declare", "put-down"):
        return True
    if step.name == "pass-door":
        door, near = scene.things.get(step.args[0]), scene.rooms.get(step.args[1])
        if door is None or near is None or near not in scene.sides[door]:
            return False
        aim[_DOOR], aim[_ROOM] = 1 + door, scene.name_of_room[near]
        return True
    if kind == Kind.LOOK:
        room = scene.rooms.get(step.args[0])
        if room is None or scene.survey.frontier[room] < 0:
            return False
        aim[_ROOM] = scene.name_of_room[room]
        return True
    target = scene.things.get(step.args[1] if step.name == "put-beside" else step.args[0])
    aim[_THING] = 0 if target is None else 1 + target
    return target is not None


@inner
def _threshold(n, door, name, world, survey, names):
    """Passing a door ends beyond it; if a thing lies there, in the doorway, facing the thing: the kind, the cell."""
    doorway, way = world.place[n, door], survey.near_way[door]
    if survey.sides[door, 0] == names.room_of[name]:
        way += 2
    far = neighbour(doorway, way & 3)
    if not is_item(world.cells[n, far]):
        return _STAND, far
    return (_FACE, far) if doorway == survey.sizes[START] else (_STAND, doorway)


@inner
def _find(n, aim, world, survey, names):
    """The kind and the cell of one step's aim; the cell is NOWHERE for a thing, which may move."""
    if aim[_DOOR]:
        return _threshold(n, aim[_DOOR] - 1, aim[_ROOM], world, survey, names)
    if aim[_KIND] == _LOOK and aim[_ROOM]:
        return _LOOK, survey.frontier[names.room_of[aim[_ROOM]]]
    return aim[_KIND], sg.NOWHERE


@inner
def _taken_from(cell, here):
    """Where a thing must not be put down again; what is far away does not matter."""
    return cell if cell >= 0 and is_near(cell, here) else sg.NOWHERE


@inner
def _cut_way(n, subgoal, world, survey):
    """Note the waypoint, if there is one; where the step's own target is, negative for nowhere."""
    agent = world.agent[n]
    thing = subgoal[sg.THING]
    target = world.place[n, thing - 1] if thing else subgoal[sg.CELL]
    agent[WAYPOINT] = agent[ARRIVED] = 0
    if target >= 0 and subgoal[sg.KIND] != _DROP_AWAY:
        here = cell_of(agent[X], agent[Y])
        agent[WAYPOINT] = 1 + find_waypoint(world.cells[n], here, target, survey.queue, survey.later)
    return target


@inner
def _budget(n, target, world):
    if target < 0:
        return 2 * LEAST_BUDGET
    away = city_block(target, world.agent[n, X], world.agent[n, Y])
    budget = min(LEAST_BUDGET + STEPS_PER_CELL * away, MOST_BUDGET)
    return ROUNDABOUT * budget if world.agent[n, WAYPOINT] else budget


@kernel
def _place_all(which, aims, world, survey, names, subgoals, budgets):
    for k in range(len(which)):
        n, aim, row = which[k], aims[k], subgoals[k]
        survey_and_name(n, world, survey, names)
        here = survey.sizes[HERE]
        world.agent[n, LOOKOUT] = 1 + survey.frontier[here] if here else 0
        world.agent[n, ROOMY] = survey.roomy[here]
        row[sg.KIND], row[sg.CELL] = _find(n, aim[:_NEXT], world, survey, names)
        row[sg.NEXT_KIND], row[sg.NEXT_CELL] = _find(n, aim[_NEXT:_ITEM], world, survey, names)
        row[sg.THING], row[sg.NEXT_THING] = aim[_THING], aim[_NEXT + _THING]
        row[sg.ITEM], row[sg.BASELINE] = aim[_ITEM], 0
        if row[sg.KIND] == _LOOK:
            row[sg.BASELINE] = world.agent[n, THINGS]
        elif row[sg.KIND] in _DROPS:
            row[sg.BASELINE] = not survey.roomy[here]
            if row[sg.KIND] == _DROP_AWAY:
                row[sg.CELL] = _taken_from(world.agent[n, TAKEN_FROM], survey.sizes[START])
        budgets[k] = _budget(n, _cut_way(n, row, world, survey), world)


def place_aims(
    world: BeliefMap, which: NDArray[np.int64], aims: NDArray[np.int32], survey: Survey, names: RoomNames
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Where int32[M, COLUMNS] aims lie in the worlds at int64[M] `which`: subgoals int32[M, 8], budgets int64[M]."""
    subgoals = np.empty((len(which), sg.COLUMNS), dtype=np.int32)
    budgets = np.empty(len(which), dtype=np.int64)
    _place_all(which, aims, world.tables, survey, names, subgoals, budgets)
    return subgoals, budgets


@kernel
def _renew_all(which, subgoals, world, survey):
    for n in which:
        if world.agent[n, ARRIVED]:
            _cut_way(n, subgoals[n], world, survey)


def renew_waypoints(
    world: BeliefMap, which: NDArray[np.int64], subgoals: NDArray[np.int32], survey: Survey
) -> None:
    """Where a waypoint was reached on the way to int32[N, 8] subgoals, note the next one."""
    _renew_all(which, subgoals, world.tables, survey)


__all__ = ["COLUMNS", "KIND_OF_OPERATOR", "place_aims", "read_aim", "renew_waypoints"]
