"""Execution monitoring: what a step was to bring about against what is believed now, and whose fault a failure is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from neurosym.symbols import Atom, Operator, Problem

__all__ = ["Cause", "Discrepancy", "compare_effects", "still_holds"]


class Cause(Enum):
    """The part that a failed episode is put down to."""

    PLANNER = "planner"  # it found no plan although it had not proven that there is none
    MODEL = "model"  # by the domain's rules nothing more could be done, or all was done and it was not enough
    TRANSLATOR = "translator"  # the mission, or a step, could not be put into words or symbols
    OPTION = "option"  # a controller ran out of its budget
    TIME_LIMIT = "time_limit"  # everything went as planned, only too slowly


@dataclass(frozen=True)
class Discrepancy:
    """How the world differs from what a step promised.

    Attributes:
        missing: atoms the step was to make true that do not hold.
        lingering: atoms the step was to make false that still hold.
    """

    missing: frozenset[Atom] = frozenset()
    lingering: frozenset[Atom] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.missing or self.lingering)

    def __str__(self) -> str:
        parts = [f"expected {atom}" for atom in sorted(self.missing)]
        return ", ".join(parts + [f"did not expect {atom}" for atom in sorted(self.lingering)])


def compare_effects(step: Operator, seen: Problem) -> Discrepancy:
    """Compare a step's effects with what is believed after it.

    An atom over something that has no name any more (a place that turned out to be part of another, a thing that was
    only assumed) is neither confirmed nor refuted. One that neither a precondition nor the goal reads does not matter,
    and a belief need not say it.
    """
    named = {entry.name for entry in (*seen.objects, *seen.domain.constants)}
    read = seen.domain.preconditions | {
        literal.atom.predicate for part in seen.goal.alternatives for literal in part
    }

    def comparable(atom: Atom) -> bool:
        return atom.predicate in read and named.issuperset(atom.args)

    return Discrepancy(
        missing=frozenset(atom for atom in step.add if comparable(atom) and atom not in seen.init),
        lingering=frozenset(atom for atom in step.delete if comparable(atom) and atom in seen.init),
    )


def still_holds(steps: tuple[Operator, ...], problem: Problem) -> bool:
    """Whether these steps, one after the other, are applicable from the problem's state and reach its goal."""
    state = problem.init
    for step in steps:
        if not step.applicable(state):
            return False
        state = step.apply(state)
    return problem.goal.holds(state)
