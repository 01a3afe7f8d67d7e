"""The mission grammar that a set of rules spans, parsed with lark (LALR, one pass, linear in the words).

Imported when the first mission is parsed. The grammar knows words, not types: whether a ball can be opened is
asked afterwards, so that the answer can say so.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from lark import Lark, Token
from lark.exceptions import GrammarError, UnexpectedToken
from lark.lexer import Lexer

from neurosym.errors import DomainError, MissionError
from neurosym.language.joining import ways_to_join, with_commas
from neurosym.language.reading import Clause, Reader
from neurosym.language.rules import Attribute, Pattern, Phrase, Rules, Slot
from neurosym.language.words import Idioms, Word, printable, refusal, split_words

__all__ = ["MISSION_LIMIT", "MissionGrammar"]

MISSION_LIMIT = 2000
"""Characters in a mission: a page of text, far more than the longest sentence the grammar is meant for."""

_SHOWN = 12
_SOME = 4
_END = "$END"
_UNKNOWN = "UNKNOWN"

_SENTENCES = """
start: sentence (stop sentence)*
?sentence: group (onward later)* -> forward
         | group (after group)+ -> backward
         | after first comma group (onward later)* -> forward
         | before first comma group -> backward
group: act (joint member)*
later: member (joint member)*
first: act (both member)*
?joint: both | comma
?onward: then | before
?member: act | np closing* -> repeated
act: opening* clause closing*
?opening: courtesy_before | courtesy_around
?closing: courtesy_after | courtesy_around
np: article before_noun* noun after_noun*
  | same before_noun* noun after_noun*
  | pronoun
"""
_UNTOLD = (
    "_COMMA",
    "_STOP",
    "_COURTESY",
)  # these terminals go without saying where something else is expected
_CLOSING = ("_COURTESY_AFTER", "_COURTESY_AROUND")
_COURTESIES = ("before", "after", "around")
_TURNS = '"{}" and "{}" in one sentence can be read in two ways; make two sentences of it'


class _Words(Lexer):
    """The words are tokens already."""

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, data: Iterable[Token]) -> Iterator[Token]:
        return iter(data)


class _Builder:
    """Writes the grammar; every alternative is named, and `meaning` says what the name stands for."""

    def __init__(self, rules: Rules) -> None:
        self.terminals: dict[str, str] = {}
        joining = rules.connectives
        courtesies = {name: with_commas(getattr(rules.courtesies, name), joining) for name in _COURTESIES}
        ways = ways_to_join(joining)
        groups = (*ways.values(), *courtesies.values(), *rules.alike)
        self.idioms = Idioms(said for sayings in groups for said in sayings)
        self.labels: dict[str, str] = {}
        self.meaning: dict[str, Any] = {}
        self.turns: dict[str, str] = {}
        self._lines = [_SENTENCES]
        self._nevers = [_UNKNOWN]
        self._kinds = {attribute.name: f"value_{n}" for n, attribute in enumerate(rules.attributes)}
        for name, sayings in ways.items():
            label = min(getattr(joining, name), key=len, default="")
            self._add_alike(name, sayings, label)
            self.turns.update({self.spell(said): name for said in sayings})
        for name, sayings in courtesies.items():
            self._add_alike(f"courtesy_{name}", sayings, min(sayings, key=len, default=""))
        for number, sayings in enumerate(rules.alike):
            self._share(f"_ALIKE{number}", sayings)
        self._add_phrases(rules)
        self._add_nouns(rules)
        for attribute in rules.attributes:
            self._add_attribute(attribute)
        self._choose("before_noun", [a for a in rules.attributes if a.before])
        self._choose("after_noun", [a for a in rules.attributes if not a.before])
        self._add("same", [(said, None) for said in rules.references.same])
        self._add("pronoun", [(said, None) for said in rules.references.pronouns])

    def _add_nouns(self, rules: Rules) -> None:
        articles = [(said, True) for said in rules.definite] + [(said, False) for said in rules.indefinite]
        self._add("article", articles)
        types_of: dict[str, tuple[str, ...]] = {}
        for type_name, words in rules.nouns:
            for said in words:
                types_of[said] = (*types_of.get(said, ()), type_name)
        self._add("noun", [*types_of.items(), *((said, ()) for said in rules.references.nouns)])

    def _add_attribute(self, attribute: Attribute) -> None:
        ways = [(said, (attribute.name, value)) for value, sayings in attribute.words for said in sayings]
        usual = [sayings[0] for _, sayings in attribute.words]
        some = ", ".join(usual[:_SOME]) + (", …" if len(usual) > _SOME else "")
        self._add(self._kinds[attribute.name], ways, f"{attribute.name} ({some})" if len(usual) > 1 else some)

    def _add_phrases(self, rules: Rules) -> None:
        senses: dict[str, tuple[tuple[Phrase, Pattern], ...]] = {}
        for phrase in rules.phrases:
            for pattern in phrase.sayings:
                parts = (
                    self._kinds.get(p.type, "np") if isinstance(p, Slot) else self.spell(p) for p in pattern
                )
                expansion = " ".join(parts)
                self.labels.setdefault(expansion.split()[0], str(phrase.sayings[0][0]))
                senses[expansion] = (*senses.get(expansion, ()), (phrase, pattern))
        self._alternatives("clause", senses)

    def spell(self, words: str) -> str:
        """The terminals of a stretch of words; a leading underscore keeps them out of the tree."""
        return " ".join(
            self.terminals.setdefault(text, f"_W{len(self.terminals)}") for text in self._joined(words)
        )

    def _joined(self, words: str) -> list[str]:
        return [word.text for word in self.idioms.join(split_words(words, whole=False))]

    def _add(self, name: str, meanings: Iterable[tuple[str, Any]], label: str = "") -> None:
        """A rule with one alternative per saying; `label` is what error messages call it."""
        spelled: dict[str, Any] = {}
        for said, meaning in meanings:
            if spelled.setdefault(self.spell(said), meaning) != meaning:
                raise DomainError(f'the rules can be read in two ways: "{said}"')
        if label:
            self.labels.update({expansion.split()[0]: label for expansion in spelled})
        self._alternatives(name, spelled)

    def _add_alike(self, name: str, sayings: Iterable[str], label: str) -> None:
        """A rule whose sayings make no difference."""
        self._share(f"_{name.upper()}", sayings)
        self._add(name, [(said, None) for said in sayings], label)

    def _share(self, terminal: str, sayings: Iterable[str]) -> None:
        """One terminal for all sayings, which keeps the tables of the parser small."""
        for said in sayings:
            if self.terminals.setdefault(self._joined(said)[0], terminal) != terminal:
                raise DomainError(f'the rules can be read in two ways: "{said}"')

    def _choose(self, name: str, attributes: list[Attribute]) -> None:
        names = " | ".join(self._kinds[attribute.name] for attribute in attributes)
        self._lines.append(f"?{name}: {names or self._never(name)}")

    def _alternatives(self, name: str, meanings: dict[str, Any]) -> None:
        aliases = []
        for index, (expansion, meaning) in enumerate(meanings.items()):
            alias = f"{name}_{index}"
            self.meaning[alias] = meaning
            aliases.append(f"{expansion} -> {alias}")
        self._lines.append(f"{name}: {' | '.join(aliases) or self._never(name)}")

    def _never(self, name: str) -> str:
        """A terminal that no word has, one for each rule without alternatives: shared, they would be ambiguous."""
        self._nevers.append(f"NEVER_{name.upper()}")
        return self._nevers[-1]

    @property
    def text(self) -> str:
        return "\n".join(
            (*self._lines, f"%declare {' '.join(dict.fromkeys((*self.terminals.values(), *self._nevers)))}")
        )


class MissionGrammar:
    """Parses missions into clauses; one per set of rules.

    Raises:
        DomainError: the rules can be read in two ways.
    """

    def __init__(self, rules: Rules) -> None:
        builder = _Builder(rules)
        self._meaning = builder.meaning
        self._terminals = builder.terminals
        self._idioms = builder.idioms
        self._labels = builder.labels
        self._words = {terminal: word for word, terminal in reversed(builder.terminals.items())}
        self._turns = builder.turns
        self._beyond = dict(rules.beyond)
        self._order = {attribute.name: place for place, attribute in enumerate(rules.attributes)}
        try:
            self._parser = Lark(
                builder.text, parser="lalr", lexer=_Words, strict=True, propagate_positions=True
            )
        except GrammarError as error:
            raise DomainError(f"the rules can be read in two ways: {self._explain(str(error))}") from None

    def parts(self, mission: str) -> list[tuple[int, int]]:
        """Where the stretches of words between connectives begin and end, understood or not."""
        parts: list[tuple[int, int]] = []
        begun = False
        for word in self._words_of(mission):
            if self._terminals.get(word.text) in self._turns:
                begun = False
            else:
                parts[-1:] = [(parts[-1][0], word.end)] if begun else [*parts[-1:], (word.start, word.end)]
                begun = True
        return parts

    def parse(self, mission: str) -> tuple[tuple[Clause, ...], ...]:
        """The clauses in the order in which they are to be done: stages of clauses that go together.

        Raises:
            MissionError: with the part that was not understood, and what was expected there.
        """
        if len(mission) > MISSION_LIMIT:
            raise MissionError(
                f"the mission is too long: {len(mission)} characters, at most {MISSION_LIMIT} are read",
                mission=mission,
                fragment=printable(mission),
            )
        words = self._words_of(mission)
        try:
            tree = self._parser.parse([self._token(word) for word in words])  # type: ignore[arg-type]
        except UnexpectedToken as error:
            raise self._refusal(mission, words, error) from None
        return Reader(mission, self._meaning, self._order).stages(tree)

    def _words_of(self, mission: str) -> list[Word]:
        """The words and idioms; a comma before the courtesy that ends a sentence joins nothing and is left out."""
        words = self._idioms.join(split_words(mission))
        kinds = [self._terminals.get(word.text, "") for word in words] + ["_STOP"]
        return [
            word
            for place, word in enumerate(words)
            if kinds[place : place + 3] not in (["_COMMA", kind, "_STOP"] for kind in _CLOSING)
        ]

    def _token(self, word: Word) -> Token:
        terminal = self._terminals.get(word.text, _UNKNOWN)
        return Token(
            terminal, word.text, start_pos=word.start, end_pos=word.end, line=1, column=word.start + 1
        )

    def _refusal(self, mission: str, words: list[Word], error: UnexpectedToken) -> MissionError:
        accepted = error.accepts or set()
        expected = self._expected(accepted)
        if not words:
            return MissionError(f"the mission is empty: expected {expected}", mission=mission)
        if error.token.type == _END:
            return refusal(mission, words[-1].text, "cannot end", f"expected {expected}")
        fragment = self._fragment(mission, words, error.token)
        possible = [word for word, terminal in self._terminals.items() if terminal in accepted]
        near = difflib.get_close_matches(error.token[:40], possible, n=3, cutoff=0.7)
        hint = f"nearest: {', '.join(near)}" if near else f"expected {expected}"
        hint = self._reason(fragment, words, error.token) or hint
        return refusal(mission, fragment, "is not understood in", hint)

    def _reason(self, fragment: str, words: list[Word], token: Token) -> str:
        """Why these words cannot be understood where they stand, if that can be told."""
        for word in split_words(fragment):
            if word.text in self._beyond:
                return self._beyond[word.text]
        turns = {self._turns.get(self._terminals.get(word.text, "")): word for word in words}
        if self._turns.get(token.type) in ("then", "after") and {"then", "after"} <= turns.keys():
            return _TURNS.format(turns["then"].text, turns["after"].text)
        return ""

    def _expected(self, accepted: set[str]) -> str:
        """What could stand here, in the order of the rules; ways to say the same count as one."""
        if len(accepted) == 1:
            return self._words.get(next(iter(accepted)), "the end")
        terminals = [name for name in dict.fromkeys(self._terminals.values()) if not name.startswith(_UNTOLD)]
        terminals.sort(key=lambda name: name in self._turns)  # how to go on comes last
        labels = [self._labels.get(name, self._words[name]) for name in terminals if name in accepted]
        labels = list(dict.fromkeys(labels)) + ["the end"] * (_END in accepted)
        return ", ".join(labels[:_SHOWN]) + (", …" if len(labels) > _SHOWN else "")

    def _fragment(self, mission: str, words: list[Word], token: Token) -> str:
        """The refused word and the unknown words that follow it, without a comma in front."""
        index = last = next(i for i, word in enumerate(words) if word.start == token.start_pos)
        while last + 1 < len(words) and words[last + 1].text not in self._terminals:
            last += 1
        text = mission[words[index].start : words[last].end]
        return text.lstrip(", .;") or text

    def _explain(self, text: str) -> str:
        for terminal, word in sorted(self._words.items(), key=lambda item: -len(item[0])):
            text = text.replace(terminal, f'"{word}"')
        return printable(text.splitlines()[0], 200)
