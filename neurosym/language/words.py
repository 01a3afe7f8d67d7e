"""Text to words and back to one printable line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["Word", "join_idioms", "printable", "split_words"]

_PUNCTUATION = ","
_FINAL = ".!"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, and where it stood: `text[start:end]`."""

    text: str
    start: int
    end: int


def split_words(text: str) -> list[Word]:
    """The words of `text`. A comma is a word of its own; full stops at the very end are dropped."""
    text = text.rstrip().rstrip(_FINAL)
    words: list[Word] = []
    start = 0
    for place, character in enumerate(text + " "):
        if not character.isspace() and character not in _PUNCTUATION:
            continue
        if start < place:
            words.append(Word(text[start:place].lower(), start, place))
        if character in _PUNCTUATION:
            words.append(Word(character, place, place + 1))
        start = place + 1
    return words


def join_idioms(words: list[Word], idioms: Collection[str]) -> list[Word]:
    """The words, with each stretch that is an idiom, such as "and then", made one word. Longest first."""
    longest = max((len(split_words(idiom)) for idiom in idioms), default=1)
    known = {_spell(split_words(idiom)) for idiom in idioms}
    joined: list[Word] = []
    start = 0
    while start < len(words):
        ends = range(min(start + longest, len(words)), start + 1, -1)
        end = next((end for end in ends if _spell(words[start:end]) in known), start + 1)
        joined.append(Word(_spell(words[start:end]), words[start].start, words[end - 1].end))
        start = end
    return joined


def _spell(words: list[Word]) -> str:
    return " ".join(word.text for word in words).replace(" ,", ",")


def printable(text: str, limit: int = 60) -> str:
    """`text` on one line, control characters escaped, cut to about `limit` characters."""
    cut = text[:limit].strip() + ("…" if len(text) > limit else "")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
