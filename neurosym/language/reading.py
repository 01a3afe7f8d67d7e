"""Parse tree to clauses: who is to be done what to, in which order, still without types."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lark import Token, Tree

from neurosym.errors import MissionError
from neurosym.language.rules import Pattern, Phrase
from neurosym.language.words import refusal

__all__ = ["Clause", "NounPhrase", "Reader"]

_GROUPS = ("group", "later", "first")


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """A thing as it was said.

    Attributes:
        types: every type the noun may stand for; none if it stands for a noun that was said before.
        again: it means a thing that was said before.
        text: the words as written.
    """

    types: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    definite: bool
    text: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A phrase as it was said.

    Attributes:
        senses: the phrases it may be, each with the pattern whose slots the `things` fill in order.
        things: noun phrases, and a plain value where the slot takes an attribute.
        start: where it stands in the mission.
    """

    senses: tuple[tuple[Phrase, Pattern], ...]
    things: tuple[NounPhrase | str, ...]
    text: str
    start: int


class Reader:
    """Parse tree to clauses, for one mission."""

    def __init__(self, mission: str, meaning: Mapping[str, Any], order: Mapping[str, int]) -> None:
        self._mission, self._meaning, self._order = mission, meaning, order
        self._previous: Clause | None = None

    def stages(self, tree: Tree[Token]) -> tuple[tuple[Clause, ...], ...]:
        """The clauses of all sentences, in the order in which they are to be done."""
        stages: list[tuple[Clause, ...]] = []
        for sentence in _trees(tree):
            groups = [self._group(child) for child in _trees(sentence) if child.data in _GROUPS]
            stages += groups[::-1] if sentence.data == "backward" else groups
        return tuple(stages)

    def _group(self, tree: Tree[Token]) -> tuple[Clause, ...]:
        clauses = []
        for child in _trees(tree):
            if child.data == "repeated":
                clauses.append(self._repeat(child))
            elif child.data == "act":
                said = next(part for part in _trees(child) if part.data.startswith("clause"))
                clauses.append(self._clause(said))
            else:
                continue
            self._previous = clauses[-1]
        return tuple(clauses)

    def _clause(self, tree: Tree[Token]) -> Clause:
        things = tuple(
            self._noun_phrase(child) if child.data == "np" else self._meaning[child.data][1]
            for child in _trees(tree)
        )
        return Clause(self._meaning[tree.data], things, self._text(tree), tree.meta.start_pos)

    def _repeat(self, tree: Tree[Token]) -> Clause:
        """ "open the red door then the blue door": the verb of the clause before."""
        said = next(_trees(tree))
        thing = self._noun_phrase(said)
        match self._previous:
            case Clause(senses, (NounPhrase(),)):
                return Clause(senses, (thing,), thing.text, said.meta.start_pos)
        raise self._refusal(thing.text, "it is not said what to do with it")

    def _noun_phrase(self, tree: Tree[Token]) -> NounPhrase:
        found: dict[str, list[Any]] = {name: [] for name in ("article", "same", "noun", "value", "pronoun")}
        for child in _trees(tree):
            found[child.data.partition("_")[0]].append(self._meaning[child.data])
        attributes = sorted(found["value"], key=lambda pair: self._order[pair[0]])
        text = self._text(tree)
        for (name, value), (next_name, next_value) in itertools.pairwise(attributes):
            if name == next_name:
                raise self._refusal(text, f"{name} is said twice: {value}, {next_value}")
        again = bool(found["same"] or found["pronoun"])
        types = found["noun"][0] if found["noun"] else ()
        return NounPhrase(types, tuple(attributes), again or found["article"][0], text, again)

    def _text(self, tree: Tree[Token]) -> str:
        return self._mission[tree.meta.start_pos : tree.meta.end_pos]

    def _refusal(self, text: str, reason: str) -> MissionError:
        return refusal(self._mission, text, "is not understood in", reason)


def _trees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    return (child for child in tree.children if isinstance(child, Tree))
