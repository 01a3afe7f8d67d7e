"""What a policy sees that hears words: what is around, things told in words, an instruction. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.options.features import FeatureSpec

__all__ = ["HearingSpec"]


@dataclass(frozen=True, slots=True)
class HearingSpec:
    """The sizes that a network that hears words and its features must agree on, and the vocabulary.

    The features are those of `neurosym.options.Features`. A row of `sparse` holds, one after the other: `width` rows of
    the table, of what is around, which say nothing of the instruction; `things` times the numbers of up to `said` words
    that tell what a thing is, 0 for none, and a row of the table of places, where it is; the numbers of the
    instruction's words.

    Attributes:
        rows: rows of the table of what is around, the padding row 0 included; at least 2.
        width: the most such rows of a state; at least 1.
        things: the most things that a state tells of; at least 1.
        said: the most words that tell what a thing is; at least 1.
        places: rows of the table of places; 0 stands for no place.
        dense: length of the dense vector.
        actions: number of primitive actions.
        words: the vocabulary, of instructions and of what things are told in; the k-th word has the number k + 2, since
            0 is no word and 1 a word that is not among them.
        length: how many words of an instruction are heard.

    Raises:
        ValueError: a size is out of range, or a word is twice in the vocabulary.
    """

    rows: int
    width: int
    things: int
    said: int
    places: int
    dense: int
    actions: int
    words: tuple[str, ...]
    length: int = 16

    def __post_init__(self) -> None:
        for name in ("things", "said", "places", "length"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
        if len(set(self.words)) != len(self.words) or not all(isinstance(word, str) for word in self.words):
            raise ValueError("words must be strings that are all different")
        FeatureSpec(self.rows, self.width, self.dense, self.actions)

    @property
    def features(self) -> FeatureSpec:
        """The sizes as any learner knows them; `rows` are those of the table of what is around."""
        return FeatureSpec(self.rows, self.described + self.length, self.dense, self.actions)

    @property
    def described(self) -> int:
        """How many columns of `sparse` tell what is around; the words of the instruction come behind them."""
        return self.width + self.things * (self.said + 1)

    @property
    def numbers(self) -> int:
        """How many numbers words can have."""
        return len(self.words) + 2
