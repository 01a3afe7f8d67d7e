"""MiniGrid and BabyAI: what the library needs to know of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, Observation
from neurosym.domain import Domain, Task
from neurosym.errors import UnavailableTaskError, UnknownNameError
from neurosym.options.features import FeatureSpec
from neurosym.options.hearing import HearingSpec
from neurosym.symbols import Goal, Wanted

from . import subgoals as sg
from .belief import MiniGridBelief
from .codes import ACTION_NAMES, FORWARD, LEFT, RIGHT

if TYPE_CHECKING:
    import gymnasium

    from .bank import Levels
    from .engine import Worlds
    from .scripted import ScriptedController

NO_PATTERNS = "minigrid's wheel lacks the pattern images its wave-function-collapse levels are made from"
NO_MISSION = "it states no mission, so there is nothing to plan for"


@cache
def _tasks() -> dict[str, Task]:
    import gymnasium
    import minigrid  # noqa: F401  registers the environments

    tasks = {}
    for name, spec in gymnasium.registry.items():
        entry = spec.entry_point if isinstance(spec.entry_point, str) else ""
        if not entry.startswith("minigrid."):
            continue
        reason = NO_PATTERNS if ".wfc" in entry else NO_MISSION if "Playground" in name else ""
        tasks[name] = Task(name, available=not reason, reason=reason)
    return dict(sorted(tasks.items()))


class MiniGridDomain(Domain):
    """All MiniGrid and BabyAI tasks, from the 7×7 egocentric view."""

    name = "minigrid"
    folder = Path(__file__).parent
    feature_spec = FeatureSpec(rows=sg.ROWS, width=sg.WIDTH, dense=sg.DENSE, actions=len(ACTION_NAMES))
    action_names = ACTION_NAMES
    idle_actions = (LEFT, RIGHT, FORWARD)
    closing = (Wanted("declared", ()),)

    @property
    def training_tasks(self) -> tuple[str, ...]:
        return tuple(task.id for task in self.tasks() if task.available)

    def tasks(self) -> Sequence[Task]:
        return tuple(_tasks().values())

    def make_env(self, task_id: str, render: bool = False) -> gymnasium.Env:
        task = _tasks().get(task_id)
        if task is None:
            raise UnknownNameError("task", task_id, _tasks())
        if not task.available:
            raise UnavailableTaskError(f"{task_id} cannot start: {task.reason}")
        from .generators import QuietReset, make

        return QuietReset(make(task_id, "rgb_array" if render else None))

    def judge(self, goal: Goal, mission: str) -> Callable[[gymnasium.Env], gymnasium.Env]:
        from .judge import JudgedEnv, check_goal

        check_goal(goal)
        return partial(JudgedEnv, goal=goal, mission=mission)

    @property
    def hearing(self) -> HearingSpec | None:
        return self._hearing

    @cached_property
    def _hearing(self) -> HearingSpec:
        from neurosym.language import instruction_words

        from .surroundings import MORE_WORDS, hearing_spec

        return hearing_spec(instruction_words(self.translator.rules, MORE_WORDS))

    def stack(self, observations: Sequence[Mapping[str, Any]]) -> Observation:
        return {
            "image": np.stack([observation["image"] for observation in observations]),
            "direction": np.array([observation["direction"] for observation in observations], dtype=np.int64),
            "mission": [observation["mission"] for observation in observations],
        }

    def belief(self, count: int) -> Belief:
        return MiniGridBelief(self.model, count)

    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, Levels]:
        from .levels import gather_levels

        return gather_levels(task_ids, seeds)

    def training_worlds(self, levels: Levels, count: int, seed: int) -> Worlds:
        from .engine import Worlds

        return Worlds(levels, count, seed)

    def scripted_controller(self) -> ScriptedController:
        from .scripted import ScriptedController

        return ScriptedController()

    def reveal(self, belief: Belief, which: NDArray[np.int64], source: Any) -> None:
        from .oracle import reveal

        reveal(cast(MiniGridBelief, belief).map, which, source)

    def view(self, observation: Mapping[str, Any]) -> NDArray[np.uint8]:
        from .pictures import draw_view

        return draw_view(observation["image"])

    def picture(self, belief: Belief, index: int) -> NDArray[np.uint8]:
        from .pictures import draw_belief

        return draw_belief(cast(MiniGridBelief, belief).map, index)


DOMAIN = MiniGridDomain()
