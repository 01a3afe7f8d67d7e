"""Whether a wrong atom matters: what an action would seem to be applicable for because of it."""

from __future__ import annotations

from neurosym.planning.applicable import Facts, bindings
from neurosym.symbols import Atom, Literal, PlanningDomain, State

__all__ = ["tempts"]


def tempts(wrong: Atom, state: State, model: PlanningDomain) -> bool:
    """Whether some action is applicable in `state` because `wrong` is taken to hold there."""
    facts, only = Facts(state), Facts(frozenset([wrong]))
    for schema in model.actions:
        for literal in schema.precondition:
            if literal.positive:
                rest = tuple(other for other in schema.precondition if other is not literal)
                for binding in bindings((literal,), only, {}):
                    ways = bindings(rest, facts, binding)
                    if any(all(_may_hold(one.bind(way), state) for one in rest) for way in ways):
                        return True
    return False


def _may_hold(literal: Literal, state: State) -> bool:
    """Variables that are still free can be chosen so that a negative literal holds."""
    return any(arg.startswith("?") for arg in literal.atom.args) or literal.holds(state)
