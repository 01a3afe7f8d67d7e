"""MiniGrid with one operator more, `guard`: what is new stands in this folder, all else is MiniGrid's."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import gymnasium
import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief
from neurosym.domain import Task, load_domain
from neurosym.errors import UnknownNameError
from neurosym.language import Rules, RuleTranslator
from neurosym.options.features import Features, FeatureSpec
from neurosym.planning import read_domain
from neurosym.symbols import PlanningDomain

MINIGRID = load_domain("minigrid")  # from here on its modules can be imported
from neurosym_domains.minigrid import subgoals as sg  # noqa: E402  # pyright: ignore
from neurosym_domains.minigrid.bank import Levels  # noqa: E402  # pyright: ignore
from neurosym_domains.minigrid.codes import LEFT, RIGHT  # noqa: E402  # pyright: ignore
from neurosym_domains.minigrid.domain import MiniGridDomain  # noqa: E402  # pyright: ignore
from neurosym_domains.minigrid.generators import generate  # noqa: E402  # pyright: ignore

from .belief import DENSE, GuardBelief  # noqa: E402
from .world import TASKS, GuardWorlds  # noqa: E402

CHUNK = 100  # levels made between two reports


class GuardDomain(MiniGridDomain):
    """MiniGrid in which things are guarded."""

    name = "new_operator"
    folder = Path(__file__).parent
    feature_spec = FeatureSpec(rows=sg.ROWS, width=sg.WIDTH, dense=DENSE, actions=len(MINIGRID.action_names))
    training_tasks = tuple(TASKS)
    closing = ()

    @cached_property
    def model(self) -> PlanningDomain:
        new, known = read_domain(self.folder / "domain.pddl"), MINIGRID.model
        return replace(
            known,
            predicates=tuple(dict.fromkeys((*known.predicates, *new.predicates))),
            actions=(*known.actions, *new.actions),
        )

    @cached_property
    def translator(self) -> RuleTranslator:
        new, known = Rules.from_toml(self.folder / "missions.toml"), MINIGRID.translator.rules
        phrases, templates = (*known.phrases, *new.phrases), (*known.templates, *new.templates)
        return RuleTranslator(replace(known, phrases=phrases, templates=templates))

    def tasks(self) -> Sequence[Task]:
        return tuple(Task(name, mission="guard the red ball") for name in TASKS)

    def make_env(self, task_id: str, render: bool = False) -> gymnasium.Env:
        if task_id not in TASKS:
            raise UnknownNameError("task", task_id, TASKS)
        return gymnasium.make(task_id, render_mode="rgb_array" if render else None, disable_env_checker=True)

    def belief(self, count: int) -> Belief:
        return GuardBelief(self.model, count)

    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, Levels]:
        parts, total = [], len(task_ids) * len(seeds)
        for task in task_ids:
            for first in range(0, len(seeds), CHUNK):
                parts.extend(generate(task, seeds[first : first + CHUNK])[0])
                yield len(parts), total, task
        return Levels.join(parts)

    def training_worlds(self, levels: Levels, count: int, seed: int) -> GuardWorlds:
        return GuardWorlds(levels, count, seed)

    def scripted_controller(self) -> ScriptedGuard:
        return ScriptedGuard()


class ScriptedGuard:
    """Does what MiniGrid's scripted controller does; next to what is to be guarded it turns its back on it."""

    def __init__(self) -> None:
        self.known = MINIGRID.scripted_controller()

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        """int64[N], one action for each state."""
        actions = self.known.act(Features(features.sparse, features.dense[:, : sg.DENSE]), rng)
        ahead, aside = (features.dense[:, 2 * sg.KINDS + k] * 8 for k in (0, 1))
        guarding = (features.dense[:, sg.DENSE] > 0) & (features.dense[:, sg.Kind.STAND] == 0)  # no waypoint
        near = guarding & (np.abs(ahead) + np.abs(aside) == 1)
        return np.where(near, np.where(aside < 0, RIGHT, LEFT), actions)


DOMAIN = GuardDomain()
