"""What one look at a level leads to, from the words to the plan and back to words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from neurosym.language import Translator, Usage
from neurosym.planning import Planner, format_plan
from neurosym.symbols import Goal, Operator, Plan, PlanResult, Problem, State

if TYPE_CHECKING:
    from neurosym.domain import Domain

__all__ = ["Look", "Sample", "Step", "plan_for"]

TIME_LIMIT_S = 30.0


@dataclass(frozen=True)
class Look:
    """What the first observation of a level gives to plan with.

    Attributes:
        stage: the first stage of the goal that is not accomplished yet, from 0; `problem` is about it.
    """

    task: str
    seed: int
    mission: str
    goal: Goal
    stage: int
    problem: Problem

    @classmethod
    def at(
        cls,
        domain: Domain,
        task: str,
        seed: int,
        words: str | None = None,
        translator: Translator | None = None,
    ) -> Look:
        """Start the level and look.

        Args:
            words: to plan for instead of the task's own mission.
            translator: the domain's rules if None.

        Raises:
            MissionError: the words are not understood.
        """
        import numpy as np

        env = domain.make_env(task)
        try:
            observation, _ = env.reset(seed=seed)
        finally:
            env.close()
        seen = domain.stack([observation])
        mission = words if words is not None else str(seen["mission"][0])
        goal = (translator or domain.translator).goal(mission, domain.vocabulary)
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


@dataclass(frozen=True)
class Step:
    """A step of a plan, said in the state that the steps before it lead to, and what it changes there."""

    operator: Operator
    instruction: str
    added: State
    deleted: State

    def record(self) -> dict[str, Any]:
        return {
            "operator": str(self.operator),
            "instruction": self.instruction,
            "cost": self.operator.cost,
            "added": sorted(map(str, self.added)),
            "deleted": sorted(map(str, self.deleted)),
        }


@dataclass(frozen=True)
class Sample:
    """A look and the plan that it leads to; no steps where there is no plan.

    Attributes:
        usage: what the translator has cost.
    """

    look: Look
    result: PlanResult
    steps: tuple[Step, ...]
    usage: Usage = field(default_factory=Usage, hash=False)

    @property
    def told(self) -> list[tuple[str, str]]:
        """How it came about, in pairs of a word and what there is to say."""
        goal, problem, result = self.look.goal, self.look.problem, self.result
        pairs = [("mission", self.look.mission), ("goal", str(goal))]
        if len(goal.stages) > 1:
            stage = f"{self.look.stage + 1} of {len(goal.stages)}; the rest is planned when it is reached"
            pairs.append(("stage", stage))
        objects = len(problem.domain.constants) + len(problem.objects)
        pairs.append(("believed", f"{len(problem.init)} atoms about {objects} objects"))
        if used := str(self.usage):
            pairs.append(("asked", used))
        cause = "" if result.plan is not None else f": {result.reason}"
        pairs.append((result.engine, f"{result.status.value} in {1000 * result.seconds:.1f} ms{cause}"))
        return pairs

    def record(self) -> dict[str, Any]:
        result = self.result
        return {
            **self.look.record(),
            "engine": result.engine,
            "status": result.status.value,
            "reason": result.reason,
            "seconds": result.seconds,
            "cost": result.plan.cost if result.plan else None,
            "plan": format_plan(result.plan) if result.plan else None,
            "instructions": [step.instruction for step in self.steps],
            "translator": asdict(self.usage),
        }


def plan_for(domain: Domain, look: Look, engine: Planner, translator: Translator | None = None) -> Sample:
    """Plan from what was seen. That there is no plan is no error.

    Args:
        translator: the domain's rules if None.
    """
    translator = translator or domain.translator
    result = engine.plan(look.problem, time_limit_s=TIME_LIMIT_S)
    steps = _follow(translator, look.problem.init, result.plan or Plan())
    return Sample(look, result, steps, Usage() + translator.usage)


def _follow(translator: Translator, state: State, plan: Plan) -> tuple[Step, ...]:
    steps = []
    for operator in plan.steps:
        after = operator.apply(state)
        said = translator.instruct(operator, state).text
        steps.append(Step(operator, said, after - state, state - after))
        state = after
    return tuple(steps)
