"""The embedded planner as an engine of unified-planning; imported by unified-planning's factory."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import IO, Any

from unified_planning.engines.credits import Credits
from unified_planning.engines.engine import Engine
from unified_planning.engines.mixins.oneshot_planner import OneshotPlannerMixin, OptimalityGuarantee
from unified_planning.engines.results import PlanGenerationResult, PlanGenerationResultStatus
from unified_planning.model import ProblemKind
from unified_planning.plans import ActionInstance, SequentialPlan

from neurosym.errors import PlanningError
from neurosym.planning.interop import from_unified_planning
from neurosym.planning.search import EmbeddedPlanner
from neurosym.symbols import Plan, PlanResult, PlanStatus

__all__ = ["NeurosymEngine"]

_CREDITS = Credits(
    "neurosym",
    "the neurosym-rl contributors",
    "",
    "",
    "Apache-2.0",
    "An embedded planner for typed STRIPS with negative preconditions, equality and action costs.",
    "An embedded planner for typed STRIPS with negative preconditions, equality and action costs.",
)

_FEATURES = {
    "problem_class": ("ACTION_BASED",),
    "typing": ("FLAT_TYPING", "HIERARCHICAL_TYPING"),
    "conditions_kind": ("NEGATIVE_CONDITIONS", "DISJUNCTIVE_CONDITIONS", "EQUALITIES"),
    "quality_metrics": ("ACTIONS_COST", "PLAN_LENGTH"),
    "actions_cost_kind": (
        "STATIC_FLUENTS_IN_ACTIONS_COST",
        "INT_NUMBERS_IN_ACTIONS_COST",
        "REAL_NUMBERS_IN_ACTIONS_COST",
    ),
}

_STATUSES = {
    PlanStatus.UNSOLVABLE: PlanGenerationResultStatus.UNSOLVABLE_PROVEN,
    PlanStatus.GAVE_UP: PlanGenerationResultStatus.MEMOUT,
    PlanStatus.TIMED_OUT: PlanGenerationResultStatus.TIMEOUT,
}


class NeurosymEngine(Engine, OneshotPlannerMixin):
    """`EmbeddedPlanner` with unified-planning's manners; takes the same options.

    Disjunctions are supported in goals only: an action with one makes the answer UNSUPPORTED_PROBLEM.
    """

    def __init__(self, **options: Any) -> None:
        Engine.__init__(self)
        OneshotPlannerMixin.__init__(self)
        self._planner = EmbeddedPlanner(**options)

    @property
    def name(self) -> str:
        return "neurosym"

    @staticmethod
    def supported_kind() -> ProblemKind:
        kind = ProblemKind(version=2)
        for group, features in _FEATURES.items():
            for feature in features:
                getattr(kind, f"set_{group}")(feature)
        return kind

    @staticmethod
    def supports(problem_kind: ProblemKind) -> bool:
        return problem_kind <= NeurosymEngine.supported_kind()

    @staticmethod
    def satisfies(optimality_guarantee: OptimalityGuarantee) -> bool:
        return optimality_guarantee == OptimalityGuarantee.SATISFICING

    @staticmethod
    def get_credits(**kwargs: Any) -> Credits:
        return _CREDITS

    def _solve(
        self,
        problem: Any,
        heuristic: Callable[[Any], float | None] | None = None,
        timeout: float | None = None,
        output_stream: IO[str] | None = None,
    ) -> PlanGenerationResult:
        if heuristic is not None:
            warnings.warn("neurosym does not take heuristics from outside", stacklevel=2)
        try:
            symbols = from_unified_planning(problem)
            limit = float("inf") if timeout is None else timeout
            result = self._planner.plan(symbols, time_limit_s=limit)
        except PlanningError as error:
            warnings.warn(str(error), stacklevel=2)
            return PlanGenerationResult(PlanGenerationResultStatus.UNSUPPORTED_PROBLEM, None, self.name)
        if output_stream is not None:
            output_stream.write(f"{result.status.value} {result.reason}\n")
        return self._answer(result, problem)

    def _answer(self, result: PlanResult, problem: Any) -> PlanGenerationResult:
        metrics = {"engine_internal_time": str(result.seconds), "expanded": str(result.expanded)}
        if result.plan is None:
            return PlanGenerationResult(_STATUSES[result.status], None, self.name, metrics)
        optimal = self._planner.search == "astar" and bool(problem.quality_metrics)
        status = (
            PlanGenerationResultStatus.SOLVED_OPTIMALLY
            if optimal
            else PlanGenerationResultStatus.SOLVED_SATISFICING
        )
        return PlanGenerationResult(status, _write_plan(result.plan, problem), self.name, metrics)


def _write_plan(plan: Plan, problem: Any) -> SequentialPlan:
    manager = problem.environment.expression_manager
    steps = [
        ActionInstance(
            problem.action(step.name), tuple(manager.ObjectExp(problem.object(arg)) for arg in step.args)
        )
        for step in plan.steps
    ]
    return SequentialPlan(steps, problem.environment)
