"""Whether a wrong atom matters: what an action would seem to be applicable for because of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from neurosym.symbols import Atom, Literal, PlanningDomain, State

__all__ = ["tempts"]


def tempts(wrong: Atom, state: State, model: PlanningDomain) -> bool:
    """Whether some action is applicable in `state` because `wrong` is taken to hold there."""
    for schema in model.actions:
        for literal in schema.precondition:
            binding = _match(literal.atom, wrong, {}) if literal.positive else None
            rest = [other for other in schema.precondition if other is not literal]
            if binding is not None and any(_solve(rest, state, binding)):
                return True
    return False


def _solve(literals: list[Literal], state: State, binding: Mapping[str, str]) -> Iterator[bool]:
    """Yields True for each way to make the literals hold, the positive ones first."""
    following = next((literal for literal in literals if _is_open(literal)), None)
    if following is None:
        yield from [True] * all(_may_hold(literal.bind(binding), state) for literal in literals)
        return
    rest = [literal for literal in literals if literal is not following]
    for atom in state:
        bound = _match(following.atom, atom, binding)
        if bound is not None:
            yield from _solve(rest, state, bound)


def _is_open(literal: Literal) -> bool:
    return literal.positive and literal.atom.predicate != "="


def _may_hold(literal: Literal, state: State) -> bool:
    """Variables that are still free can be chosen so that a negative literal holds."""
    return any(arg.startswith("?") for arg in literal.atom.args) or literal.holds(state)


def _match(pattern: Atom, atom: Atom, binding: Mapping[str, str]) -> dict[str, str] | None:
    """The binding with which `pattern` is `atom`; None if there is none."""
    if pattern.predicate != atom.predicate or len(pattern.args) != len(atom.args):
        return None
    bound = dict(binding)
    for variable, name in zip(pattern.args, atom.args, strict=True):
        if (bound.setdefault(variable, name) if variable.startswith("?") else variable) != name:
            return None
    return bound
