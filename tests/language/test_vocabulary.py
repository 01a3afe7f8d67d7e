"""The closed set: any goal, whoever made it, is held to it."""

import pytest

from neurosym.errors import MissionError
from neurosym.language import Vocabulary
from neurosym.symbols import Description, Goal, Wanted

CUP = Description("cup", (("size", "big"),))


def test_the_vocabulary_holds_what_words_may_ask_for(vocabulary):
    assert [signature.name for signature in vocabulary.predicates] == ["clean", "hot", "warm", "inside"]
    assert dict(vocabulary.attributes)["size"] == ("big", "small")
    assert hash(vocabulary) == hash(
        Vocabulary(vocabulary.types, vocabulary.predicates, vocabulary.attributes)
    )


def test_types_know_their_ancestors(vocabulary):
    assert vocabulary.ancestors("cup") == ("cup", "dish", "thing")
    assert vocabulary.is_a("cup", "thing")
    assert vocabulary.is_a("cup", "object")
    assert not vocabulary.is_a("thing", "cup")


def test_a_goal_within_the_vocabulary_is_returned(vocabulary):
    goal = Goal(((Wanted("clean", (CUP,)),),))
    assert vocabulary.check(goal) is goal


@pytest.mark.parametrize(
    ("goal", "fragment", "message"),
    [
        (Goal(()), "", "asks for nothing"),
        (Goal(((),)), "", "asks for nothing"),
        (Goal(((Wanted("broken", (CUP,)),),)), "broken", "predicate 'broken'.*expected clean, hot"),
        (Goal(((Wanted("in", (CUP,)),),)), "in", "predicate 'in' is not"),
        (Goal(((Wanted("clean", ()),),)), "(clean)", "clean takes 1 arguments, got 0"),
        (Goal(((Wanted("clean", (Description("oven"),)),),)), "the oven", "of type dish, not the oven"),
        (Goal(((Wanted("clean", (Description("spoon"),)),),)), "spoon", "type 'spoon'"),
        (Goal(((Wanted("clean", (Description("cup", (("age", "old"),)),)),),)), "age", "attribute 'age'"),
        (
            Goal(((Wanted("clean", (Description("cup", (("size", "huge"),)),)),),)),
            "huge",
            "expected big, small",
        ),
        (Goal(((Wanted("clean", (CUP,)),), (Wanted("broken", ()),))), "broken", "predicate 'broken'"),
    ],
)
def test_a_goal_outside_the_vocabulary_is_refused(vocabulary, goal, fragment, message):
    with pytest.raises(MissionError, match=message) as caught:
        vocabulary.check(goal)
    assert caught.value.fragment == fragment
