"""Words to goals and plan steps to instructions: the contract, and the translator that goes by rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from neurosym.errors import DomainError, MissionError, UnknownNameError
from neurosym.language.chat import Usage
from neurosym.language.instruction import Instruction
from neurosym.language.naming import say_description, say_name
from neurosym.language.rules import Pattern, Phrase, Rules, Slot
from neurosym.language.vocabulary import Vocabulary
from neurosym.language.words import refusal
from neurosym.symbols import Description, Goal, Operator, State, Wanted

if TYPE_CHECKING:
    from neurosym.language.grammar import MissionGrammar
    from neurosym.language.reading import Clause, NounPhrase

__all__ = ["RuleTranslator", "Translator"]

_CACHED = 4096  # of missions, and of steps


class Translator(Protocol):
    """Stands between the user's words and the goal, and between the plan and the controller."""

    @property
    def usage(self) -> Usage:
        """What it has cost so far."""
        ...

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        """What the words ask for; MissionError when they are not understood."""
        ...

    def instruct(self, step: Operator, state: State) -> Instruction:
        """The step in words, with its typed arguments."""
        ...


class RuleTranslator:
    """Translates by a grammar and templates; the same words always give the same goal."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.usage = rules, Usage()
        self._goals: dict[tuple[str, Vocabulary], Goal] = {}
        self._instructions: dict[tuple[str, tuple[str, ...]], Instruction] = {}

    def __reduce__(self) -> tuple[type[RuleTranslator], tuple[Rules]]:
        return RuleTranslator, (self.rules,)

    @cached_property
    def _grammar(self) -> MissionGrammar:
        from neurosym.language.grammar import MissionGrammar

        return MissionGrammar(self.rules)

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        """The goal that `mission` asks for, within `vocabulary`.

        Raises:
            MissionError: one line; the part that was not understood and what was expected there.
            DomainError: the rules contradict themselves.
        """
        key = (mission, vocabulary)
        if key not in self._goals:
            goal = self._translate(mission, vocabulary)
            if len(self._goals) >= _CACHED:
                self._goals.pop(next(iter(self._goals)))
            self._goals[key] = goal
        return self._goals[key]

    def _translate(self, mission: str, vocabulary: Vocabulary) -> Goal:
        stages = self._grammar.parse(mission)
        resolver = _Resolver(self.rules, mission, vocabulary)
        goal = Goal(tuple(tuple(resolver.wanted(clause) for clause in stage) for stage in stages))
        try:
            return vocabulary.check(goal)
        except MissionError as error:
            raise refusal(mission, error.fragment, "does not fit in", str(error)) from None

    def instruct(self, step: Operator, state: State) -> Instruction:
        """The step in the words of its template.

        Raises:
            UnknownNameError: the rules have no template for this operator.
        """
        key = (step.name, step.args)
        if key not in self._instructions:
            if len(self._instructions) >= _CACHED:
                self._instructions.pop(next(iter(self._instructions)))
            self._instructions[key] = self._say_step(step)
        return self._instructions[key]

    def _say_step(self, step: Operator) -> Instruction:
        template = self.rules.template_of.get(step.name)
        if template is None:
            raise UnknownNameError("operator", step.name, self.rules.template_of)
        if len(template.parameters) != len(step.args):
            raise DomainError(f"{step.name} takes {len(template.parameters)} arguments, got {len(step.args)}")
        names = dict(zip(template.parameters, step.args, strict=True))
        fillings = {parameter[1:]: name for parameter, name in names.items()}
        said = (
            say_name(self.rules, fillings[p.name]) if isinstance(p, Slot) else p for p in template.pattern
        )
        return Instruction(_join(said), step.name, step.args)

    def say(self, goal: Goal) -> str:
        """A mission that asks for `goal`, in the usual words: `translator.goal(translator.say(g), v) == g`.

        Raises:
            KeyError: the goal names something the rules have no word for.
        """
        then, both = self.rules.connectives.then[0], self.rules.connectives.both[0]
        stages = (_join_all(both, (self._say_wanted(wanted) for wanted in stage)) for stage in goal.stages)
        return _join_all(then, stages)

    def _say_wanted(self, wanted: Wanted) -> str:
        phrase = next((p for p in self.rules.phrases if p.predicate == wanted.predicate), None)
        if phrase is None:
            raise KeyError(wanted.predicate)
        things = dict(zip(phrase.variables, wanted.arguments, strict=True))
        pattern = phrase.sayings[0]
        return _join(
            say_description(self.rules, things[p.name]) if isinstance(p, Slot) else p for p in pattern
        )


class _Resolver:
    """Clauses to what is wanted, by the types of things, for one mission."""

    def __init__(self, rules: Rules, mission: str, vocabulary: Vocabulary) -> None:
        self._rules, self._mission, self._vocabulary = rules, mission, vocabulary

    def wanted(self, clause: Clause) -> Wanted:
        """The most specific sense whose slots the things fit."""
        fitting = [fit for phrase, pattern in clause.senses if (fit := self._fit(phrase, pattern, clause))]
        if not fitting:
            raise self._misfit(clause)
        return max(fitting, key=lambda fit: fit[0])[1]

    def _fit(self, phrase: Phrase, pattern: Pattern, clause: Clause) -> tuple[int, Wanted] | None:
        depth, described = 0, {}
        slots = [part for part in pattern if isinstance(part, Slot)]
        for slot, thing in zip(slots, clause.things, strict=True):
            if isinstance(thing, str):
                continue
            type_name = self._type(thing, slot.type)
            if type_name is None:
                return None
            depth += len(self._vocabulary.ancestors(slot.type))
            described[slot.name] = Description(type_name, thing.attributes, thing.definite)
        return depth, Wanted(phrase.predicate, tuple(described[name] for name in phrase.variables))

    def _type(self, thing: NounPhrase, slot_type: str) -> str | None:
        """The most general type the noun may stand for that the slot takes."""
        fitting = [name for name in thing.types if self._vocabulary.is_a(name, slot_type)]
        return min(fitting, key=lambda name: len(self._vocabulary.ancestors(name)), default=None)

    def _misfit(self, clause: Clause) -> MissionError:
        """Blames the first thing that fits no sense."""
        slots = [[part for part in pattern if isinstance(part, Slot)] for _, pattern in clause.senses]
        for place, thing in enumerate(clause.things):
            asked = {row[place].type for row in slots}
            if isinstance(thing, str) or any(self._type(thing, slot_type) for slot_type in asked):
                continue
            return self._error(thing.text, f"expected {', '.join(self._nouns(asked))}")
        return self._error(clause.text, "these things do not go together")

    def _nouns(self, asked: set[str]) -> list[str]:
        is_a = self._vocabulary.is_a
        return sorted(
            {word for name, word in self._rules.noun_of.items() if any(is_a(name, slot) for slot in asked)}
        )

    def _error(self, text: str, reason: str) -> MissionError:
        return refusal(self._mission, text, "does not fit in", reason)


def _join(parts: Iterable[str]) -> str:
    return " ".join(parts).replace(" ,", ",")


def _join_all(connective: str, parts: Iterable[str]) -> str:
    return f" {connective} ".join(parts).replace(" ,", ",")
