"""Instructions as numbers, for controllers that hear them: one for each word, in the order in which they are said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from neurosym.language.rules import Rules, Slot
from neurosym.language.words import split_words

__all__ = ["NOTHING", "UNKNOWN", "Tokenizer", "instruction_words"]

NOTHING, UNKNOWN = 0, 1
"""The numbers of no word, which fills up short texts, and of any word that is not in the vocabulary."""

_FIRST = 2


def instruction_words(rules: Rules, more: Iterable[str] = ()) -> tuple[str, ...]:
    """Every word that instructions by these rules can hold, and `more`, each once, in alphabetical order."""
    said = [part for template in rules.templates for part in template.pattern if not isinstance(part, Slot)]
    said += [*rules.definite, *rules.indefinite, *(words[0] for _, words in rules.nouns)]
    said += [ways[0] for attribute in rules.attributes for _, ways in attribute.words]
    return tuple(sorted({word.text for text in (*said, *more) for word in split_words(text)}))


class Tokenizer:
    """Texts to numbers by a fixed vocabulary.

    Args:
        words: the vocabulary; the k-th has the number k + 2.
        length: how many words of a text are taken in; the rest goes unheard.

    Attributes:
        numbers: of each word.
    """

    def __init__(self, words: Sequence[str], length: int) -> None:
        self.length = length
        self.numbers = {word: number for number, word in enumerate(words, _FIRST)}

    def encode(self, text: str) -> NDArray[np.int32]:
        """int32[length], the numbers of the words of `text`, and then NOTHING."""
        heard = [self.numbers.get(word.text, UNKNOWN) for word in split_words(text)[: self.length]]
        return np.array(heard + [NOTHING] * (self.length - len(heard)), dtype=np.int32)
