"""What is understood of a mission that is refused as a whole, clause by clause."""

import pytest


def heard(talker, vocabulary, mission):
    record = talker.understand(mission, vocabulary).record()
    understood = [(entry["text"], entry["goal"]) for entry in record["understood"]]
    return understood, [entry["text"] for entry in record["not_understood"]]


@pytest.mark.parametrize(
    ("mission", "understood", "refused"),
    [
        ("wash the cup", [("wash the cup", "(clean [the cup])")], []),
        (
            "wash a cup, then dance with it and heat the oven",
            [("wash a cup", "(clean [a cup])"), ("heat the oven", "(hot [the oven])")],
            ["dance with it"],
        ),
        (
            "wash a cup, then wash it. Kindly sing",
            [("wash a cup", "(clean [a cup #1])"), ("wash it", "(clean [a cup #1])")],
            ["Kindly sing"],
        ),
        # it may be what was said in the part that is not understood
        (
            "wash a cup, polish the dish, then wash it",
            [("wash a cup", "(clean [a cup])")],
            ["polish the dish", "wash it"],
        ),
        # a phrase with connectives in it is one part
        (
            "find the big switch, press it and heat the oven, then sing",
            [("find the big switch, press it and heat the oven", "(hot [the oven])")],
            ["sing"],
        ),
        ("sing", [], ["sing"]),
        # every part is understood, and how they go together is not
        (
            "wash the cup then heat the oven after you wash the dish",
            [
                ("wash the cup", "(clean [the cup])"),
                ("heat the oven", "(hot [the oven])"),
                ("wash the dish", "(clean [the dish])"),
            ],
            ["after you"],
        ),
    ],
)
def test_clause_by_clause(talker, vocabulary, mission, understood, refused):
    assert heard(talker, vocabulary, mission) == (understood, refused)


def test_the_reason_is_given(talker, vocabulary):
    ((text, reason),) = talker.understand("wash the cup, then wash two dishes", vocabulary).not_understood
    assert text == "wash two dishes"
    assert "no number of things can be asked for" in reason


def test_what_is_too_long_is_not_looked_at(talker, vocabulary):
    assert len(heard(talker, vocabulary, "wash the cup, " * 1000)[1]) == 1
