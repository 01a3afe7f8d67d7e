"""Names to descriptions, and descriptions to noun phrases."""

from __future__ import annotations

from neurosym.language.rules import Rules
from neurosym.symbols import Description

__all__ = ["describe_name", "say_description", "say_name"]

_SEPARATOR = "_"


def describe_name(rules: Rules, name: str) -> Description | None:
    """What a name such as `unseen_red_key_2` says of its object; None when it is not built by the rule."""
    parts = name.split(_SEPARATOR)
    definite = parts[0] != rules.naming.unseen
    if not definite:
        parts = parts[1:]
    found: list[tuple[str | None, str]] = []
    if parts and parts[-1].isdecimal():
        found.append((rules.naming.number, parts.pop()))
    while parts and _SEPARATOR.join(parts) not in rules.noun_of:
        found.append((rules.attribute_of.get(parts[0]), parts[0]))
        parts = parts[1:]
    said = tuple((a.name, value) for a in rules.attributes for value in a.values if (a.name, value) in found)
    if not parts or len(said) != len(found) or len(dict(said)) != len(said):
        return None
    return Description(_SEPARATOR.join(parts), said, definite)


def say_description(rules: Rules, description: Description, again: bool = False) -> str:
    """ "the red ball on your left". Attributes are said in the rules' order.

    Args:
        again: it was spoken of before: "the same red ball".

    Raises:
        KeyError: a type, attribute or value that the rules have no word for.
    """
    noun = rules.noun_of[description.type]
    before, after = [], []
    attributes = dict(description.attributes)
    for attribute in rules.attributes:
        if attribute.name in attributes:
            word = dict(attribute.words)[attributes.pop(attribute.name)][0]
            (before if attribute.before else after).append(word)
    if attributes:
        raise KeyError(next(iter(attributes)))
    words = " ".join((*before, noun, *after))
    if again and not rules.references.same:
        raise KeyError("same")
    article = rules.references.same[0] if again else _article(rules, description.definite, words)
    return f"{article} {words}"


def say_name(rules: Rules, name: str) -> str:
    """The noun phrase for an object; a name that is not built by the rule is said as it is written."""
    description = describe_name(rules, name)
    return name.replace(_SEPARATOR, " ") if description is None else say_description(rules, description)


def _article(rules: Rules, definite: bool, words: str) -> str:
    if definite:
        return rules.definite[0]
    fitting = (article for article, letters in rules.indefinite_before if words[0] in letters)
    return next(fitting, rules.indefinite[0])
