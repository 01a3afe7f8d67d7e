"""How one world is spoken of: nouns, attributes, phrases and templates, read from its missions.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import TypeAlias

from neurosym.errors import DomainError
from neurosym.language.vocabulary import Vocabulary
from neurosym.symbols import PlanningDomain, Signature, TypedName

__all__ = [
    "Attribute",
    "Connectives",
    "Courtesies",
    "Naming",
    "Pattern",
    "Phrase",
    "References",
    "Rules",
    "Slot",
    "Template",
]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a pattern; `type` is a type, an attribute, or empty where a template needs none."""

    name: str
    type: str = ""


Pattern: TypeAlias = "tuple[str | Slot, ...]"


def read_pattern(text: str) -> Pattern:
    """The parts of `"put {item:item} next to {other:thing}"`: stretches of words, and slots.

    Raises:
        ValueError: unbalanced braces, or a slot without a name.
    """
    parts: list[str | Slot] = []
    for words, name, type_name, _ in Formatter().parse(text):
        if words.strip():
            parts.append(words.strip())
        if name is None:
            continue
        if not name.isidentifier():
            raise ValueError(f"a slot needs a name, as in {{item}}, not {{{name}}}")
        parts.append(Slot(name, type_name or ""))
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A quality words may give a thing.

    Attributes:
        before: said before the noun ("red ball") rather than after it ("ball on your left").
        words: each value with the ways to say it, the usual one first.
    """

    name: str
    before: bool
    words: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _ in self.words)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Ways to say one thing that is wanted.

    Attributes:
        predicate: what is wanted.
        variables: the slots that become its arguments, in the predicate's order.
        sayings: patterns with typed slots, the usual one first.
    """

    predicate: str
    variables: tuple[str, ...]
    sayings: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """How an operator is said; its slots are parameters of the operator."""

    operator: str
    parameters: tuple[str, ...]
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Connectives:
    """Ways to join clauses.

    Attributes:
        both: in any order. comma: the same, and what ends the first part of "after you A, B".
        then: one after the other; may follow any of the others, as in ", then".
        after: turns the order round: "A after you B" is B, then A; "after you A, B" is A, then B.
        before: the other way about.
        stop: ends a sentence; the next one is for afterwards.
    """

    both: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    comma: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class References:
    """Ways to speak of a thing that was said before.

    Attributes:
        pronouns: "it".
        same: stands where an article does, as in "the same ball"; the usual one first.
        nouns: stand for the noun said before, as in "the red one".
    """

    pronouns: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Courtesies:
    """What may be said before a clause, after it, or in both places, and asks for nothing, such as "please"."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """How object names are built: `unseen_red_key_2` is marker, attributes, type, number.

    Attributes:
        unseen: the marker of a thing that is looked for but was not seen, spoken of as "a".
        number: the attribute that a number at the end stands for; empty when numbers mean nothing.
    """

    unseen: str = "unseen"
    number: str = ""


@dataclass(frozen=True)
class Rules:
    """The whole of a missions.toml.

    Attributes:
        definite, indefinite: the articles, the usual one first.
        indefinite_before: an indefinite article with the first letters it is used before, as "an" is.
        nouns: each type with the words for it, the usual one first. One word may name several types.
        attributes: in the order in which they are said and stored.
        alike: words that say the same, group by group.
        beyond: words that are never understood, each with the reason to be given.
    """

    definite: tuple[str, ...]
    indefinite: tuple[str, ...]
    indefinite_before: tuple[tuple[str, str], ...]
    nouns: tuple[tuple[str, tuple[str, ...]], ...]
    attributes: tuple[Attribute, ...]
    connectives: Connectives
    phrases: tuple[Phrase, ...]
    templates: tuple[Template, ...]
    naming: Naming = Naming()
    references: References = References()
    courtesies: Courtesies = Courtesies()
    alike: tuple[tuple[str, ...], ...] = ()
    beyond: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_toml(cls, path: Path | str) -> Rules:
        """Reads a missions.toml.

        Raises:
            DomainError: the file is missing, is not TOML, or says something that has no meaning here.
        """
        from neurosym.language.rules_file import read_rules

        return read_rules(Path(path))

    @cached_property
    def noun_of(self) -> dict[str, str]:
        """The usual word for each type that has one."""
        return {type_name: words[0] for type_name, words in self.nouns}

    @cached_property
    def attribute_of(self) -> dict[str, str]:
        """The attribute each value belongs to."""
        return {value: attribute.name for attribute in self.attributes for value in attribute.values}

    @cached_property
    def template_of(self) -> dict[str, Template]:
        return {template.operator: template for template in self.templates}

    def vocabulary(self, model: PlanningDomain) -> Vocabulary:
        """What these words can ask for in a world with this model.

        A predicate that the model lacks keeps the types of its slots, so that it can be said before it can
        be planned for.

        Raises:
            DomainError: the words speak of a type, an operator or arguments that the model does not have.
        """
        _check_types(self, model)
        _check_templates(self, model)
        predicates = {signature.name: signature for signature in model.predicates}
        for phrase in self.phrases:
            predicates.setdefault(phrase.predicate, _signature(phrase))
        vocabulary = Vocabulary(
            types=model.types,
            predicates=tuple(predicates[name] for name in dict.fromkeys(p.predicate for p in self.phrases)),
            attributes=tuple((attribute.name, attribute.values) for attribute in self.attributes),
        )
        for phrase in self.phrases:
            _check_arguments(phrase, predicates[phrase.predicate], vocabulary)
        return vocabulary


def _check_types(rules: Rules, model: PlanningDomain) -> None:
    known = {entry.name for entry in model.types} | {"object"}
    if foreign := [name for name, _ in rules.nouns if name not in known]:
        raise DomainError(f"the rules have a noun for {foreign[0]!r}, which is no type of {model.name}")
    known |= {attribute.name for attribute in rules.attributes}
    slots = [
        slot for phrase in rules.phrases for saying in phrase.sayings for slot in _slots(saying).values()
    ]
    if foreign := [slot for slot in slots if slot not in known]:
        raise DomainError(f"the rules have a slot for {foreign[0]!r}, which is no type of {model.name}")


def _check_templates(rules: Rules, model: PlanningDomain) -> None:
    arity = {action.name: len(action.parameters) for action in model.actions}
    for template in rules.templates:
        if arity.get(template.operator) != len(template.parameters):
            head = " ".join((template.operator, *template.parameters))
            raise DomainError(f"the rules say ({head}), which is no operator of {model.name}")
    if silent := sorted(set(arity) - set(rules.template_of)):
        raise DomainError(f"the rules do not say operator {silent[0]!r} of {model.name}")


def _check_arguments(phrase: Phrase, signature: Signature, vocabulary: Vocabulary) -> None:
    """Every way to say the phrase gives arguments that the predicate takes."""
    if len(signature.parameters) != len(phrase.variables):
        raise DomainError(f"the rules give {signature.name} {len(phrase.variables)} arguments")
    for pattern in phrase.sayings:
        types = _slots(pattern)
        for name, parameter in zip(phrase.variables, signature.parameters, strict=True):
            if not vocabulary.is_a(types[name], parameter.type):
                raise DomainError(f"the rules give {signature.name} a {types[name]} for {parameter.name}")


def _slots(pattern: Pattern) -> dict[str, str]:
    return {part.name: part.type for part in pattern if isinstance(part, Slot)}


def _signature(phrase: Phrase) -> Signature:
    types = _slots(phrase.sayings[0])
    return Signature(phrase.predicate, tuple(TypedName(f"?{name}", types[name]) for name in phrase.variables))
