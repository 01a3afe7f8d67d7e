"""The closed set of things a mission may ask for. Every goal, whoever made it, is checked against it."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.errors import MissionError
from neurosym.symbols import Description, Goal, Signature, TypedName, Wanted

__all__ = ["Vocabulary"]


@dataclass(frozen=True)
class Vocabulary:
    """What goals may be made of.

    Attributes:
        types: each type with its parent; `object` is the root and is not listed.
        predicates: the predicates words may ask for, with typed parameters.
        attributes: each attribute with the values it may take.
    """

    types: tuple[TypedName, ...] = ()
    predicates: tuple[Signature, ...] = ()
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def ancestors(self, type_name: str) -> tuple[str, ...]:
        """The type itself, then its parents, without `object`."""
        parents = {entry.name: entry.type for entry in self.types}
        chain = [type_name]
        while parents.get(chain[-1], "object") != "object":
            chain.append(parents[chain[-1]])
        return tuple(chain)

    def is_a(self, type_name: str, ancestor: str) -> bool:
        return ancestor == "object" or ancestor in self.ancestors(type_name)

    def check(self, goal: Goal) -> Goal:
        """The same goal, if it stays within the vocabulary.

        Raises:
            MissionError: something in the goal is not in the closed set; the fragment is that part.
        """
        if not goal.stages or not all(goal.stages):
            raise MissionError("the goal asks for nothing", fragment=str(goal))
        for stage in goal.stages:
            for wanted in stage:
                self._check_wanted(wanted)
        return goal

    def _check_wanted(self, wanted: Wanted) -> None:
        signatures = {signature.name: signature for signature in self.predicates}
        if wanted.predicate not in signatures:
            raise _foreign("predicate", wanted.predicate, list(signatures))
        parameters = signatures[wanted.predicate].parameters
        if len(parameters) != len(wanted.arguments):
            raise MissionError(
                f"{wanted.predicate} takes {len(parameters)} arguments, got {len(wanted.arguments)}",
                fragment=str(wanted),
            )
        for argument, parameter in zip(wanted.arguments, parameters, strict=True):
            self._check_description(argument, parameter.type)

    def _check_description(self, description: Description, expected: str) -> None:
        known = [entry.name for entry in self.types]
        if description.type not in known:
            raise _foreign("type", description.type, known)
        if not self.is_a(description.type, expected):
            raise MissionError(
                f"expected something of type {expected}, not {description}", fragment=str(description)
            )
        values = dict(self.attributes)
        for name, value in description.attributes:
            if name not in values:
                raise _foreign("attribute", name, list(values))
            if value not in values[name]:
                raise _foreign(name, value, list(values[name]))


def _foreign(kind: str, name: str, known: list[str]) -> MissionError:
    expected = ", ".join(sorted(known)[:12]) or "nothing"
    return MissionError(f"{kind} {name!r} is not in the vocabulary: expected {expected}", fragment=name)
