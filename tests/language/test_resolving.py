"""Words that go back to what was said before, and sentences as people put them together."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import MissionError
from neurosym.symbols import Description, Goal, Wanted

CUP, DISH, OVEN = (Description(name) for name in ("cup", "dish", "oven"))
BIG_CUP, SMALL_CUP = (Description("cup", (("size", size),)) for size in ("big", "small"))


def a(thing: Description) -> Description:
    return replace(thing, definite=False)


def ref(thing: Description, number: int = 1) -> Description:
    return replace(thing, referent=number)


def clean(thing: Description) -> Wanted:
    return Wanted("clean", (thing,))


def hot(thing: Description) -> Wanted:
    return Wanted("hot", (thing,))


def inside(thing: Description, where: Description) -> Wanted:
    return Wanted("inside", (thing, where))


@pytest.mark.parametrize(
    ("mission", "stages"),
    [
        ("wash the cup and put it into the oven", ((clean(ref(CUP)), inside(ref(CUP), OVEN)),)),
        ("wash a cup, then wash it", ((clean(ref(a(CUP))),), (clean(ref(a(CUP))),))),
        ("wash a cup, then wash that", ((clean(ref(a(CUP))),), (clean(ref(a(CUP))),))),
        ("wash a cup, then wash the same one", ((clean(ref(a(CUP))),), (clean(ref(a(CUP))),))),
        ("wash a big cup, then wash the same cup", ((clean(ref(a(BIG_CUP))),), (clean(ref(a(BIG_CUP))),))),
        ("wash a big cup, then wash that big cup", ((clean(ref(a(BIG_CUP))),), (clean(ref(a(BIG_CUP))),))),
        # what fits is meant: nobody washes an oven
        (
            "wash the cup, then heat the oven, then wash it",
            ((clean(ref(CUP)),), (hot(OVEN),), (clean(ref(CUP)),)),
        ),
        # of the things in one clause, the one that is acted on
        ("put a cup into the oven, then heat it", ((inside(a(CUP), ref(OVEN)),), (hot(ref(OVEN)),))),
        ("into the oven put the cup, then wash it", ((inside(ref(CUP), OVEN),), (clean(ref(CUP)),))),
        # the last one that was said
        (
            "wash the big cup, then the small cup, then it",
            ((clean(BIG_CUP),), *[(clean(ref(SMALL_CUP)),)] * 2),
        ),
        ("wash the big cup, then the small one", ((clean(BIG_CUP),), (clean(SMALL_CUP),))),
        ("wash the big cup, then wash a small one", ((clean(BIG_CUP),), (clean(a(SMALL_CUP)),))),
        # said the other way round
        ("wash the cup after you wash it", ((clean(ref(CUP)),), (clean(ref(CUP)),))),
        ("wash the cup. heat the oven. wash it", ((clean(ref(CUP)),), (hot(OVEN),), (clean(ref(CUP)),))),
        (
            "wash a cup, then it; wash a dish, then it",
            (*[(clean(ref(a(CUP))),)] * 2, *[(clean(ref(a(DISH), 2)),)] * 2),
        ),
    ],
)
def test_what_was_said_before(talker, vocabulary, mission, stages):
    assert talker.goal(mission, vocabulary) == Goal(stages)


@pytest.mark.parametrize(
    ("mission", "stages"),
    [
        ("After you wash the cup, heat the oven.", ((clean(CUP),), (hot(OVEN),))),
        ("after you wash the cup and the dish, heat the oven", ((clean(CUP), clean(DISH)), (hot(OVEN),))),
        (
            "after you wash the cup, heat the oven, then wash the dish",
            ((clean(CUP),), (hot(OVEN),), (clean(DISH),)),
        ),
        ("before you heat the oven, wash the cup", ((clean(CUP),), (hot(OVEN),))),
        ("wash the cup before you heat the oven", ((clean(CUP),), (hot(OVEN),))),
        ("wash the cup, the dish, and heat the oven", ((clean(CUP), clean(DISH), hot(OVEN)),)),
        ("Wash the cup. Then heat the oven; wash the dish!", ((clean(CUP),), (hot(OVEN),), (clean(DISH),))),
        # in two sentences there is no doubt
        (
            "heat the oven after you wash the cup. Then wash the dish",
            ((clean(CUP),), (hot(OVEN),), (clean(DISH),)),
        ),
        ("Could you please wash the cup, thanks?", ((clean(CUP),),)),
        ("wash the cup, please. please heat the oven please", ((clean(CUP),), (hot(OVEN),))),
        ("wash the cup, please heat the oven", ((clean(CUP), hot(OVEN)),)),
        ("Please, could you wash the cup", ((clean(CUP),),)),
        ("First wash the cup please, then heat the oven, please", ((clean(CUP),), (hot(OVEN),))),
        ("clean the cup", ((clean(CUP),),)),
        ("give a bath to the cup", ((clean(CUP),),)),
        ("first, wash the cup, and then, heat the oven", ((clean(CUP),), (hot(OVEN),))),
    ],
)
def test_how_people_put_it(talker, vocabulary, mission, stages):
    assert talker.goal(mission, vocabulary) == Goal(stages)


@pytest.mark.parametrize(
    ("mission", "fragment", "hint"),
    [
        ("wash it", "it", "nothing was said before that it could mean here: expected cup, thing"),
        ("wash the small one", "the small one", "nothing was said before"),
        ("wash the same cup", "the same cup", "nothing was said before"),
        (
            "heat the oven, then wash it",
            "it",
            "nothing was said before that it could mean here: expected cup",
        ),
        ("wash it after you wash the cup", "it", "nothing was said before"),
        ("wash the big cup, then that small cup", "that small cup", "nothing was said before"),
        ("wash two cups", "two cups", "no number of things can be asked for"),
        ("wash all the dishes", "all", "no number of things can be asked for"),
        ("if the oven is hot wash the cup", "if", "conditions mean nothing here"),
        ("wash the cup then heat the oven after you wash the dish", "after you", "make two sentences of it"),
        ("wash the cup after you wash the dish then heat the oven", "then", "make two sentences of it"),
        ("wash the first cup", "first", "expected thing, dish, cup"),
        ("wash the cup first", "first", "expected"),
        ("please", "please", "cannot end"),
    ],
)
def test_what_is_not_understood_is_named(talker, vocabulary, mission, fragment, hint):
    with pytest.raises(MissionError) as caught:
        talker.goal(mission, vocabulary)
    assert caught.value.fragment == fragment
    assert hint in str(caught.value)


WORDS = "wash heat put into the a big cup oven it same one that and then , . after before you first please"
SAID = st.sampled_from(WORDS.split())


@settings(deadline=None, max_examples=300)
@given(st.lists(SAID, max_size=16).map(" ".join))
def test_any_shuffle_of_free_words_gives_a_goal_that_can_be_said_again(talker, vocabulary, mission):
    try:
        goal = talker.goal(mission, vocabulary)
    except MissionError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert talker.goal(talker.say(goal), vocabulary) == goal


CLAUSES = st.sampled_from(
    [
        "wash the cup",
        "wash a cup",
        "wash it",
        "wash the same cup",
        "put a cup into the oven",
        "heat it",
        "heat the oven",
        "put it into the oven",
        "wash the big one",
        "put the dish into it",
    ]
)


@settings(deadline=None)
@given(st.lists(CLAUSES, min_size=1, max_size=6), st.sampled_from([", then ", " and ", ". ", " after you "]))
def test_what_is_meant_again_can_be_said_again(talker, vocabulary, clauses, joint):
    try:
        goal = talker.goal(joint.join(clauses), vocabulary)
    except MissionError:
        return
    assert talker.goal(talker.say(goal), vocabulary) == goal


def test_without_words_for_it_a_thing_cannot_be_meant_again(translator):
    with pytest.raises(KeyError):
        translator.say(Goal(((clean(ref(CUP)),), (clean(ref(CUP)),))))
