"""What the steps of plans cost: as much as the controller expects them to take, learned while it learns them.

An operator's cost is the logarithm of the discounted chance that its option succeeds, counted in steps, so that the
cheapest plan is the one most likely to succeed soon: the shortest path through the options' own models (Sutton, Precup
& Singh 1999, section 3, "SMDP planning"), failures being part of the price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from neurosym.symbols import (
    ActionSchema,
    Atom,
    Literal,
    Operator,
    PlanningDomain,
    Signature,
    State,
    TypedName,
)

__all__ = ["EFFORT", "Grounding", "ground_steps", "with_efforts"]

EFFORT = "effort-of-"  # before an operator's name, the function that says what it costs


def with_efforts(model: PlanningDomain) -> PlanningDomain:
    """The same domain, in which each operator of constant cost costs what a function of its arguments says."""
    functions, actions = list(model.functions), []
    for action in model.actions:
        if isinstance(action.cost, Atom):
            actions.append(action)
            continue
        name = EFFORT + action.name
        functions.append(Signature(name, action.parameters))
        cost = Atom(name, tuple(parameter.name for parameter in action.parameters))
        actions.append(replace(action, cost=cost))
    return replace(model, functions=tuple(functions), actions=tuple(actions))


@dataclass(frozen=True, slots=True)
class Grounding:
    """A ground operator and the term of the problem that says what it costs.

    Attributes:
        base: what the author's domain says it costs.
        label: the operator as text.
    """

    step: Operator
    term: Atom
    base: float
    label: str


def ground_steps(model: PlanningDomain, objects: Sequence[TypedName], state: State) -> list[Grounding]:
    """The operators of constant cost over these objects whose static preconditions hold in `state`."""
    by_type: dict[str, list[str]] = {}
    for entry in (*model.constants, *objects):
        for name in model.ancestors(entry.type):
            by_type.setdefault(name, []).append(entry.name)
    return [
        Grounding(step, Atom(EFFORT + action.name, step.args), step.cost, str(step))
        for action in model.actions
        if not isinstance(action.cost, Atom)
        for step in _ground(action, by_type, model.effects, state)
    ]


def _ground(
    action: ActionSchema, by_type: Mapping[str, list[str]], changing: frozenset[str], state: State
) -> Iterator[Operator]:
    static = [literal for literal in action.precondition if literal.atom.predicate not in changing]
    bindings: list[dict[str, str]] = [{}]
    for place, parameter in enumerate(action.parameters):
        known = {entry.name for entry in action.parameters[: place + 1]}
        tests = [literal for literal in static if _is_ready(literal, known, parameter.name)]
        names = by_type.get(parameter.type, [])
        bindings = [
            {**binding, parameter.name: name}
            for binding, name in product(bindings, names)
            if all(test.bind({**binding, parameter.name: name}).holds(state) for test in tests)
        ]
    for binding in bindings:
        yield action.bind(tuple(binding[parameter.name] for parameter in action.parameters))


def _is_ready(literal: Literal, known: set[str], latest: str) -> bool:
    """Whether a literal can be looked at as soon as `latest` is bound, and not before."""
    variables = {arg for arg in literal.atom.args if arg.startswith("?")}
    return latest in variables and variables <= known
