"""How one world is spoken of: nouns, attributes, phrases and templates, read from the world's missions.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import TypeAlias

from neurosym.errors import DomainError
from neurosym.language.vocabulary import Vocabulary
from neurosym.symbols import PlanningDomain, Signature, TypedName

__all__ = ["Attribute", "Connectives", "Naming", "Pattern", "Phrase", "Rules", "Slot", "Template"]


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
    """Ways to join clauses; `after` turns the order round: "A after you B" is B, then A."""

    both: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


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
        vowel_article: the indefinite article before a vowel; empty when there is none.
        nouns: each type with the words for it, the usual one first. One word may name several types.
        attributes: in the order in which they are said and stored.
    """

    definite: tuple[str, ...]
    indefinite: tuple[str, ...]
    vowel_article: str
    nouns: tuple[tuple[str, tuple[str, ...]], ...]
    attributes: tuple[Attribute, ...]
    connectives: Connectives
    phrases: tuple[Phrase, ...]
    templates: tuple[Template, ...]
    naming: Naming = Naming()

    @classmethod
    def from_toml(cls, path: Path | str) -> Rules:
        """Reads a missions.toml.

        Raises:
            DomainError: the file is missing, is not TOML, or says something that has no meaning here.
        """
        from neurosym.language.rules_file import read_rules

        return read_rules(Path(path))

    @cached_property
    def template_of(self) -> dict[str, Template]:
        return {template.operator: template for template in self.templates}

    def vocabulary(self, model: PlanningDomain) -> Vocabulary:
        """What these words can ask for in a world with this model.

        A predicate that the model lacks keeps the types of its slots, so that it can be said before it can
        be planned for.

        Raises:
            DomainError: the words speak of a type or an operator that the model does not have.
        """
        self._check_against(model)
        known = {signature.name: signature for signature in model.predicates}
        wanted = {
            phrase.predicate: known.get(phrase.predicate, _signature(phrase)) for phrase in self.phrases
        }
        for phrase in self.phrases:
            if len(wanted[phrase.predicate].parameters) != len(phrase.variables):
                raise DomainError(
                    f"{phrase.predicate} means {len(phrase.variables)} arguments, the model differs"
                )
        return Vocabulary(
            types=model.types,
            predicates=tuple(wanted.values()),
            attributes=tuple((attribute.name, attribute.values) for attribute in self.attributes),
        )

    def _check_against(self, model: PlanningDomain) -> None:
        types = {entry.name for entry in model.types}
        said = {name for name, _ in self.nouns} | {
            type_name for p in self.phrases for type_name in _slot_types(p)
        }
        for name in sorted(said - types - {attribute.name for attribute in self.attributes}):
            raise DomainError(f"the rules speak of type {name!r}, which {model.name} does not have")
        arity = {action.name: len(action.parameters) for action in model.actions}
        for template in self.templates:
            if arity.get(template.operator) != len(template.parameters):
                raise DomainError(
                    f"the rules say ({template.operator} {' '.join(template.parameters)}), "
                    f"which is no operator of {model.name}"
                )


def _slot_types(phrase: Phrase) -> set[str]:
    return {part.type for pattern in phrase.sayings for part in pattern if isinstance(part, Slot)}


def _signature(phrase: Phrase) -> Signature:
    types = {part.name: part.type for part in phrase.sayings[0] if isinstance(part, Slot)}
    return Signature(phrase.predicate, tuple(TypedName(f"?{name}", types[name]) for name in phrase.variables))
