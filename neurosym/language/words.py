"""Text to words, and words that were refused to one printable line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from neurosym.errors import MissionError

__all__ = ["Idioms", "Word", "printable", "refusal", "split_words"]

_COMMA = ","
_STOPS = ".;!?"
_FINAL = ".!?"
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, and where it stood: `text[start:end]`."""

    text: str
    start: int
    end: int


def split_words(text: str, whole: bool = True) -> list[Word]:
    """The words of `text`. A comma is a word of its own, and so is what ends a sentence.

    Args:
        whole: what ends the last sentence is dropped.
    """
    text = text.translate(_APOSTROPHES)
    if whole:
        text = text.rstrip().rstrip(_FINAL)
    words: list[Word] = []
    start = 0
    for place, character in enumerate(text + " "):
        stops = character == _COMMA or (character in _STOPS and text[place + 1 : place + 2].strip() == "")
        if not character.isspace() and not stops:
            continue
        if start < place:
            words.append(Word(text[start:place].lower(), start, place))
        if stops:
            words.append(Word(character, place, place + 1))
        start = place + 1
    return words


class Idioms:
    """Stretches of words that count as one word, such as "and then"."""

    def __init__(self, sayings: Iterable[str]) -> None:
        spelled = [split_words(saying, whole=False) for saying in sayings]
        self._known = frozenset(_spell(words) for words in spelled)
        self._longest = max(map(len, spelled), default=1)

    def join(self, words: list[Word]) -> list[Word]:
        """The words, with each idiom made one; the longest wins."""
        joined: list[Word] = []
        start = 0
        while start < len(words):
            ends = range(min(start + self._longest, len(words)), start + 1, -1)
            end = next((end for end in ends if _spell(words[start:end]) in self._known), start + 1)
            joined.append(Word(_spell(words[start:end]), words[start].start, words[end - 1].end))
            start = end
        return joined


def _spell(words: list[Word]) -> str:
    return " ".join(word.text for word in words).replace(" ,", ",")


def printable(text: str, limit: int = 60) -> str:
    """`text` on one line, control characters escaped, cut to about `limit` characters."""
    cut = text[:limit].strip() + ("…" if len(text) > limit else "")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


def refusal(mission: str, text: str, verdict: str, reason: str) -> MissionError:
    """ "spoon" is not understood in "go to the spoon": expected …"""
    fragment = printable(text)
    message = f'"{fragment}" {verdict} "{printable(mission, 120)}": {reason}'
    return MissionError(message, mission=mission, fragment=fragment)
