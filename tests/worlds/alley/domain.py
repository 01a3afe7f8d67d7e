"""The smallest world with everything in it: hidden things, gates that shut, steps that fail. For tests only."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.domain import Domain, Task
from neurosym.errors import UnavailableTaskError, UnknownNameError
from neurosym.language import instruction_words
from neurosym.options.features import Features, FeatureSpec
from neurosym.options.hearing import HearingSpec

from .belief import DENSE, ROWS, WIDTH, AlleyBelief, Kind, hearing_spec
from .world import ACTION_NAMES, CELLS, LEFT, PUSH, RIGHT, USE, AlleyEnv, Alleys, Level, random_level

TASKS = (
    Task("Alley-v0", mission="ring the bell, then fetch the coin"),
    Task("Alley-Open-v0", mission="fetch the coin"),
    Task("Alley-Lost-v0", available=False, reason="nobody knows where it lies"),
)


class AlleyController:
    """Walks to the target and does there what its kind asks for."""

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        kinds = features.dense[:, : len(Kind)].argmax(1)
        offsets = np.rint(features.dense[:, -2] * CELLS).astype(np.int64)
        return np.array([_move(Kind(kind), int(offset)) for kind, offset in zip(kinds, offsets, strict=True)])


def _move(kind: Kind, offset: int) -> int:
    if kind is Kind.OPEN_GATE and abs(offset) == 1:
        return PUSH
    if offset == 0:
        return USE
    return RIGHT if offset > 0 else LEFT


class AlleyDomain(Domain):
    name = "alley"
    folder = Path(__file__).parent
    feature_spec = FeatureSpec(rows=ROWS, width=WIDTH, dense=DENSE, actions=len(ACTION_NAMES))
    action_names = ACTION_NAMES
    idle_actions = (LEFT, RIGHT)
    training_tasks = ("Alley-v0",)

    @property
    def hearing(self) -> HearingSpec:
        return hearing_spec(instruction_words(self.translator.rules, ["beyond"]))

    def tasks(self) -> Sequence[Task]:
        return TASKS

    def make_env(self, task_id: str, render: bool = False) -> AlleyEnv:
        task = {task.id: task for task in TASKS}.get(task_id)
        if task is None:
            raise UnknownNameError("task", task_id, [task.id for task in TASKS])
        if not task.available:
            raise UnavailableTaskError(f"{task_id} cannot start: {task.reason}")
        return AlleyEnv(gated=task_id == "Alley-v0", render_mode="rgb_array" if render else None)

    def stack(self, observations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "image": np.stack([observation["image"] for observation in observations]),
            "mission": [observation["mission"] for observation in observations],
        }

    def belief(self, count: int) -> AlleyBelief:
        return AlleyBelief(self.model, count)

    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, list[Level]]:
        levels = []
        for task in task_ids:
            levels += [random_level(seed, task == "Alley-v0") for seed in seeds]
            yield len(levels), len(task_ids) * len(seeds), task
        return levels

    def training_worlds(self, levels: Sequence[Level], count: int, seed: int) -> Alleys:
        return Alleys(levels, count, seed)

    def scripted_controller(self) -> AlleyController:
        return AlleyController()


DOMAIN = AlleyDomain()
