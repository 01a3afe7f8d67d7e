"""A ground world as STRIPS, for planners and for the executive.

A ground action becomes one operator for each way in which it can go: a conjunction that its precondition allows and
that settles which of its conditional effects happen (Gazen and Knoblock 1997, "Combining the expressivity of UCPOP with
the efficiency of Graphplan"). Plans keep their length and cost; conditional effects that do not exclude one another
multiply, so there is a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neurosym.errors import PlanningError
from neurosym.pddlworld.formula import TooManyError, alternatives, negate
from neurosym.pddlworld.grounding import GroundAction, GroundEffect, GroundWorld
from neurosym.planning import Planner
from neurosym.symbols import (
    ActionSchema,
    Condition,
    Literal,
    Operator,
    Plan,
    PlanningDomain,
    PlanResult,
    PlanStatus,
    Problem,
    State,
)

__all__ = ["MOST_ALTERNATIVES", "MOST_OPERATORS", "GroundPlanner", "StripsWorld", "compile_world"]

MOST_ALTERNATIVES = 4096
MOST_OPERATORS = 50_000
SETBACK = 10.0  # what each setback makes an action dearer by


@dataclass(frozen=True)
class StripsWorld:
    """Operators and a goal in disjunctive normal form.

    Attributes:
        operators: each carries its ground action's name and arguments; several may share them.
        actions: int64[operators], the number of each one's ground action.
    """

    world: GroundWorld
    operators: tuple[Operator, ...]
    actions: NDArray[np.int64]
    goal: Condition

    @cached_property
    def numbers(self) -> dict[Operator, int]:
        """Each operator's place in `operators`."""
        return {operator: number for number, operator in enumerate(self.operators)}

    @cached_property
    def domain(self) -> PlanningDomain:
        """The operators as schemas without parameters, each with a name of its own that ends in its number."""
        schemas = tuple(_schema(operator, number) for number, operator in enumerate(self.operators))
        return replace(self.world.declared, functions=(), actions=schemas)

    def operator(self, schema_name: str) -> Operator:
        """The operator that a schema of `domain` stands for."""
        return self.operators[int(schema_name.rpartition("_")[2])]

    def problem(self, state: State, setbacks: Mapping[str, int] | None = None) -> Problem:
        """Reaching the goal from `state`.

        Args:
            setbacks: how often an operator failed whose first argument (its name, if it has none) this is.
        """
        domain = self._dearer(setbacks) if setbacks else self.domain
        return Problem(domain, (), state, self.goal, (), self.world.problem)

    def _dearer(self, setbacks: Mapping[str, int]) -> PlanningDomain:
        pairs = zip(self.domain.actions, self.operators, strict=True)
        return replace(
            self.domain,
            actions=tuple(
                replace(schema, cost=operator.cost + SETBACK * setbacks.get(_blamed(operator), 0))
                for schema, operator in pairs
            ),
        )


def _blamed(operator: Operator) -> str:
    return operator.args[0] if operator.args else operator.name


def _schema(operator: Operator, number: int) -> ActionSchema:
    return ActionSchema(
        "_".join((operator.name, *operator.args, str(number))),
        (),
        tuple(sorted(operator.precondition)),
        tuple(sorted(operator.add)),
        tuple(sorted(operator.delete)),
        operator.cost,
    )


class GroundPlanner:
    """A planner for the problems of one STRIPS world, whose plans name the ground actions of the world."""

    def __init__(self, planner: Planner, strips: StripsWorld) -> None:
        self.planner, self.strips = planner, strips

    @property
    def name(self) -> str:
        """The name of the planner that is asked."""
        return str(getattr(self.planner, "name", type(self.planner).__name__))

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult:
        """The planner's answer."""
        if not problem.goal.alternatives:
            reason = f"proven without search: {self.strips.world.hopeless or 'the goal'} can never hold"
            return PlanResult(PlanStatus.UNSOLVABLE, engine=self.name, reason=reason)
        result = self.planner.plan(problem, time_limit_s=time_limit_s)
        if result.plan is None:
            return result
        return replace(
            result, plan=Plan(tuple(self.strips.operator(step.name) for step in result.plan.steps))
        )


def compile_world(world: GroundWorld) -> StripsWorld:
    """The world as STRIPS.

    Raises:
        PlanningError: conditions or conditional effects multiply beyond the bounds.
    """
    operators: list[Operator] = []
    actions: list[int] = []
    for number, action in enumerate(world.actions):
        found = _bounded(world, str(action), lambda action=action: _operators(action))
        operators += found
        actions += [number] * len(found)
        if len(operators) > MOST_OPERATORS:
            raise PlanningError(
                f"{world.problem}: more than {MOST_OPERATORS} STRIPS operators, at {action}: its conditions or "
                "conditional effects multiply"
            )
    goal = _bounded(world, "the goal", lambda: alternatives(world.goal, MOST_ALTERNATIVES))
    return StripsWorld(world, tuple(operators), np.array(actions, dtype=np.int64), Condition(tuple(goal)))


def _bounded(world: GroundWorld, what: str, make: Callable[[], list]) -> list:
    try:
        return make()
    except TooManyError:
        raise PlanningError(
            f"{world.problem}: {what} can go more than {MOST_ALTERNATIVES} ways: its conditions or conditional "
            "effects multiply"
        ) from None


def _operators(action: GroundAction) -> list[Operator]:
    """One for each way in which the action can go; none for a way in which nothing changes."""
    ways = [_Way(entry) for entry in alternatives(action.precondition, MOST_ALTERNATIVES)]
    for effect in action.effects:
        happening = alternatives(effect.condition, MOST_ALTERNATIVES)
        otherwise = alternatives(negate(effect.condition), MOST_ALTERNATIVES)
        ways = [
            *(way.given(more, effect) for more in happening for way in ways if way.allows(more)),
            *(way.given(more) for more in otherwise for way in ways if way.allows(more)),
        ]
        if len(ways) > MOST_ALTERNATIVES:
            raise TooManyError
    operators = (
        Operator(action.name, action.args, way.literals, way.add, way.delete - way.add, action.cost)
        for way in ways
        if way.add or way.delete
    )
    return list(dict.fromkeys(operators))


@dataclass(frozen=True, slots=True)
class _Way:
    """What holds before an action, and what of its effects follows from that."""

    literals: frozenset[Literal]
    add: State = frozenset()
    delete: State = frozenset()

    def allows(self, more: frozenset[Literal]) -> bool:
        return not any(negate(literal) in self.literals for literal in more)

    def given(self, more: frozenset[Literal], effect: GroundEffect | None = None) -> _Way:
        literals = self.literals | more
        if effect is None:
            return _Way(literals, self.add, self.delete)
        return _Way(literals, self.add | effect.add, self.delete | effect.delete)
