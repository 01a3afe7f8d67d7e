"""missions.toml against the model: words for what does not exist, operators without words, words with two meanings."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, zip_longest
from typing import Any, TypeVar

from neurosym.checking.declared import Declared
from neurosym.checking.finding import Finding, Sheet, did_you_mean
from neurosym.checking.places import TomlPlaces
from neurosym.errors import DomainError
from neurosym.language import Rules
from neurosym.language.grammar import MissionGrammar
from neurosym.language.rules import Pattern, Phrase, Slot, Template
from neurosym.language.rules_file import read_phrase, read_template

__all__ = ["check_words", "phrase_predicates"]

T = TypeVar("T")


def check_words(sheet: Sheet, known: Declared) -> list[Finding]:
    """Everything that is wrong with a missions.toml."""
    try:
        data = tomllib.loads(sheet.text)
    except tomllib.TOMLDecodeError as error:
        line, column = _place_in(str(error), sheet)
        return [sheet.find_at("words-unreadable", line, column, str(error).partition(" (at")[0])]
    lint = _WordsLint(sheet, known, data)
    lint.look()
    return lint.findings or _ask_the_reader(sheet)


def phrase_predicates(text: str) -> set[str]:
    """The predicates that phrases mean; empty where the text cannot be read."""
    try:
        phrases = tomllib.loads(text).get("phrases", [])
    except tomllib.TOMLDecodeError:
        return set()
    entries = phrases if isinstance(phrases, list) else []
    said = [str(entry.get("means", "")) for entry in entries if isinstance(entry, dict)]
    return {means.split()[0] for means in said if means.strip()}


def _place_in(message: str, sheet: Sheet) -> tuple[int, int]:
    """tomllib says the place in its message only: "(at line 3, column 5)" or "(at end of document)"."""
    numbers = [int(word.strip("),")) for word in message.split() if word.strip("),").isdecimal()]
    return (numbers[-2], numbers[-1]) if "(at line" in message else (max(1, len(sheet.text.splitlines())), 1)


def _ask_the_reader(sheet: Sheet) -> list[Finding]:
    """What the reader or the grammar complains about when nothing else was found."""
    places = TomlPlaces(sheet.text)
    try:
        rules = Rules.from_toml(sheet.path)
    except DomainError as error:
        message = str(error).removeprefix(f"{sheet.path}: ")
        return [sheet.find("words-syntax", _quoted_place(message, places), message)]
    try:
        MissionGrammar(rules)
    except DomainError as error:
        return [sheet.find("words-two-readings", _quoted_place(str(error), places), str(error))]
    return []


def _quoted_place(message: str, places: TomlPlaces) -> int:
    """The last string that the message quotes; the first phrase, if that is not found."""
    for quote in "\"'":
        quoted = message.partition(quote)[2].partition(quote)[0]
        if quoted and (found := places.last_string(quoted)):
            return found
    return places.header("phrases")


class _WordsLint:
    def __init__(self, sheet: Sheet, known: Declared, data: Mapping[str, Any]) -> None:
        self.sheet, self.known, self.data = sheet, known, data
        self.places = TomlPlaces(sheet.text)
        self.attributes = set(self._table("attributes"))
        self.findings: list[Finding] = []
        self.said: list[tuple[int, Phrase, Pattern]] = []  # each way to say a phrase, and where

    def look(self) -> None:
        for name in self._table("nouns"):
            if name not in self.known.types and name != "object":
                self._report("words-unknown-type", self.places.key("nouns", name), *self._no_type(name))
        entries = self.data.get("phrases", [])
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            self._look_at_phrase(number, entry)
        self._look_at_templates()
        for earlier, later in combinations(self.said, 2):
            self._compare_phrases(earlier, later)

    def _table(self, name: str) -> Mapping[str, Any]:
        value = self.data.get(name, {})
        return value if isinstance(value, dict) else {}

    def _report(self, code: str, where: int, message: str, suggestion: str = "") -> None:
        self.findings.append(self.sheet.find(code, where, message, suggestion))

    def _no_type(self, name: str) -> tuple[str, str]:
        return f"the model has no type {name}", did_you_mean(name, self.known.types)

    def _read(self, where: int, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValueError as error:
            quoted = str(error).partition("'")[2].partition("'")[0]
            self._report("words-syntax", (quoted and self.places.string(quoted, where)) or where, str(error))
            return None

    # phrases --------------------------------------------------------------------------------------------------------

    def _look_at_phrase(self, number: int, entry: Any) -> None:
        header = self.places.header("phrases", number)
        means = str(entry.get("means", "")) if isinstance(entry, dict) else ""
        where = self.places.string(means, header) if means else header
        wanted = self._wanted_types(where, means.split())
        phrase = self._read(where, lambda: read_phrase(entry, self.attributes))
        if phrase is None:
            return
        for text, pattern in zip(entry["say"], phrase.sayings, strict=True):
            spot = self.places.string(text, header)
            self.said.append((spot, phrase, pattern))
            self._check_slots(spot, pattern, dict(zip(phrase.variables, wanted, strict=False)))

    def _wanted_types(self, where: int, means: list[str]) -> list[str | None]:
        """The types that the predicate takes; none where it is not there or takes another number of arguments."""
        if not means:
            return []
        declared = self.known.predicates.get(means[0])
        if declared is None:
            hint = did_you_mean(means[0], self.known.predicates)
            self._report("words-unknown-predicate", where, f"the model has no predicate {means[0]}", hint)
        elif len(declared.parameters) != len(means) - 1:
            wanted = len(declared.parameters)
            message = f"{means[0]} takes {wanted} arguments, this phrase gives {len(means) - 1}"
            self._report("words-wrong-arguments", where, message, f"it is declared as {declared}")
        else:
            return [parameter.type for parameter in declared.parameters]
        return []

    def _check_slots(self, where: int, pattern: Pattern, wanted: Mapping[str, str | None]) -> None:
        for slot in _slots(pattern):
            if slot.type in self.attributes:
                continue
            if slot.type not in self.known.types and slot.type != "object":
                self._report("words-unknown-type", where, *self._no_type(slot.type))
            elif not self.known.is_a(slot.type, wanted.get(slot.name)):
                message = f"{{{slot.name}}} is a {slot.type}: the predicate takes a {wanted[slot.name]}"
                hint = f"write {{{slot.name}:{wanted[slot.name]}}}"
                self._report("words-wrong-arguments", where, message, hint)

    def _compare_phrases(
        self, earlier: tuple[int, Phrase, Pattern], later: tuple[int, Phrase, Pattern]
    ) -> None:
        """The most special sense is taken, so only equally special ones that a thing may fit both are ambiguous."""
        (spot, one, pattern), (where, other, again) = earlier, later
        if _meaning(one, pattern) == _meaning(other, again) or not self._alike(
            pattern, again, _slot_types(pattern), _slot_types(again)
        ):
            return
        depths = [
            sum(len(list(self.known.ancestors(slot.type))) for slot in _slots(said))
            for said in (pattern, again)
        ]
        if depths[0] == depths[1]:
            line = self.sheet.line_of(spot)
            message = f"this may mean {other.predicate} or, by line {line}, {one.predicate}"
            self._report("words-ambiguous-phrase", where, message)

    # operators ------------------------------------------------------------------------------------------------------

    def _look_at_templates(self) -> None:
        templates: list[tuple[int, Template]] = []
        for head, said in self._table("operators").items():
            where = self.places.key("operators", head)
            template = self._read_template(where, head, said)
            if template is not None and self._fits(where, template):
                templates.append((where, template))
        spoken = {head.split()[0] for head in self._table("operators") if head.split()}
        for name, action in self.known.actions.items():
            if name not in spoken:
                head = " ".join((name, *(parameter.name for parameter in action.parameters)))
                message = f"there are no words for the operator {name}"
                hint = f'add "{head}" = "…"'
                self._report("words-missing-template", self.places.header("operators"), message, hint)
        for one, other in combinations(templates, 2):
            self._compare_templates(one, other)

    def _read_template(self, where: int, head: str, said: Any) -> Template | None:
        try:
            return read_template(head, said)
        except ValueError as error:
            code = "words-wrong-parameters" if "is no parameter" in str(error) else "words-syntax"
            names = [word[1:] for word in head.split()[1:]]
            self._report(code, where, str(error), f"the parameters are {', '.join(names)}" if names else "")
            return None

    def _fits(self, where: int, template: Template) -> bool:
        action = self.known.actions.get(template.operator)
        if action is None:
            hint = did_you_mean(template.operator, self.known.actions)
            self._report(
                "words-unknown-operator", where, f"the model has no operator {template.operator}", hint
            )
            return False
        wanted = [parameter.name for parameter in action.parameters]
        if len(wanted) != len(template.parameters):
            message = f"{template.operator} takes {len(wanted)} arguments, got {len(template.parameters)}"
            hint = f"its parameters are {' '.join(wanted)}" if wanted else "it has no parameters"
            self._report("words-wrong-parameters", where, message, hint)
            return False
        return True

    def _compare_templates(self, one: tuple[int, Template], other: tuple[int, Template]) -> None:
        (spot, first), (where, second) = one, other
        types = [self._types_of(template) for template in (first, second)]
        if self._alike(first.pattern, second.pattern, *types):
            line = self.sheet.line_of(spot)
            message = f"{second.operator} is said like {first.operator} in line {line}"
            self._report("words-ambiguous-template", where, message)

    def _types_of(self, template: Template) -> list[str | None]:
        declared = self.known.actions[template.operator].parameters
        types = dict(zip(template.parameters, (entry.type for entry in declared), strict=True))
        return [types[f"?{slot.name}"] for slot in _slots(template.pattern)]

    def _alike(self, one: Pattern, other: Pattern, types: list[str | None], others: list[str | None]) -> bool:
        """The same words in the same order, about things that may be of the same types."""
        same = all(_words(part) == _words(again) for part, again in zip_longest(one, other))
        return same and all(self.known.overlap(*pair) for pair in zip(types, others, strict=True))


def _slots(pattern: Pattern) -> Iterator[Slot]:
    return (part for part in pattern if isinstance(part, Slot))


def _slot_types(pattern: Pattern) -> list[str | None]:
    return [slot.type for slot in _slots(pattern)]


def _words(part: str | Slot | None) -> str | None:
    """What is said, slots being all alike."""
    return "{}" if isinstance(part, Slot) else part.lower() if part else None


def _meaning(phrase: Phrase, pattern: Pattern) -> tuple[str, tuple[int, ...]]:
    """The predicate, and which slot each of its arguments is said in."""
    names = [slot.name for slot in _slots(pattern)]
    return phrase.predicate, tuple(names.index(variable) for variable in phrase.variables)
