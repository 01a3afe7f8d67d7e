"""Clauses to what is wanted: by the types of things, and by what was said before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from neurosym.errors import MissionError
from neurosym.language.reading import Clause, NounPhrase
from neurosym.language.rules import Pattern, Phrase, Rules, Slot
from neurosym.language.vocabulary import Vocabulary
from neurosym.language.words import refusal
from neurosym.symbols import Description, Goal, Wanted

__all__ = ["Resolver"]


@dataclass(frozen=True, slots=True)
class _Fit:
    """What a clause means in one of its senses.

    Attributes:
        depth: how specific the sense is.
        said: everything the clause speaks of, what is acted on first.
    """

    depth: int
    wanted: Wanted
    said: tuple[Description, ...]


class Resolver:
    """Clauses to what is wanted, for one mission.

    Whatever is said gets a number as its referent, so that what is meant once more has the same.
    """

    def __init__(self, rules: Rules, mission: str, vocabulary: Vocabulary) -> None:
        self._rules, self._mission, self._vocabulary = rules, mission, vocabulary
        self._said: list[tuple[Description, ...]] = []
        self._numbers = itertools.count(1)

    def goal(self, stages: Sequence[Sequence[Clause]]) -> Goal:
        """What the clauses ask for; they are taken in the order in which they were said.

        Raises:
            MissionError: a thing does not fit, or nothing that was said before does.
        """
        clauses = sorted((clause for stage in stages for clause in stage), key=lambda clause: clause.start)
        meant = {clause.start: self.wanted(clause) for clause in clauses}
        return Goal(tuple(tuple(meant[clause.start] for clause in stage) for stage in stages))

    def forget(self) -> None:
        """Something was said that is not understood: what comes next may be about that."""
        self._said.clear()

    def wanted(self, clause: Clause) -> Wanted:
        """The most specific sense whose slots the things fit.

        Raises:
            MissionError: there is none.
        """
        fitting = [fit for phrase, pattern in clause.senses if (fit := self._fit(phrase, pattern, clause))]
        if not fitting:
            raise self._misfit(clause)
        best = max(fitting, key=lambda fit: fit.depth)
        self._said.append(best.said)
        return best.wanted

    def _fit(self, phrase: Phrase, pattern: Pattern, clause: Clause) -> _Fit | None:
        depth, described = 0, {}
        for slot, thing in zip(_slots(pattern), clause.things, strict=True):
            if isinstance(thing, str):
                continue
            description = self._describe(thing, slot.type)
            if description is None:
                return None
            depth += len(self._vocabulary.ancestors(slot.type))
            described[slot.name] = description
        arguments = tuple(described[name] for name in phrase.variables)
        others = (thing for name, thing in described.items() if name not in phrase.variables)
        return _Fit(depth, Wanted(phrase.predicate, arguments), (*arguments, *others))

    def _describe(self, thing: NounPhrase, slot_type: str) -> Description | None:
        """What is spoken of; None if it does not fit the slot."""
        if thing.again:
            return next(self._before(thing, slot_type), None)
        if not thing.types:  # "the red one": of the sort that was said before
            known = next(self._before(replace(thing, attributes=()), slot_type), None)
            type_name = known and known.type
        else:
            type_name = self._type(thing, slot_type)
        if type_name is None:
            return None
        return Description(type_name, thing.attributes, thing.definite, next(self._numbers))

    def _before(self, thing: NounPhrase, slot_type: str) -> Iterator[Description]:
        """What was said before and fits, the last clause first."""
        for description in itertools.chain(*reversed(self._said)):
            if not self._vocabulary.is_a(description.type, slot_type):
                continue
            is_one = any(self._vocabulary.is_a(description.type, name) for name in thing.types)
            if (is_one or not thing.types) and set(thing.attributes) <= set(description.attributes):
                yield description

    def _type(self, thing: NounPhrase, slot_type: str) -> str | None:
        """The most general type the noun may stand for that the slot takes."""
        fitting = [name for name in thing.types if self._vocabulary.is_a(name, slot_type)]
        return min(fitting, key=lambda name: len(self._vocabulary.ancestors(name)), default=None)

    def _misfit(self, clause: Clause) -> MissionError:
        """Blames the first thing that fits no sense."""
        slots = [_slots(pattern) for _, pattern in clause.senses]
        for place, thing in enumerate(clause.things):
            asked = {row[place].type for row in slots}
            if isinstance(thing, str) or any(self._describe(thing, slot_type) for slot_type in asked):
                continue
            nouns = ", ".join(self._nouns(asked))
            if thing.again or not thing.types:
                reason = f"nothing was said before that it could mean here: expected {nouns}"
                return refusal(self._mission, thing.text, "is not understood in", reason)
            return refusal(self._mission, thing.text, "does not fit in", f"expected {nouns}")
        return refusal(self._mission, clause.text, "does not fit in", "these things do not go together")

    def _nouns(self, asked: set[str]) -> list[str]:
        is_a = self._vocabulary.is_a
        return sorted(
            {word for name, word in self._rules.noun_of.items() if any(is_a(name, slot) for slot in asked)}
        )


def _slots(pattern: Pattern) -> list[Slot]:
    return [part for part in pattern if isinstance(part, Slot)]
