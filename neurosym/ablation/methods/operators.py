"""The operators that can be begun in a situation: what there is to choose from without a plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, Situation
from neurosym.deliberation import Stage
from neurosym.planning.applicable import applicable
from neurosym.planning.memo import RecentlyUsed
from neurosym.symbols import Operator

__all__ = ["Choices"]

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
            problem = self.belief.problem(n, stage.wanted, {}, stage.later)
            steps = sorted(applicable(problem), key=str)
            aims = ((step, self.belief.aim(n, step, None)) for step in steps)
            known = [(step, aim) for step, aim in aims if aim is not None]
            self._known.keep(key, known)
        return known
