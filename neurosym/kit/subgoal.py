"""What a controller is told: a step of a plan, and the one after it."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.symbols import Operator

__all__ = ["Subgoal"]


@dataclass(frozen=True, slots=True)
class Subgoal:
    """A step of a plan, to be brought about.

    Attributes:
        step: the ground operator, with its preconditions and effects.
        following: the operator that comes next in the plan, if one does.
    """

    step: Operator
    following: Operator | None = None

    @property
    def name(self) -> str:
        """The operator's name."""
        return self.step.name

    @property
    def args(self) -> tuple[str, ...]:
        """The names of the things it is about."""
        return self.step.args
