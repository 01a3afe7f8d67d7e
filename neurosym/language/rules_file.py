"""missions.toml to `Rules`, with errors that name the file and the entry."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neurosym.errors import DomainError
from neurosym.language.rules import (
    Attribute,
    Connectives,
    Courtesies,
    Naming,
    Pattern,
    Phrase,
    References,
    Rules,
    Slot,
    Template,
    read_pattern,
)

__all__ = ["read_phrase", "read_rules", "read_template"]

_SECTIONS = (
    "articles",
    "nouns",
    "attributes",
    "connectives",
    "references",
    "courtesies",
    "phrases",
    "operators",
    "names",
    "alike",
    "beyond",
)


def read_rules(path: Path) -> Rules:
    """The rules in a TOML file; DomainError with one line when something is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _rules(data)
    except OSError as error:
        raise DomainError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DomainError(f"{path}: not a TOML file: {error}") from None
    except ValueError as error:
        raise DomainError(f"{path}: {error}") from None


def _rules(data: Mapping[str, Any]) -> Rules:
    if unknown := sorted(set(data) - set(_SECTIONS)):
        raise ValueError(f"unknown section [{unknown[0]}]: expected {', '.join(_SECTIONS)}")
    articles = _table(data, "articles")
    attributes = tuple(_attribute(name, entry) for name, entry in _table(data, "attributes").items())
    nouns = tuple((name, _strings(words, f"nouns.{name}")) for name, words in _table(data, "nouns").items())
    names = {attribute.name for attribute in attributes}
    return Rules(
        definite=_strings(articles.get("definite"), "articles.definite"),
        indefinite=_strings(articles.get("indefinite"), "articles.indefinite"),
        indefinite_before=_letters(_table(articles, "before")),
        nouns=nouns,
        attributes=attributes,
        connectives=_connectives(_table(data, "connectives")),
        phrases=tuple(read_phrase(entry, names) for entry in _list(data, "phrases")),
        templates=tuple(read_template(head, said) for head, said in _table(data, "operators").items()),
        naming=_naming(_table(data, "names"), names),
        references=References(**_lists(data, "references", ("pronouns", "same", "nouns"))),
        courtesies=Courtesies(**_lists(data, "courtesies", ("before", "after", "around"))),
        alike=tuple(_strings(words, f"alike.{name}") for name, words in _table(data, "alike").items()),
        beyond=_reasons(_table(data, "beyond")),
    )


def _connectives(table: Mapping[str, Any]) -> Connectives:
    return Connectives(
        both=_strings(table.get("both"), "connectives.both"),
        then=_strings(table.get("then"), "connectives.then"),
        **{
            name: _strings(table.get(name, []), f"connectives.{name}", least=0)
            for name in ("after", "before", "comma", "stop")
        },
    )


def _lists(data: Mapping[str, Any], section: str, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """A section of nothing but lists of words, each of which may be left out."""
    table = _table(data, section)
    if unknown := sorted(set(table) - set(names)):
        raise ValueError(f"{section}.{unknown[0]} means nothing here: expected {', '.join(names)}")
    return {name: _strings(table.get(name, []), f"{section}.{name}", least=0) for name in names}


def _reasons(table: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Each word that is never understood with the reason it stands under."""
    return tuple((said, why) for why, words in table.items() for said in _strings(words, f"beyond.{why}"))


def _letters(table: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _string(letters, f"articles.before.{name}")) for name, letters in table.items())


def _attribute(name: str, entry: Any) -> Attribute:
    where = f"attributes.{name}"
    if not isinstance(entry, dict) or entry.get("place") not in ("before", "after"):
        raise ValueError(f'[{where}]: place must be "before" or "after" (the noun)')
    words = tuple(
        (value, _strings(said, f"{where}.words.{value}")) for value, said in _table(entry, "words").items()
    )
    return Attribute(name, entry["place"] == "before", words)


def read_phrase(entry: Any, attributes: set[str]) -> Phrase:
    """One of `[[phrases]]`; ValueError says what is wrong with it. `attributes`: the names of all attributes."""
    means = _string(entry.get("means") if isinstance(entry, dict) else None, "phrases.means").split()
    if not means or not all(variable.startswith("?") for variable in means[1:]):
        raise ValueError(f'phrases: means must read "predicate ?slot …", not {" ".join(means)!r}')
    variables = tuple(variable[1:] for variable in means[1:])
    sayings = _strings(entry.get("say"), f"phrases ({means[0]}).say")
    return Phrase(means[0], variables, tuple(_saying(text, variables, attributes) for text in sayings))


def _saying(text: str, variables: tuple[str, ...], attributes: set[str]) -> Pattern:
    pattern = _pattern(text)
    slots = {part.name: part.type for part in pattern if isinstance(part, Slot)}
    if missing := [name for name in variables if name not in slots]:
        raise ValueError(f"{text!r}: no slot {{{missing[0]}}}, which its meaning needs")
    if untyped := [name for name, type_name in slots.items() if not type_name]:
        raise ValueError(f"{text!r}: write {{{untyped[0]}:TYPE}}")
    if plain := [name for name in variables if slots[name] in attributes]:
        raise ValueError(f"{text!r}: slot {{{plain[0]}}} is an attribute, and its meaning needs a thing")
    if not pattern or not isinstance(pattern[0], str):
        raise ValueError(f"{text!r}: a phrase starts with a word")
    return pattern


def read_template(head: str, said: Any) -> Template:
    """One of `[operators]`; ValueError says what is wrong with it."""
    operator, *parameters = head.split()
    if not all(parameter.startswith("?") for parameter in parameters):
        raise ValueError(f'operators: write "operator ?parameter …", not {head!r}')
    pattern = _pattern(_string(said, f"operators.{head}"))
    for part in pattern:
        if isinstance(part, Slot) and f"?{part.name}" not in parameters:
            raise ValueError(f"operators.{head}: {{{part.name}}} is no parameter")
    return Template(operator, tuple(parameters), pattern)


def _naming(table: Mapping[str, Any], attributes: set[str]) -> Naming:
    naming = Naming(
        unseen=_string(table.get("unseen", "unseen"), "names.unseen"),
        number=_string(table.get("number", ""), "names.number"),
    )
    if naming.number and naming.number not in attributes:
        raise ValueError(f"names.number: {naming.number!r} is no attribute")
    return naming


def _pattern(text: str) -> Pattern:
    try:
        return read_pattern(text)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise ValueError(f"{key} must be a table")
    return value


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key} must be written [[{key}]]")
    return value


def _string(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where} must be a string")
    return value


def _strings(value: Any, where: str, least: int = 1) -> tuple[str, ...]:
    words: list[Any] = value if isinstance(value, list) else [None]
    if len(words) < least or not all(isinstance(item, str) and item.strip() for item in words):
        raise ValueError(f"{where} must be a list of words")
    return tuple(words)
