"""The belief of MiniGrid worlds as the agent uses it: the map, read as symbols for the planner and as features."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Observation
from neurosym.symbols import Operator, PlanningDomain, Problem, State, Wanted

from . import subgoals as sg
from .codes import is_item_code
from .map import THINGS, BeliefMap, X, Y
from .scene import Scene
from .subgoals import Kind
from .survey import Survey, city_block, neighbour

KIND_OF_OPERATOR = {
    "go-to": Kind.FACE,
    "pick-up": Kind.HOLD,
    "clear-away": Kind.HOLD,
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
}
LEAST_BUDGET, STEPS_PER_CELL, MOST_BUDGET = 24, 4, 120  # an option may take several times the straight way


class MiniGridBelief:
    """Beliefs about N MiniGrid worlds; see `neurosym.belief.Belief`."""

    subgoal_columns = sg.COLUMNS

    def __init__(self, model: PlanningDomain, count: int) -> None:
        self.model = model
        self.map = BeliefMap(count)
        self._survey = Survey()
        self._scene: Scene | None = None

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._scene = None
        self.map.begin(mask, observation)

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        self._scene = None
        self.map.update(actions, observation)

    def scene(self, index: int) -> Scene:
        """The symbols of one world, read off now; valid until another world's are asked for."""
        if self._scene is None or self._scene.index != index:
            self._scene = Scene(self.map, index, self._survey.read(self.map, index))
        return self._scene

    def state(self, index: int) -> State:
        return self.scene(index).state()

    def problem(self, index: int, stage: tuple[Wanted, ...], setbacks: Mapping[str, int]) -> Problem:
        return self.scene(index).problem(self.model, stage, setbacks)

    def forget_accomplishments(self, index: int) -> None:
        self.map.forget_accomplishments(index)

    def subgoal(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        scene = self.scene(index)
        row = np.zeros(sg.COLUMNS, dtype=np.int32)
        row[sg.NEXT_CELL] = sg.NOWHERE
        if not self._aim(scene, step, row, sg.KIND, sg.THING, sg.CELL):
            return None
        if following is not None:
            self._aim(scene, following, row, sg.NEXT_KIND, sg.NEXT_THING, sg.NEXT_CELL)
        kind = row[sg.KIND]
        if kind == Kind.LOOK:
            row[sg.BASELINE] = self.map.agent[index, THINGS]
        elif kind in (Kind.DROP_AWAY, Kind.DROP_BESIDE):
            row[sg.ITEM] = 1 + scene.things[step.args[0]]
            row[sg.BASELINE] = not scene.survey.roomy[scene.survey.here]
        return row

    def _aim(
        self, scene: Scene, step: Operator, row: NDArray[np.int32], kind: int, thing: int, cell: int
    ) -> bool:
        """Write what a step aims at into three columns; False if what it speaks of has no place yet."""
        row[kind] = KIND_OF_OPERATOR[step.name]
        row[thing], row[cell] = 0, sg.NOWHERE
        if step.name == "put-down":
            return step.args[0] in scene.things
        if step.name == "pass-door":
            row[kind], row[cell] = self._threshold(scene, step)
        elif row[kind] == Kind.LOOK:
            room = scene.rooms.get(step.args[0])
            row[cell] = sg.NOWHERE if room is None else scene.survey.frontier[room]
        else:
            target = step.args[1] if step.name == "put-beside" else step.args[0]
            row[thing] = 1 + scene.things.get(target, -1)
        return bool(row[thing]) or row[cell] != sg.NOWHERE

    def _threshold(self, scene: Scene, step: Operator) -> tuple[Kind, int]:
        """Passing a door ends beyond it; if a thing lies there, in the doorway, looking at the thing."""
        door, near_room = step.args[0], scene.rooms.get(step.args[1])
        doorway = scene.place[scene.things[door]] if door in scene.things else sg.NOWHERE
        for way in range(4):
            if doorway >= 0 and near_room and scene.survey.rooms[neighbour(doorway, way)] == near_room:
                far = int(neighbour(doorway, (way + 2) & 3))
                if not is_item_code(int(self.map.cells[scene.index, far])):
                    return Kind.STAND, far
                return (Kind.FACE, far) if doorway == scene.survey.start else (Kind.STAND, doorway)
        return Kind.STAND, sg.NOWHERE

    def budget(self, index: int, subgoal: NDArray[np.int32]) -> int:
        thing, cell = int(subgoal[sg.THING]), int(subgoal[sg.CELL])
        target = int(self.map.place[index, thing - 1]) if thing else cell
        if target < 0:
            return 2 * LEAST_BUDGET
        agent = self.map.agent[index]
        return min(LEAST_BUDGET + STEPS_PER_CELL * int(city_block(target, agent[X], agent[Y])), MOST_BUDGET)

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return sg.achieved(self.map, subgoals)

    def features(
        self, subgoals: NDArray[np.int32], which: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        return sg.describe(self.map, subgoals, which)


__all__ = ["KIND_OF_OPERATOR", "MiniGridBelief"]
