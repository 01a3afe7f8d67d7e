"""What a model declares and does against what is read: names without use, actions that can never be applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from neurosym.checking.declared import Action, Declared, Mention
from neurosym.checking.finding import Finding, Sheet

__all__ = ["Evidence", "check_usage"]


@dataclass
class Evidence:
    """What is known beside the PDDL files.

    Attributes:
        played: environments were looked at; else nothing is known of them.
        true: predicates that the perception made true; kinds: types that its objects had.
        wanted: predicates that phrases and the domain's closing ask for; goals: those that goals spoke of.
        named: names that the domain's Python writes out, so that it may bring them up.
    """

    played: bool = False
    true: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    goals: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)


def check_usage(sheet: Sheet, known: Declared, evidence: Evidence) -> list[Finding]:
    """Unused predicates and parameters, effects that nothing reads, what can never be true or never be applied."""
    return _Usage(sheet, known, evidence).findings


class _Usage:
    def __init__(self, sheet: Sheet, known: Declared, evidence: Evidence) -> None:
        self.sheet, self.known, self.evidence = sheet, known, evidence
        actions = known.actions.values()
        self.asked = {m.predicate for action in actions for m in action.condition if m.positive}
        self.read = {m.predicate for action in actions for m in action.condition}
        self.read |= {mention.predicate for mention in known.wanted} | evidence.wanted | evidence.goals
        self.added = {m.predicate for action in actions for m in action.effect if m.positive}
        self.changed = {m.predicate for action in actions for m in action.effect}
        self.never = {name for name in known.predicates if self._is_never_true(name)}
        self.findings = [
            *self._unused_predicates(),
            *(found for action in actions for found in self._look_at(action)),
        ]

    def _is_never_true(self, name: str) -> bool:
        if name not in self.asked or name in self.added | self.evidence.true | self.evidence.named:
            return False
        knows = self.evidence.played or self.known.problems
        return bool(knows) and name not in {fact.predicate for fact in self.known.facts}

    def _unused_predicates(self) -> Iterator[Finding]:
        for name, declared in self.known.predicates.items():
            where = declared.node.offset
            if name not in self.read | self.changed:
                message = f"the predicate {name} is never read and never changed"
                yield self.sheet.find("pddl-unused-predicate", where, message)
            elif name in self.never:
                message = f"{name} is asked for, but nothing ever makes it true"
                yield self.sheet.find("pddl-never-true", where, message)
            elif name in self.evidence.wanted - self.added:
                message = f"missions ask for {name}, and no action makes it true"
                yield self.sheet.find("pddl-never-reached", where, message)
            elif self.evidence.played and name in self.asked - self.added - self.evidence.true:
                yield self._unseen(name, where)

    def _unseen(self, name: str, where: int) -> Finding:
        if name in {fact.predicate for fact in self.known.facts} - self.evidence.named:
            message = f"the problem files say {name}, the perception never does"
            return self.sheet.find("binding-never-true", where, message)
        return self.sheet.find("binding-not-seen", where, f"{name} was never seen to be true")

    def _look_at(self, action: Action) -> Iterator[Finding]:
        yield from self._unused_parameters(action)
        yield from self._impossible(action)
        unread = {m.predicate: m for m in reversed(action.effect) if m.predicate not in self.read}
        for name, mention in unread.items():
            if name in self.known.predicates:
                message = f"nothing reads {name}, which {action.name} changes"
                yield self.sheet.find("pddl-unread-effect", mention.node.offset, message)

    def _unused_parameters(self, action: Action) -> Iterator[Finding]:
        used = {arg for mention in (*action.condition, *action.effect) for arg in mention.args} | action.uses
        for parameter in action.parameters:
            if parameter.name not in used:
                message = f"{action.name} does not use its parameter {parameter.name}"
                yield self.sheet.find("pddl-unused-parameter", parameter.node.offset, message)

    def _impossible(self, action: Action) -> Iterator[Finding]:
        said = f"{action.name} can never be applied: "
        sure = [mention for mention in action.condition if mention.sure]
        for one, other in combinations(sure, 2):
            if (one.predicate, one.args) == (other.predicate, other.args) and one.positive != other.positive:
                message = f"{said}{one} and {other} contradict each other"
                yield self.sheet.find("pddl-never-applies", other.node.offset, message)
        for mention in sure:
            if (mention.positive and mention.predicate in self.never) or _denies_itself(mention):
                message = f"{said}{mention} is never true"
                yield self.sheet.find("pddl-never-applies", mention.node.offset, message)
        for parameter in action.parameters:
            if parameter.type and self._is_empty(parameter.type):
                message = f"{said}nothing is a {parameter.type}, as {parameter.name} has to be"
                yield self.sheet.find("pddl-never-applies", parameter.node.offset, message)

    def _is_empty(self, wanted: str) -> bool:
        below = {name for name in (*self.known.types, "object") if self.known.is_a(name, wanted)}
        knows = self.evidence.played or self.known.problems
        return bool(knows) and below.isdisjoint(self.known.kinds | self.evidence.kinds | self.evidence.named)


def _denies_itself(mention: Mention) -> bool:
    """(not (= ?x ?x))"""
    return mention.predicate == "=" and not mention.positive and len(set(mention.args)) == 1
