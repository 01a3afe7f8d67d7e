"""Names to descriptions, and descriptions to noun phrases."""

from __future__ import annotations

from neurosym.language.rules import Rules
from neurosym.symbols import Description

__all__ = ["describe_name", "say_description", "say_name"]

_SEPARATOR = "_"


def describe_name(rules: Rules, name: str) -> Description | None:
    """What a name such as `unseen_red_key_2` says of its object; None when it is not built by the rule."""
    naming, parts = rules.naming, name.split(_SEPARATOR)
    definite = parts[0] != naming.unseen
    attributes: dict[str, str] = {}
    if not definite:
        parts = parts[1:]
    if parts and parts[-1].isdecimal():
        *parts, number = parts
        attributes[naming.number] = number
    types = {type_name for type_name, _ in rules.nouns}
    values = {value: attribute.name for attribute in rules.attributes for value in attribute.values}
    while parts and _SEPARATOR.join(parts) not in types:
        first, *parts = parts
        if first not in values:
            return None
        attributes[values[first]] = first
    if not parts:
        return None
    said = tuple((a.name, attributes[a.name]) for a in rules.attributes if attributes.get(a.name) in a.values)
    if len(said) < len(attributes):
        return None
    return Description(_SEPARATOR.join(parts), said, definite)


def say_description(rules: Rules, description: Description) -> str:
    """ "the red ball on your left". Attributes are said in the rules' order.

    Raises:
        KeyError: a type, attribute or value that the rules have no word for.
    """
    noun = dict(rules.nouns)[description.type][0]
    before, after = [], []
    attributes = dict(description.attributes)
    for attribute in rules.attributes:
        if attribute.name in attributes:
            word = dict(attribute.words)[attributes.pop(attribute.name)][0]
            (before if attribute.before else after).append(word)
    if attributes:
        raise KeyError(next(iter(attributes)))
    words = " ".join((*before, noun, *after))
    return f"{_article(rules, description.definite, words)} {words}"


def say_name(rules: Rules, name: str) -> str:
    """The noun phrase for an object; a name that is not built by the rule is said as it is written."""
    description = describe_name(rules, name)
    return name.replace(_SEPARATOR, " ") if description is None else say_description(rules, description)


def _article(rules: Rules, definite: bool, words: str) -> str:
    if definite:
        return rules.definite[0]
    return rules.vowel_article if rules.vowel_article and words[0] in "aeiou" else rules.indefinite[0]
