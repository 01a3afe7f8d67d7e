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
?start: group | group (then later)+ -> forward | group (after group)+ -> backward
group: clause (both member)*
later: member (both member)*
?member: clause | np -> repeated
np: article before* noun after_noun*
"""


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
        self.idioms = Idioms((*joining.both, *joining.then, *joining.after))
        self.labels: dict[str, str] = {}
        self.meaning: dict[str, Any] = {}
        self._lines = [_SENTENCES]
        self._nevers = [_UNKNOWN]
        self._kinds = {attribute.name: f"value_{n}" for n, attribute in enumerate(rules.attributes)}
        self._add_phrases(rules)
        self._add_nouns(rules)
        for attribute in rules.attributes:
            self._add_attribute(attribute)
        self._choose("before", [a for a in rules.attributes if a.before])
        self._choose("after_noun", [a for a in rules.attributes if not a.before])
        for name, sayings in (("both", joining.both), ("then", joining.then), ("after", joining.after)):
            self._add(name, [(said, None) for said in sayings], min(sayings, key=len, default=""))

    def _add_nouns(self, rules: Rules) -> None:
        articles = [(said, True) for said in rules.definite] + [(said, False) for said in rules.indefinite]
        self._add("article", articles)
        types_of: dict[str, tuple[str, ...]] = {}
        for type_name, words in rules.nouns:
            for said in words:
                types_of[said] = (*types_of.get(said, ()), type_name)
        self._add("noun", types_of.items())

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
        texts = [word.text for word in self.idioms.join(split_words(words))]
        if not texts:
            raise DomainError(f"the rules have a saying without words: {words!r}")
        return " ".join(self.terminals.setdefault(text, f"_W{len(self.terminals)}") for text in texts)

    def _add(self, name: str, meanings: Iterable[tuple[str, Any]], label: str = "") -> None:
        """A rule with one alternative per saying; `label` is what error messages call it."""
        spelled: dict[str, Any] = {}
        for said, meaning in meanings:
            if spelled.setdefault(self.spell(said), meaning) != meaning:
                raise DomainError(f'the rules can be read in two ways: "{said}"')
        if label:
            self.labels.update({expansion.split()[0]: label for expansion in spelled})
        self._alternatives(name, spelled)

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
        return "\n".join((*self._lines, f"%declare {' '.join((*self.terminals.values(), *self._nevers))}"))


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
        words = self._idioms.join(split_words(mission))
        try:
            tree = self._parser.parse([self._token(word) for word in words])  # type: ignore[arg-type]
        except UnexpectedToken as error:
            raise self._refusal(mission, words, error) from None
        return Reader(mission, self._meaning, self._order).stages(tree)

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
        possible = [word for terminal, word in self._words.items() if terminal in accepted]
        near = difflib.get_close_matches(error.token[:40], possible, n=3, cutoff=0.7)
        hint = f"nearest: {', '.join(near)}" if near else f"expected {expected}"
        return refusal(mission, fragment, "is not understood in", hint)

    def _expected(self, accepted: set[str]) -> str:
        """What could stand here, in the order of the rules; ways to say the same count as one."""
        if len(accepted) == 1:
            return self._words.get(next(iter(accepted)), "the end")
        labels = [self._labels.get(name, word) for name, word in self._words.items() if name in accepted]
        labels = list(dict.fromkeys(labels)) + ["the end"] * (_END in accepted)
        return ", ".join(labels[:_SHOWN]) + (", …" if len(labels) > _SHOWN else "")

    def _fragment(self, mission: str, words: list[Word], token: Token) -> str:
        """The refused word and the unknown words that follow it, without a comma in front."""
        index = last = next(i for i, word in enumerate(words) if word.start == token.start_pos)
        while last + 1 < len(words) and words[last + 1].text not in self._terminals:
            last += 1
        text = mission[words[index].start : words[last].end]
        return text.lstrip(", ") or text

    def _explain(self, text: str) -> str:
        for terminal, word in sorted(self._words.items(), key=lambda item: -len(item[0])):
            text = text.replace(terminal, f'"{word}"')
        return printable(text.splitlines()[0], 200)
