"""Words, idioms, and text made safe to show."""

import pytest

from neurosym.language.words import Idioms, Word, printable, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" . ", []),
        ("Wash the CUP!", ["wash", "the", "cup"]),
        ("wash,then\theat", ["wash", ",", "then", "heat"]),
        (", ,", [",", ","]),
        ("3.5 cups...", ["3.5", "cups"]),
        ("a\u2028b\x1cc", ["a", "b", "c"]),
    ],
)
def test_text_is_split_into_words(text, words):
    assert [word.text for word in split_words(text)] == words


def test_a_word_knows_where_it_stood():
    text = "wash  the CUP, then"
    assert [text[word.start : word.end] for word in split_words(text)] == ["wash", "the", "CUP", ",", "then"]


def test_an_idiom_is_one_word_and_the_longest_wins():
    idioms = Idioms(["and", "and then", ", and then", "after you"])
    words = idioms.join(split_words("a and b, and then c and then d after you"))
    assert [word.text for word in words] == ["a", "and", "b", ", and then", "c", "and then", "d", "after you"]
    assert words[3] == Word(", and then", 7, 17)


def test_without_idioms_nothing_is_joined():
    words = split_words("and then")
    assert Idioms([]).join(words) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  cup ", "cup"),
        ("a\nb\x00", "a\\nb\\x00"),
        ("\ud800", "\\ud800"),
        ("größe", "größe"),
        ("x" * 70, "x" * 60 + "…"),
    ],
)
def test_text_is_made_safe_to_show(text, shown):
    assert printable(text) == shown
    assert shown.isprintable()
