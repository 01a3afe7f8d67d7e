"""Two PDDL files as a domain that the agent can play: every primitive action is an option, nothing is learned."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Observation
from neurosym.domain import Domain, Task, TrainingWorlds
from neurosym.errors import DomainError, MissionError, UnknownNameError
from neurosym.language import Instruction, Usage, Vocabulary
from neurosym.options.features import Features, FeatureSpec
from neurosym.pddlworld.belief import PddlBelief
from neurosym.pddlworld.env import MAX_STEPS, PddlEnv, ground_world
from neurosym.pddlworld.strips import GroundPlanner, StripsWorld, compile_world
from neurosym.planning import EmbeddedPlanner, PlanCache, Planner
from neurosym.symbols import Goal, Operator, PlanningDomain, PlanResult, Signature, State, Wanted

if TYPE_CHECKING:
    from neurosym.language.understanding import Understanding

__all__ = ["PddlDomain", "PddlTranslator", "PrimitiveController"]

_GOAL = Goal(((Wanted("goal"),),))
_VOCABULARY = Vocabulary(predicates=(Signature("goal"),))


class PrimitiveController:
    """Takes the primitive action it is told to: the first feature, less 1."""

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        return features.sparse[:, 0].astype(np.int64) - 1


class PddlTranslator:
    """Knows one mission, the problem's goal; says a step as PDDL does."""

    def __init__(self, mission: str) -> None:
        self.mission, self.usage = mission, Usage()

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        """The problem's goal.

        Raises:
            MissionError: the mission is another one.
        """
        if mission != self.mission:
            raise MissionError(f"the one mission here is {self.mission}", mission=mission, fragment=mission)
        return _GOAL

    def understand(self, mission: str, vocabulary: Vocabulary) -> Understanding:
        """All of the mission, or nothing."""
        from neurosym.language.understanding import Understanding

        try:
            goal = self.goal(mission, vocabulary)
        except MissionError as error:
            return Understanding(not_understood=((mission, str(error)),))
        return Understanding(understood=((mission, str(goal)),))

    def instruct(self, step: Operator, state: State) -> Instruction:
        """The step's name and arguments."""
        return Instruction(" ".join((step.name, *step.args)), step.name, step.args)


class PddlDomain(Domain):
    """The world of a PDDL domain's file and a problem's file, with one task.

    Raises:
        PddlError: a file cannot be read, is broken, or uses what is not supported.
        PlanningError: the world is too large, or there is nothing to do in it.
    """

    learner = None
    training_tasks = ()

    def __init__(self, domain: Path | str, problem: Path | str, *, max_steps: int | None = MAX_STEPS) -> None:
        self.files, self.max_steps = (Path(domain), Path(problem)), max_steps
        self.world = ground_world(*self.files)
        self.name, self.folder = self.world.domain, self.files[0].parent
        self.task_id = f"{self.world.domain}.{self.world.problem}"
        self.action_names = tuple(str(action) for action in self.world.actions)
        self.idle_actions = tuple(range(len(self.action_names)))
        self.feature_spec = FeatureSpec(
            rows=1 + len(self.action_names), width=1, dense=0, actions=len(self.action_names)
        )

    @cached_property
    def strips(self) -> StripsWorld:
        """The world as planners see it.

        Raises:
            PlanningError: conditions or conditional effects multiply beyond the bounds.
        """
        return compile_world(self.world)

    @cached_property
    def model(self) -> PlanningDomain:
        return self.strips.domain

    @cached_property
    def translator(self) -> PddlTranslator:  # type: ignore[override]
        return PddlTranslator(self.world.mission)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return _VOCABULARY

    @cached_property
    def _planner(self) -> PlanCache:
        return PlanCache(self.planner_with(EmbeddedPlanner()), canonical=False)

    def planner(self) -> Planner:
        """The embedded planner; what it has found is shared by all who ask this domain."""
        return self._planner

    def planner_with(self, engine: Planner) -> GroundPlanner:
        """Any engine, whose plans are then in terms of this world's ground actions."""
        return GroundPlanner(engine, self.strips)

    def plan(self, planner: Planner | None = None, *, time_limit_s: float) -> PlanResult:
        """A plan from the initial state, or why there is none."""
        chosen = self.planner() if planner is None else planner
        return chosen.plan(self.strips.problem(self.world.init), time_limit_s=time_limit_s)

    def tasks(self) -> Sequence[Task]:
        return (Task(self.task_id, mission=self.world.mission),)

    def make_env(self, task_id: str, render: bool = False) -> PddlEnv:
        if task_id != self.task_id:
            raise UnknownNameError("task", task_id, [self.task_id])
        return PddlEnv(*self.files, max_steps=self.max_steps, render_mode="rgb_array" if render else None)

    def stack(self, observations: Sequence[Mapping[str, Any] | NDArray[np.int8]]) -> Observation:
        """The observed atoms of single environments as one batch, int8[N, F], and the mission N times."""
        return {"atoms": np.stack(observations), "mission": [self.world.mission] * len(observations)}  # type: ignore[arg-type]

    def belief(self, count: int) -> PddlBelief:
        return PddlBelief(self.strips, count)

    def scripted_controller(self) -> PrimitiveController:
        return PrimitiveController()

    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, Any]:
        raise DomainError(f"{self.name}: there is nothing to learn, a plan's steps are primitive actions")

    def training_worlds(self, levels: Any, count: int, seed: int) -> TrainingWorlds:
        raise DomainError(f"{self.name}: there is nothing to learn, a plan's steps are primitive actions")
