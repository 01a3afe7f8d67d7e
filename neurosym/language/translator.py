"""Words to goals and plan steps to instructions: the contract, and the translator that goes by rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from neurosym.errors import DomainError, MissionError, UnknownNameError
from neurosym.language.chat import Usage
from neurosym.language.instruction import Instruction
from neurosym.language.naming import say_description, say_name
from neurosym.language.rules import Rules, Slot
from neurosym.language.vocabulary import Vocabulary
from neurosym.language.words import refusal
from neurosym.symbols import Goal, Operator, State, Wanted

if TYPE_CHECKING:
    from neurosym.language.grammar import MissionGrammar
    from neurosym.language.understanding import Understanding

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
        from neurosym.language.resolving import Resolver

        stages = self._grammar.parse(mission)
        goal = Resolver(self.rules, mission, vocabulary).goal(stages).number_referents()
        try:
            return vocabulary.check(goal)
        except MissionError as error:
            raise refusal(mission, error.fragment, "does not fit in", str(error)) from None

    def understand(self, mission: str, vocabulary: Vocabulary) -> Understanding:
        """What of the mission is understood and what is not, clause by clause.

        Raises:
            DomainError: the rules contradict themselves.
        """
        from neurosym.language.understanding import Understanding, understand

        heard = understand(mission, self._grammar, self.rules, vocabulary)
        try:
            self.goal(mission, vocabulary)
        except MissionError as error:
            if not heard.not_understood:  # each part is, but not how they go together
                return Understanding(heard.understood, ((error.fragment, str(error)),))
        return heard

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
        said: set[int] = set()
        stages = (
            _join_all(both, [self._say_wanted(wanted, said) for wanted in stage]) for stage in goal.stages
        )
        return _join_all(then, stages)

    def _say_wanted(self, wanted: Wanted, said: set[int]) -> str:
        """`said`: the referents that were spoken of before; those spoken of now are added."""
        phrase = next((p for p in self.rules.phrases if p.predicate == wanted.predicate), None)
        if phrase is None:
            raise KeyError(wanted.predicate)
        things = dict(zip(phrase.variables, wanted.arguments, strict=True))
        words = {name: say_description(self.rules, it, it.referent in said) for name, it in things.items()}
        said |= {it.referent for it in wanted.arguments if it.referent}
        return _join(words[p.name] if isinstance(p, Slot) else p for p in phrase.sayings[0])


def _join(parts: Iterable[str]) -> str:
    return " ".join(parts).replace(" ,", ",")


def _join_all(connective: str, parts: Iterable[str]) -> str:
    return f" {connective} ".join(parts).replace(" ,", ",")
