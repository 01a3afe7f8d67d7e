"""`neurosym plan`: what one look at a level leads to, from the words to the plan and back to words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from neurosym.cli.command import DONE, FAILED, Command, UsageError
from neurosym.cli.voice import Voice

if TYPE_CHECKING:
    from neurosym.domain import Domain, Task
    from neurosym.planning import Planner
    from neurosym.symbols import Goal, Plan, PlanResult, Problem

__all__ = ["PlanTask"]

TIME_LIMIT_S = 30.0


@dataclass(kw_only=True)
class PlanTask(Command):
    """Show how a mission becomes a goal, a plan and instructions. Nothing learned is needed."""

    task: Annotated[str | None, tyro.conf.Positional, tyro.conf.arg(metavar="TASK")] = None
    """The task to look at."""
    pddl: Annotated[tuple[Path, Path] | None, tyro.conf.arg(metavar="DOMAIN PROBLEM")] = None
    """Two PDDL files to plan for, instead of a task."""
    seed: int = 1_000_000
    """The level's seed."""
    goal: str | None = None
    """Words to plan for instead of the task's own mission."""
    engine: str = "neurosym"
    """The planning engine; `neurosym doctor` lists them."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.patience import asking_for_patience

        domain, task, engine = self._choose()
        with asking_for_patience(voice):
            look = _Look.at(domain, task.id, self.seed, self.goal)
            result = engine.plan(look.problem, time_limit_s=TIME_LIMIT_S)
        instructions = _instruct(domain, look.problem, result.plan)
        if voice.json:
            voice.answer({**look.record(), **_record(result, instructions)})
        else:
            _show(voice, look, result, instructions)
        return DONE if result.plan is not None else FAILED

    def _choose(self) -> tuple[Domain, Task, Planner]:
        from neurosym.cli.names import choose_one
        from neurosym.planning import planner

        if (self.task is None) == (self.pddl is None):
            raise UsageError("name one task, or two files with --pddl; `neurosym tasks` lists the tasks")
        if self.pddl is None:
            return *choose_one(str(self.task)), planner(self.engine)
        from neurosym.pddlworld import PddlDomain

        world = PddlDomain(*self.pddl)
        return world, world.tasks()[0], world.planner_with(planner(self.engine))


@dataclass(frozen=True)
class _Look:
    """What the first observation of a level gives to plan with."""

    task: str
    seed: int
    mission: str
    goal: Goal
    stage: int
    problem: Problem

    @classmethod
    def at(cls, domain: Domain, task: str, seed: int, words: str | None) -> _Look:
        """Raises MissionError if the words are not understood."""
        import numpy as np

        env = domain.make_env(task)
        try:
            observation, _ = env.reset(seed=seed)
        finally:
            env.close()
        seen = domain.stack([observation])
        mission = words if words is not None else str(seen["mission"][0])
        goal = domain.goal(mission)
        belief = domain.belief(1)
        belief.begin(np.ones(1, dtype=np.bool_), {**seen, "mission": [mission]})
        for stage in range(len(goal.stages)):
            problem = belief.problem(0, goal.stages[stage], {})
            if not problem.goal.holds(problem.init):
                break
        return cls(task, seed, mission, goal, stage, problem)

    def record(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "seed": self.seed,
            "mission": self.mission,
            "goal": str(self.goal),
            "stages": len(self.goal.stages),
            "stage": self.stage + 1,
            "objects": [f"{entry.name} - {entry.type}" for entry in self.problem.objects],
            "init": sorted(str(atom) for atom in self.problem.init),
        }


def _instruct(domain: Domain, problem: Problem, plan: Plan | None) -> list[str]:
    """The plan in words; each step is said in the state that the steps before it lead to."""
    state, said = problem.init, []
    for step in plan.steps if plan else ():
        said.append(domain.translator.instruct(step, state).text)
        state = step.apply(state)
    return said


def _record(result: PlanResult, instructions: list[str]) -> dict[str, Any]:
    from neurosym.planning import format_plan

    return {
        "engine": result.engine,
        "status": result.status.value,
        "reason": result.reason,
        "seconds": result.seconds,
        "cost": result.plan.cost if result.plan else None,
        "plan": format_plan(result.plan) if result.plan else None,
        "instructions": instructions,
    }


def _show(voice: Voice, look: _Look, result: PlanResult, instructions: list[str]) -> None:
    voice.show(f"mission   {look.mission}", f"goal      {look.goal}")
    if len(look.goal.stages) > 1:
        voice.show(
            f"stage     {look.stage + 1} of {len(look.goal.stages)}; the rest is planned when it is reached"
        )
    objects = len(look.problem.domain.constants) + len(look.problem.objects)
    voice.show(f"believed  {len(look.problem.init)} atoms about {objects} objects")
    found = result.plan is not None
    cause = "" if found else f": {result.reason}"
    voice.show(f"{result.engine:<9} {result.status.value} in {1000 * result.seconds:.1f} ms{cause}")
    if result.plan is None:
        return
    width = max((len(str(step)) for step in result.plan.steps), default=0)
    voice.show("")
    for step, text in zip(result.plan.steps, instructions, strict=True):
        voice.show(f"{step!s:<{width}}  ; {text}")
    voice.show(f"; cost = {result.plan.cost:g}")
