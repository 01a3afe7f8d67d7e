"""The belief of MiniGrid worlds as the agent uses it: the map, read as symbols for the planner and as features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import FeatureArrays, Foresight, Observation, Situation
from neurosym.symbols import Operator, PlanningDomain, Problem, State, Wanted

from . import subgoals as sg
from .aims import place_aims, read_aim, renew_waypoints
from .map import SURPRISED, BeliefMap
from .question import Question, what_is_asked
from .scene import Scene
from .situation import RoomNames, read_situations
from .surroundings import Scratch, Words, hearing_spec, surround
from .survey import Survey


class MiniGridBelief:
    """Beliefs about N MiniGrid worlds; see `neurosym.belief.Belief`."""

    subgoal_columns = sg.COLUMNS

    def __init__(self, model: PlanningDomain, count: int) -> None:
        self.model = model
        self.map = BeliefMap(count)
        self._survey = Survey.blank()
        self._names = RoomNames.blank(count)
        self._scratch = Scratch.blank(self._survey)
        self._words: tuple[Mapping[str, int], Words] = {}, Words.of({})
        self._scene: Scene | None = None
        self._asked: dict[tuple[int, int], tuple[tuple[Wanted, ...], tuple[Wanted, ...], int]] = {}

    def heed(self, foresight: Foresight | None) -> None:
        """Nothing to heed: distances are seen."""

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._scene = None
        self._names.anchored[mask] = 0
        self.map.begin(mask, observation)

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        self._scene = None
        self.map.update(actions, observation)

    def scene(self, index: int) -> Scene:
        """The symbols of one world, read off now; valid until another world's are asked for."""
        if self._scene is None or self._scene.index != index:
            self._scene = Scene(self.map, index, self._survey, self._names)
        return self._scene

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> Sequence[Situation]:
        self._scene = None
        later = [()] * len(stages) if later is None else later
        questions = map(self._read_question, stages, later)
        asked = np.fromiter(questions, dtype=np.int64, count=len(stages))
        return read_situations(self.map, which, asked, self._survey, self._names)

    def _read_question(self, stage: tuple[Wanted, ...], later: tuple[Wanted, ...]) -> int:
        """What a stage asks about, in bits. Kept by identity: comparing stages would cost more."""
        key = id(stage), id(later)
        known = self._asked.get(key)
        if known is None or known[0] is not stage or known[1] is not later:
            if len(self._asked) >= _KEPT_STAGES:
                self._asked.clear()
            known = self._asked[key] = stage, later, what_is_asked(stage, later)
        return known[2]

    def state(self, index: int) -> State:
        return self.scene(index).state()

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        return Question(self.scene(index), stage, later).problem(self.model, setbacks)

    def forget_accomplishments(self, index: int) -> None:
        self._scene = None
        self.map.forget_accomplishments(index)

    def aim(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        return read_aim(self.scene(index), step, following)

    def subgoals(
        self, which: NDArray[np.int64], aims: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        self._scene = None
        return place_aims(self.map, which, aims, self._survey, self._names)

    def can_begin(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Everywhere: an option goes on from wherever it finds itself."""
        return subgoals[:, sg.KIND] != 0

    def surprised(self) -> NDArray[np.bool_]:
        return self.map.agent[:, SURPRISED] != 0

    def meddled(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return sg.meddled(self.map, subgoals)

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return sg.achieved(self.map, subgoals)

    def features(
        self,
        subgoals: NDArray[np.int32],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        worlds = np.arange(len(self.map)) if which is None else which
        renew_waypoints(self.map, worlds, subgoals, self._survey)
        return sg.describe(self.map, subgoals, worlds, out)

    def surroundings(
        self,
        words: Mapping[str, int],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        worlds = np.arange(len(self.map)) if which is None else which
        if self._words[0] is not words:
            self._words = words, Words.of(words)
        if out is None:
            empty = hearing_spec(()).features.empty(len(worlds))
            out = empty.sparse, empty.dense
        surround(self.map, worlds, self._scratch, self._words[1], out)
        return out


_KEPT_STAGES = 1 << 14

__all__ = ["MiniGridBelief"]
