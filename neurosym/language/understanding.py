"""What of a mission is understood and what is not, clause by clause; for people whose words were refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from neurosym.errors import MissionError
from neurosym.language.grammar import MISSION_LIMIT, MissionGrammar
from neurosym.language.resolving import Resolver
from neurosym.language.rules import Rules
from neurosym.language.vocabulary import Vocabulary
from neurosym.symbols import Goal, Wanted

__all__ = ["Understanding", "understand"]

_LONGEST_RUN = 6  # parts of a mission that are tried as one: a phrase may have a connective in it


@dataclass(frozen=True)
class Understanding:
    """A mission in parts.

    Attributes:
        understood: the words of each clause that is understood, and what it asks for.
        not_understood: the words of each part that is not, and why.
    """

    understood: tuple[tuple[str, str], ...] = ()
    not_understood: tuple[tuple[str, str], ...] = ()

    def record(self) -> dict[str, Any]:
        """The same, as JSON."""
        return {
            "understood": [{"text": text, "goal": goal} for text, goal in self.understood],
            "not_understood": [{"text": text, "reason": reason} for text, reason in self.not_understood],
        }


def understand(mission: str, grammar: MissionGrammar, rules: Rules, vocabulary: Vocabulary) -> Understanding:
    """Every part of the mission that is understood by itself, and the others."""
    if len(mission) > MISSION_LIMIT:
        return Understanding((), ((mission[:60], f"at most {MISSION_LIMIT} characters are read"),))
    resolver = Resolver(rules, mission, vocabulary)
    heard: list[tuple[str, Wanted]] = []
    refused: list[tuple[str, str]] = []
    parts, start = grammar.parts(mission), 0
    while start < len(parts):
        for end in range(min(start + _LONGEST_RUN, len(parts)), start, -1):
            text = mission[parts[start][0] : parts[end - 1][1]]
            try:
                heard += _read(text, grammar, resolver, vocabulary)
                break
            except MissionError as error:
                reason = str(error)
        else:
            refused.append((text, reason))
            resolver.forget()
        start = end
    return Understanding(tuple(_goals(heard)), tuple(refused))


def _read(
    text: str, grammar: MissionGrammar, resolver: Resolver, vocabulary: Vocabulary
) -> list[tuple[str, Wanted]]:
    stages = grammar.parse(text)
    clauses = sorted((clause for stage in stages for clause in stage), key=lambda clause: clause.start)
    found = [(clause.text, resolver.wanted(clause)) for clause in clauses]
    vocabulary.check(Goal(tuple((wanted,) for _, wanted in found)))
    return found


def _goals(heard: list[tuple[str, Wanted]]) -> Iterator[tuple[str, str]]:
    goal = Goal(tuple((wanted,) for _, wanted in heard)).number_referents()
    for (text, _), stage in zip(heard, goal.stages, strict=True):
        yield text, str(stage[0])
