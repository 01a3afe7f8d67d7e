"""Translators that say the wrong thing on purpose, to measure how much the words matter.

Each stands around another translator and changes nothing but the text of its instructions: goal, operator and typed
arguments stay those of the plan. A controller that goes by typed arguments cannot tell them from the original; one that
hears words should do worse. What is said depends on the seed, the step and the state alone.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from neurosym.language.chat import Usage
from neurosym.language.instruction import Instruction
from neurosym.language.naming import describe_name
from neurosym.language.rules import Rules, Slot
from neurosym.language.translator import RuleTranslator, Translator
from neurosym.language.vocabulary import Vocabulary
from neurosym.symbols import ActionSchema, Goal, Operator, PlanningDomain, State

__all__ = ["ScrambledTranslator", "SilentTranslator", "WrongTranslator"]

_TRIES = 100  # where there is nothing else to say, nothing is said
_Things: TypeAlias = "Sequence[tuple[str, str]]"  # names and types


class _Distorted(ABC):
    """The translations of another translator, said otherwise."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    @property
    def usage(self) -> Usage:
        return self.translator.usage

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        """What the translator understands."""
        return self.translator.goal(mission, vocabulary)

    def instruct(self, step: Operator, state: State) -> Instruction:
        """The instruction of the translator, its text replaced."""
        instruction = self.translator.instruct(step, state)
        return replace(instruction, text=self._say(instruction, step, state))

    @abstractmethod
    def _say(self, instruction: Instruction, step: Operator, state: State) -> str:
        """The text in place of the true one."""


class SilentTranslator(_Distorted):
    """Says nothing."""

    def _say(self, instruction: Instruction, step: Operator, state: State) -> str:
        return ""


class ScrambledTranslator(_Distorted):
    """Says some other instruction of the domain, whether it makes sense here or not.

    Args:
        model: whose operators are said, every one as likely as any other, about things of any kind that fits.
    """

    def __init__(self, translator: Translator, rules: Rules, model: PlanningDomain, seed: int = 0) -> None:
        super().__init__(translator)
        self.model, self.seed = model, seed
        self._speaker = RuleTranslator(rules)
        self._names = {entry.name: tuple(_things(rules, model, entry.name)) for entry in model.types}
        self._names["object"] = tuple(_things(rules, model, "object"))

    def _say(self, instruction: Instruction, step: Operator, state: State) -> str:
        chance = _chance(self.seed, step, state)
        for _ in range(_TRIES):
            action = chance.choice(self.model.actions)
            args = tuple(chance.choice(self._names[p.type] or (p.type,)) for p in action.parameters)
            text = self._speaker.instruct(Operator(action.name, args), state).text
            if text != instruction.text:
                return text
        return ""


class WrongTranslator(_Distorted):
    """Says another instruction about things that are there: the same operator on other things, or else another one.

    What is said need not be possible at the moment.
    """

    def __init__(self, translator: Translator, rules: Rules, model: PlanningDomain, seed: int = 0) -> None:
        super().__init__(translator)
        self.rules, self.model, self.seed = rules, model, seed
        self._speaker = RuleTranslator(rules)
        self._actions = {action.name: action for action in model.actions}

    def _say(self, instruction: Instruction, step: Operator, state: State) -> str:
        chance = _chance(self.seed, step, state)
        there = _things_there(self.rules, state)
        other_things = [thing for thing in there if thing[0] not in step.args]
        others = [action for action in self.model.actions if action.name != step.name]
        for action in (self.model.action(step.name), *chance.sample(others, len(others))):
            things = other_things if action.name == step.name else there
            said = self._about(action, things, chance)
            text = said and self._speaker.instruct(said, state).text
            if text and text != instruction.text:
                return text
        return instruction.text

    def _about(self, action: ActionSchema, there: _Things, chance: random.Random) -> Operator | None:
        """An operator with things that fit; None, if what its text speaks of is not there."""
        template = self.rules.template_of[action.name]
        said = {f"?{part.name}" for part in template.pattern if isinstance(part, Slot)}
        fitting = self._fitting(action, there)
        if any(not names and name in said for name, names in zip(template.parameters, fitting, strict=True)):
            return None
        return Operator(action.name, tuple(chance.choice(names or ["nothing"]) for names in fitting))

    def _fitting(self, action: ActionSchema, there: _Things) -> list[list[str]]:
        """For each parameter the things of its type."""
        return [
            [name for name, kind in there if parameter.type in self.model.ancestors(kind)]
            for parameter in action.parameters
        ]


def _chance(seed: int, step: Operator, state: State) -> random.Random:
    return random.Random(f"{seed} {step} {sorted(map(str, state))}")


def _things(rules: Rules, model: PlanningDomain, kind: str) -> Iterator[str]:
    """Names of things of a kind, one for each noun, alone and with each value of each attribute said before it."""
    for noun in rules.noun_of:
        if noun != kind and kind != "object" and kind not in model.ancestors(noun):
            continue
        yield noun
        for attribute in rules.attributes:
            if attribute.before and attribute.name != rules.naming.number:
                yield from (f"{value}_{noun}" for value in attribute.values)


def _things_there(rules: Rules, state: State) -> _Things:
    """The things that a state speaks of by names that can be said, with their types."""
    names = sorted({name for atom in state for name in atom.args})
    described = ((name, describe_name(rules, name)) for name in names)
    return [(name, description.type) for name, description in described if description is not None]
