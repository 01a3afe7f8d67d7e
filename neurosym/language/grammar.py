"""The mission grammar that a set of rules spans, parsed with lark (LALR, one pass, linear in the words).

Imported when the first mission is parsed. The grammar knows words, not types: whether a ball can be opened is
asked afterwards, so that the answer can say so.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import GrammarError, UnexpectedToken
from lark.lexer import Lexer

from neurosym.errors import DomainError, MissionError
from neurosym.language.rules import Attribute, Pattern, Phrase, Rules, Slot
from neurosym.language.words import Word, join_idioms, printable, split_words

__all__ = ["MISSION_LIMIT", "Clause", "MissionGrammar", "NounPhrase"]

MISSION_LIMIT = 2000
"""Characters in a mission; the longest that BabyAI makes have about 300."""

_SHOWN = 12
_END = "$END"
_UNKNOWN = "UNKNOWN"

_SENTENCES = """
?start: group | group (then later)+ -> forward | group (after group)+ -> backward
group: clause (both member)*
later: member (both member)*
?member: clause | np -> repeated
np: article before* noun after_noun*
"""


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """A thing as it was said.

    Attributes:
        types: every type the noun may stand for.
        text: the words as written.
    """

    types: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    definite: bool
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A phrase as it was said.

    Attributes:
        senses: the phrases it may be, each with the pattern whose slots the `things` fill in order.
        things: noun phrases, and a plain value where the slot takes an attribute.
    """

    senses: tuple[tuple[Phrase, Pattern], ...]
    things: tuple[NounPhrase | str, ...]
    text: str


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
        self.idioms = frozenset((*joining.both, *joining.then, *joining.after))
        self.meaning: dict[str, Any] = {}
        self._lines = [_SENTENCES]
        self._add_nouns(rules)
        for attribute in rules.attributes:
            ways = {
                said: (attribute.name, value) for value, said_ways in attribute.words for said in said_ways
            }
            self.rule(f"value_{attribute.name}", ways)
        self.choice("before", [a for a in rules.attributes if a.before])
        self.choice("after_noun", [a for a in rules.attributes if not a.before])
        for name in ("both", "then", "after"):
            self.rule(name, dict.fromkeys(getattr(rules.connectives, name)))
        self._add_phrases(rules)

    def _add_nouns(self, rules: Rules) -> None:
        articles = dict.fromkeys(rules.indefinite, False) | dict.fromkeys(rules.definite, True)
        self.rule("article", articles)
        types_of: dict[str, tuple[str, ...]] = {}
        for type_name, words in rules.nouns:
            for said in words:
                types_of[said] = (*types_of.get(said, ()), type_name)
        self.rule("noun", types_of)

    def _add_phrases(self, rules: Rules) -> None:
        kinds = {attribute.name: f"value_{attribute.name}" for attribute in rules.attributes}
        senses: dict[str, tuple[tuple[Phrase, Pattern], ...]] = {}
        for phrase in rules.phrases:
            for pattern in phrase.sayings:
                parts = (kinds.get(p.type, "np") if isinstance(p, Slot) else self.spell(p) for p in pattern)
                expansion = " ".join(parts)
                senses[expansion] = (*senses.get(expansion, ()), (phrase, pattern))
        self._alternatives("clause", senses)

    def spell(self, words: str) -> str:
        """The terminals of a stretch of words; a leading underscore keeps them out of the tree."""
        texts = [word.text for word in join_idioms(split_words(words), self.idioms)]
        return " ".join(self.terminals.setdefault(text, f"_W{len(self.terminals)}") for text in texts)

    def rule(self, name: str, meanings: dict[str, Any]) -> None:
        self._alternatives(name, {self.spell(said): meaning for said, meaning in meanings.items()})

    def choice(self, name: str, attributes: list[Attribute]) -> None:
        names = " | ".join(f"value_{attribute.name}" for attribute in attributes)
        self._lines.append(f"?{name}: {names or _UNKNOWN}")

    def _alternatives(self, name: str, meanings: dict[str, Any]) -> None:
        aliases = []
        for index, (expansion, meaning) in enumerate(meanings.items()):
            alias = f"{name}_{index}"
            self.meaning[alias] = meaning
            aliases.append(f"{expansion} -> {alias}")
        self._lines.append(f"{name}: {' | '.join(aliases) or _UNKNOWN}")

    @property
    def text(self) -> str:
        return "\n".join((*self._lines, f"%declare {' '.join((*self.terminals.values(), _UNKNOWN))}"))


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
        self._words = {terminal: word for word, terminal in builder.terminals.items()}
        self._order = {attribute.name: place for place, attribute in enumerate(rules.attributes)}
        try:
            self._parser = Lark(
                builder.text, parser="lalr", lexer=_Words, strict=True, propagate_positions=True
            )
        except GrammarError as error:
            raise DomainError(f"the rules can be read in two ways: {self._explain(str(error))}") from None

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
        words = join_idioms(split_words(mission), self._idioms)
        try:
            tree = self._parser.parse([self._token(word) for word in words])  # type: ignore[arg-type]
        except UnexpectedToken as error:
            raise self._refusal(mission, words, error) from None
        return _Reader(mission, self._meaning, self._order).stages(tree)

    def _token(self, word: Word) -> Token:
        terminal = self._terminals.get(word.text, _UNKNOWN)
        return Token(
            terminal, word.text, start_pos=word.start, end_pos=word.end, line=1, column=word.start + 1
        )

    def _refusal(self, mission: str, words: list[Word], error: UnexpectedToken) -> MissionError:
        expected = sorted(
            self._words.get(name, "the end") for name in (error.accepts or ()) if name != _UNKNOWN
        )
        shown = ", ".join(expected[:_SHOWN]) + (", …" if len(expected) > _SHOWN else "")
        if not words:
            return MissionError(f"the mission is empty: expected {shown}", mission=mission)
        if error.token.type == _END:
            message = f'"{printable(mission)}" ends too early: expected {shown}'
            return MissionError(message, mission=mission, fragment=printable(words[-1].text))
        fragment = printable(self._fragment(mission, words, error.token))
        near = difflib.get_close_matches(error.token[:40], expected, n=3, cutoff=0.6)
        hint = f"nearest: {', '.join(near)}" if near else f"expected {shown}"
        message = f'"{fragment}" is not understood in "{printable(mission, 120)}": {hint}'
        return MissionError(message, mission=mission, fragment=fragment)

    def _fragment(self, mission: str, words: list[Word], token: Token) -> str:
        """The refused word and the unknown words that follow it."""
        index = next(i for i, word in enumerate(words) if word.start == token.start_pos)
        last = index
        while last + 1 < len(words) and words[last + 1].text not in self._terminals:
            last += 1
        return mission[words[index].start : words[last].end]

    def _explain(self, text: str) -> str:
        for terminal, word in sorted(self._words.items(), key=lambda item: -len(item[0])):
            text = text.replace(terminal, f'"{word}"')
        return printable(text.splitlines()[0], 200)


class _Reader:
    """Parse tree to clauses, for one mission."""

    def __init__(self, mission: str, meaning: dict[str, Any], order: dict[str, int]) -> None:
        self._mission, self._meaning, self._order = mission, meaning, order
        self._previous: Clause | None = None

    def stages(self, tree: Tree[Token]) -> tuple[tuple[Clause, ...], ...]:
        readers: dict[str, Callable[[Tree[Token]], list[tuple[Clause, ...]]]] = {
            "group": lambda group: [self._group(group)],
            "forward": self._groups,
            "backward": lambda whole: self._groups(whole)[::-1],
        }
        return tuple(readers[tree.data](tree))

    def _groups(self, tree: Tree[Token]) -> list[tuple[Clause, ...]]:
        return [self._group(child) for child in _trees(tree) if child.data in ("group", "later")]

    def _group(self, tree: Tree[Token]) -> tuple[Clause, ...]:
        clauses = []
        for child in _trees(tree):
            if child.data == "repeated":
                clauses.append(self._repeat(child))
            elif child.data.startswith("clause"):
                clauses.append(self._clause(child))
            else:
                continue
            self._previous = clauses[-1]
        return tuple(clauses)

    def _clause(self, tree: Tree[Token]) -> Clause:
        things = tuple(
            self._noun_phrase(child) if child.data == "np" else self._meaning[child.data][1]
            for child in _trees(tree)
        )
        return Clause(self._meaning[tree.data], things, self._text(tree))

    def _repeat(self, tree: Tree[Token]) -> Clause:
        """ "open the red door then the blue door": the verb of the clause before."""
        thing = self._noun_phrase(next(_trees(tree)))
        if self._previous is None or len(self._previous.things) != 1:
            raise self._error(thing.text, "it is not said what to do with it")
        return Clause(self._previous.senses, (thing,), thing.text)

    def _noun_phrase(self, tree: Tree[Token]) -> NounPhrase:
        found: dict[str, list[Any]] = {"article": [], "noun": [], "value": []}
        for child in _trees(tree):
            found[child.data.partition("_")[0]].append(self._meaning[child.data])
        attributes = sorted(found["value"], key=lambda pair: self._order[pair[0]])
        text = self._text(tree)
        for (name, value), (next_name, next_value) in zip(attributes, attributes[1:], strict=False):
            if name == next_name:
                raise self._error(text, f"{name} is said twice: {value}, {next_value}")
        return NounPhrase(found["noun"][0], tuple(attributes), found["article"][0], text)

    def _text(self, tree: Tree[Token]) -> str:
        return self._mission[tree.meta.start_pos : tree.meta.end_pos]

    def _error(self, text: str, reason: str) -> MissionError:
        fragment = printable(text)
        message = f'"{fragment}" is not understood in "{printable(self._mission, 120)}": {reason}'
        return MissionError(message, mission=self._mission, fragment=fragment)


def _trees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    return (child for child in tree.children if isinstance(child, Tree))
