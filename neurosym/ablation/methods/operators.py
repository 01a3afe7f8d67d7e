"""The operators that can be begun in a situation: what there is to choose from without a plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, Situation
from neurosym.deliberation import Stage
from neurosym.planning.memo import RecentlyUsed
from neurosym.symbols import ActionSchema, Operator, Problem

__all__ = ["Choices", "applicable"]

KEPT_CHOICES = 1 << 16


class Choices:
    """The operators that can be begun and whose subgoals the belief can state, kept by situation."""

    def __init__(self, belief: Belief) -> None:
        self.belief = belief
        self._known: RecentlyUsed[tuple[object, Stage], list[tuple[Operator, NDArray[np.int32]]]]
        self._known = RecentlyUsed(KEPT_CHOICES)

    def find(self, n: int, situation: Situation, stage: Stage) -> list[tuple[Operator, NDArray[np.int32]]]:
        """Each with its aim, in an order that depends on the situation's facts alone."""
        key = situation.facts, stage
        known = self._known.find(key)
        if known is None:
            steps = applicable(self.belief.problem(n, stage.wanted, {}, stage.later))
            aims = ((step, self.belief.aim(n, step, None)) for step in steps)
            known = [(step, aim) for step, aim in aims if aim is not None]
            self._known.keep(key, known)
        return known


def applicable(problem: Problem) -> list[Operator]:
    """Every operator whose precondition holds in the problem's initial state, by name."""
    found = [step for action in problem.domain.actions for step in _ground(action, problem)]
    return sorted(found, key=str)


def _ground(action: ActionSchema, problem: Problem) -> Iterator[Operator]:
    """Bind one parameter after the other, and drop at once what cannot hold any more."""
    names: dict[str, list[str]] = {}
    for thing in (*problem.domain.constants, *problem.objects):
        for kind in problem.domain.ancestors(thing.type):
            names.setdefault(kind, []).append(thing.name)
    costs, bound = dict(problem.costs), set[str]()
    bindings: list[dict[str, str]] = [{}]
    for parameter in action.parameters:
        before, bound = bound, bound | {parameter.name}
        tests = [
            literal
            for literal in action.precondition
            if (said := {arg for arg in literal.atom.args if arg.startswith("?")}) <= bound
            and not said <= before
        ]
        grown = (
            {**binding, parameter.name: name}
            for binding, name in product(bindings, names.get(parameter.type, []))
        )
        bindings = [one for one in grown if all(test.bind(one).holds(problem.init) for test in tests)]
    for binding in bindings:
        step = action.bind(tuple(binding[parameter.name] for parameter in action.parameters), costs)
        if step.applicable(problem.init):
            yield step
