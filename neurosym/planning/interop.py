"""Symbols to and from unified-planning's objects. Everything of unified-planning is imported when it is first used."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from neurosym.errors import PddlError, PlanningError
from neurosym.planning.reader import TOTAL_COST
from neurosym.planning.sexpr import Source
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    Plan,
    PlanningDomain,
    Problem,
    Signature,
    TypedName,
)

__all__ = [
    "domain_through_unified_planning",
    "from_unified_planning",
    "plan_from_unified_planning",
    "problem_through_unified_planning",
    "to_unified_planning",
]


def domain_through_unified_planning(source: Source) -> PlanningDomain:
    """Read a domain with unified-planning's `PDDLReader`.

    Raises:
        PddlError: the reader refuses it, or it holds what symbols cannot say.
    """
    return _domain(_read(source, source.text, None), constants=None)


def problem_through_unified_planning(source: Source, domain: PlanningDomain, domain_text: str) -> Problem:
    """Read a problem with unified-planning's `PDDLReader`; `domain_text` is `domain` as PDDL.

    Raises:
        PddlError: the reader refuses it, or it holds what symbols cannot say.
    """
    return _problem(_read(source, domain_text, source.text), domain)


def from_unified_planning(up_problem: Any) -> Problem:
    """A unified-planning `Problem` as symbols; objects that its actions name become constants.

    Raises:
        PlanningError: it holds what symbols cannot say.
    """
    domain = _domain(up_problem, constants=())
    named = {arg for action in domain.actions for atom in _mentioned(action) for arg in atom.args}
    constants = tuple(item for item in _objects(up_problem.all_objects) if item.name in named)
    return _problem(up_problem, replace(domain, constants=constants))


def _mentioned(action: ActionSchema) -> Iterable[Atom]:
    yield from (literal.atom for literal in action.precondition)
    yield from action.add + action.delete
    if isinstance(action.cost, Atom):
        yield action.cost


def _read(source: Source, domain_text: str, problem_text: str | None) -> Any:
    from unified_planning.io import PDDLReader

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return PDDLReader().parse_problem_string(domain_text, problem_text)
    except Exception as error:  # the reader raises a dozen unrelated classes, AssertionError among them
        message = " ".join(str(error).split()) or type(error).__name__
        raise PddlError(f"unified-planning cannot read this: {message}", path=source.path) from error


def _domain(up: Any, constants: tuple[TypedName, ...] | None) -> PlanningDomain:
    """The domain half; `constants` None takes every object for a constant."""
    listed = _objects(up.all_objects) if constants is None else constants
    fluents = [fluent for fluent in up.fluents if fluent.name != TOTAL_COST]
    predicates = [_signature(fluent) for fluent in fluents if fluent.type.is_bool_type()]
    functions = [_signature(fluent) for fluent in fluents if not fluent.type.is_bool_type()]
    costs = _costs(up)
    return PlanningDomain(
        up.name or "domain",
        tuple(TypedName(entry.name, entry.father.name if entry.father else "object") for entry in _types(up)),
        listed,
        tuple(predicates),
        tuple(functions),
        tuple(_action(action, costs[action.name]) for action in up.actions),
    )


def _types(up: Any) -> Iterable[Any]:
    return (entry for entry in up.user_types if entry.name != "object")


def _objects(items: Iterable[Any]) -> tuple[TypedName, ...]:
    return tuple(TypedName(item.name, item.type.name) for item in items)


def _signature(fluent: Any) -> Signature:
    return Signature(fluent.name, _parameters(fluent.signature))


def _parameters(parameters: Iterable[Any]) -> tuple[TypedName, ...]:
    for parameter in parameters:
        if not parameter.type.is_user_type():
            raise PlanningError(f"the parameter {parameter.name} of type {parameter.type} is not supported")
    return tuple(TypedName(f"?{parameter.name}", parameter.type.name) for parameter in parameters)


def _costs(up: Any) -> dict[str, float | Atom]:
    """What each action costs: from the metric where there is one, else from its effect on the total cost."""
    increases = {action.name: _increase(action) for action in up.actions}
    default = 0.0 if any(cost is not None for cost in increases.values()) else 1.0
    costs = {name: default if cost is None else cost for name, cost in increases.items()}
    for metric in up.quality_metrics:
        if metric.is_minimize_action_costs():
            costs = {action.name: _cost(metric.get_action_cost(action)) for action in up.actions}
        elif not metric.is_minimize_sequential_plan_length():
            raise PlanningError(f"the metric {metric} is not supported: expected action costs or plan length")
    return costs


def _increase(action: Any) -> float | Atom | None:
    amounts = [
        _cost(effect.value)
        for effect in getattr(action, "effects", ())
        if effect.is_increase() and effect.fluent.fluent().name == TOTAL_COST
    ]
    return amounts[0] if amounts else None


def _cost(expression: Any) -> float | Atom:
    if expression is None:
        return 0.0
    if expression.is_constant():
        return float(expression.constant_value())
    if expression.is_fluent_exp():
        return _atom(expression)
    raise PlanningError(f"the cost {expression} is not supported: expected a number or one function term")


def _action(action: Any, cost: float | Atom) -> ActionSchema:
    if not hasattr(action, "preconditions") or getattr(action, "simulated_effect", None) is not None:
        raise PlanningError(
            f"the action {action.name} is not supported: it is not a plain instantaneous action"
        )
    literals = [literal for part in action.preconditions for literal in _conjunction(part)]
    effects = [
        _effect(effect, action.name)
        for effect in action.effects
        if not (effect.is_increase() and effect.fluent.fluent().name == TOTAL_COST)
    ]
    return ActionSchema(
        action.name,
        _parameters(action.parameters),
        tuple(dict.fromkeys(literals)),
        tuple(dict.fromkeys(effect.atom for effect in effects if effect.positive)),
        tuple(dict.fromkeys(effect.atom for effect in effects if not effect.positive)),
        cost,
    )


def _effect(effect: Any, action: str) -> Literal:
    plain = effect.is_assignment() and not effect.is_conditional() and not effect.is_forall()
    if not plain or not effect.value.is_bool_constant():
        raise PlanningError(
            f"the effect {effect} of {action} is not supported: expected an atom made true or false"
        )
    return Literal(_atom(effect.fluent), effect.value.is_true())


def _conjunction(expression: Any) -> list[Literal]:
    if expression.is_true():
        return []
    if expression.is_and():
        return [literal for part in expression.args for literal in _conjunction(part)]
    return [_literal(expression)]


def _literal(expression: Any) -> Literal:
    if expression.is_not():
        inner = _literal(expression.arg(0))
        return Literal(inner.atom, not inner.positive)
    if expression.is_equals():
        return Literal(Atom("=", tuple(_term(part) for part in expression.args)))
    if expression.is_fluent_exp():
        return Literal(_atom(expression))
    raise PlanningError(
        f"the condition {expression} is not supported: expected atoms, equalities and their negations"
    )


def _atom(expression: Any) -> Atom:
    return Atom(expression.fluent().name, tuple(_term(part) for part in expression.args))


def _term(expression: Any) -> str:
    if expression.is_parameter_exp():
        return f"?{expression.parameter().name}"
    if expression.is_object_exp():
        return expression.object().name
    raise PlanningError(f"the term {expression} is not supported: expected a parameter or an object")


def _problem(up: Any, domain: PlanningDomain) -> Problem:
    constants = {constant.name for constant in domain.constants}
    init, costs = [], []
    for expression, value in _initial_values(up).items():
        if expression.fluent().name == TOTAL_COST:
            continue
        if not expression.fluent().type.is_bool_type():
            costs.append((_atom(expression), float(value.constant_value())))
        elif value.is_true():
            init.append(_atom(expression))
    objects = tuple(item for item in _objects(up.all_objects) if item.name not in constants)
    return Problem(domain, objects, frozenset(init), _goal(up.goals), tuple(costs), up.name or "problem")


def _initial_values(up: Any) -> Mapping[Any, Any]:
    """Values as given, and every value only where a default is true: listing all of them is slow."""
    if any(value is not None and value.is_true() for value in up.fluents_defaults.values()):
        return up.initial_values
    return up.explicit_initial_values


def _goal(goals: Iterable[Any]) -> Condition:
    alternatives: list[frozenset[Literal]] = [frozenset()]
    for goal in goals:
        parts = goal.args if goal.is_or() else (goal,)
        conjunctions = [] if goal.is_false() else [frozenset(_conjunction(part)) for part in parts]
        alternatives = [left | right for left in alternatives for right in conjunctions]
    return Condition(tuple(alternatives))


def to_unified_planning(problem: Problem) -> Any:
    """`problem` as a unified-planning `Problem` in the global environment."""
    return _Writer(problem).write()


class _Writer:
    def __init__(self, problem: Problem) -> None:
        from unified_planning import model
        from unified_planning.environment import get_environment

        self.problem, self.model, self.env = problem, model, get_environment()
        self.up = model.Problem(problem.name, environment=self.env)
        self.types: dict[str, Any] = {}
        self.signatures = {
            entry.name: entry for entry in problem.domain.predicates + problem.domain.functions
        }
        self.em = self.env.expression_manager

    def write(self) -> Any:
        domain = self.problem.domain
        for signature in domain.predicates:
            self.up.add_fluent(
                self.fluent(signature, self.env.type_manager.BoolType()), default_initial_value=False
            )
        whole = all(float(value).is_integer() for _, value in self.problem.costs)
        number = self.env.type_manager.IntType() if whole else self.env.type_manager.RealType()
        for signature in domain.functions:
            self.up.add_fluent(self.fluent(signature, number), default_initial_value=0)
        for item in (*domain.constants, *self.problem.objects):
            self.up.add_object(self.model.Object(item.name, self.type(item.type), self.env))
        costs = dict(map(self.action, domain.actions))
        self.up.add_actions(list(costs))
        for atom in sorted(self.problem.init):
            self.up.set_initial_value(self.atom(atom, {}), True)
        for term, value in self.problem.costs:
            self.up.set_initial_value(self.atom(term, {}), _number(value))
        parts = [
            self.em.And([self.literal(item, {}) for item in sorted(part)]) for part in self._alternatives()
        ]
        self.up.add_goal(self.em.Or(parts))
        if any(action.cost != 1.0 for action in domain.actions):
            self.up.add_quality_metric(self.model.metrics.MinimizeActionCosts(costs, environment=self.env))
        else:
            self.up.add_quality_metric(self.model.metrics.MinimizeSequentialPlanLength(self.env))
        return self.up

    def _alternatives(self) -> tuple[frozenset[Literal], ...]:
        return self.problem.goal.alternatives

    def type(self, name: str) -> Any:
        if name not in self.types:
            parent = self.problem.domain.ancestors(name)[1:2]
            father = self.type(parent[0]) if parent else None
            self.types[name] = self.env.type_manager.UserType(name, father)
        return self.types[name]

    def fluent(self, signature: Signature, kind: Any) -> Any:
        return self.model.Fluent(signature.name, kind, self.parameters(signature.parameters), self.env)

    def parameters(self, entries: Iterable[TypedName]) -> OrderedDict[str, Any]:
        return OrderedDict((entry.name.removeprefix("?"), self.type(entry.type)) for entry in entries)

    def action(self, schema: ActionSchema) -> tuple[Any, Any]:
        action = self.model.InstantaneousAction(schema.name, self.parameters(schema.parameters), self.env)
        scope = {f"?{parameter.name}": parameter for parameter in action.parameters}
        for literal in schema.precondition:
            action.add_precondition(self.literal(literal, scope))
        for atom in schema.add:
            action.add_effect(self.atom(atom, scope), True)
        for atom in schema.delete:
            if atom not in schema.add:
                action.add_effect(self.atom(atom, scope), False)
        cost = schema.cost
        amount = self.atom(cost, scope) if isinstance(cost, Atom) else self.em.auto_promote(_number(cost))[0]
        return action, amount

    def literal(self, literal: Literal, scope: Mapping[str, Any]) -> Any:
        if literal.atom.predicate == "=":
            expression = self.em.Equals(*(self.term(arg, scope) for arg in literal.atom.args))
        else:
            expression = self.atom(literal.atom, scope)
        return expression if literal.positive else self.em.Not(expression)

    def atom(self, atom: Atom, scope: Mapping[str, Any]) -> Any:
        return self.up.fluent(atom.predicate)(*(self.term(arg, scope) for arg in atom.args))

    def term(self, name: str, scope: Mapping[str, Any]) -> Any:
        return self.em.ParameterExp(scope[name]) if name in scope else self.em.ObjectExp(self.up.object(name))


def _number(value: float) -> int | Fraction:
    return int(value) if float(value).is_integer() else Fraction(str(value))


def plan_from_unified_planning(up_plan: Any, problem: Problem) -> Plan:
    """A unified-planning plan as symbols; partial-order plans are put in one of their orders."""
    from unified_planning.plans import PlanKind

    sequential = (
        up_plan.convert_to(PlanKind.SEQUENTIAL_PLAN, problem) if not hasattr(up_plan, "actions") else up_plan
    )
    costs = dict(problem.costs)
    return Plan(
        tuple(
            problem.domain.action(step.action.name).bind(
                tuple(parameter.object().name for parameter in step.actual_parameters), costs
            )
            for step in sequential.actions
        )
    )
