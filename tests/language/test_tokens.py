"""Texts to numbers: a vocabulary of one's own rules, in the order in which words are said."""

import pytest

from neurosym.language import Tokenizer, instruction_words
from neurosym.language.tokens import NOTHING, UNKNOWN
from neurosym.symbols import Operator


def test_every_word_of_every_instruction_is_known(rules, translator):
    words = instruction_words(rules)
    tokenizer = Tokenizer(words, 12)
    for step in (
        Operator("wash", ("big_cup_2", "hall")),
        Operator("carry", ("some_dish", "some_oven")),
        Operator("carry", ("sink_cup", "small_stove_top")),
    ):
        heard = tokenizer.encode(translator.instruct(step, frozenset()).text)
        assert UNKNOWN not in heard, step
        assert heard[0] > UNKNOWN
    assert list(words) == sorted(set(words))


def test_the_rules_other_words_are_left_out_and_more_may_be_added(rules):
    assert "large" not in instruction_words(rules), "the second way to say a thing is never said"
    assert {"wash", "an", "stove", "second", "shelf"} <= set(instruction_words(rules))
    assert set(instruction_words(rules, ["dirty", "wash"])) == {*instruction_words(rules), "dirty"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [0, 0, 0]),
        ("b a", [3, 2, 0]),
        ("a b", [2, 3, 0]),
        ("A, b.", [2, 1, 3]),
        ("nobody knows a", [1, 1, 2]),
        ("a a a b", [2, 2, 2]),
    ],
)
def test_words_are_numbered_in_their_order(text, numbers):
    heard = Tokenizer(("a", "b"), 3).encode(text)
    assert heard.tolist() == numbers
    assert heard.dtype == "int32"
    assert NOTHING == 0
