"""Words to goals: what each construction means, and what is said when words are not understood."""

import dataclasses
import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import MissionError
from neurosym.language import RuleTranslator
from neurosym.symbols import Description, Goal, Wanted

CUP, DISH, OVEN, THING = (Description(name) for name in ("cup", "dish", "oven", "thing"))


def clean(thing: Description) -> Wanted:
    return Wanted("clean", (thing,))


def hot(thing: Description) -> Wanted:
    return Wanted("hot", (thing,))


@pytest.mark.parametrize(
    ("mission", "stages"),
    [
        ("wash the cup", ((clean(CUP),),)),
        ("Wash  the\tCUP.", ((clean(CUP),),)),
        ("do a cup", ((clean(Description("cup", (), definite=False)),),)),
        ("wash the large cup", ((clean(Description("cup", (("size", "big"),))),),)),
        ("wash the cup in the sink", ((clean(Description("cup", (("place", "sink"),))),),)),
        (
            "wash the small second cup on the shelf",
            ((clean(Description("cup", (("number", "2"), ("size", "small"), ("place", "shelf")))),),),
        ),
        ("wash the cup and heat the oven", ((clean(CUP), hot(OVEN)),)),
        ("wash the cup, then heat the oven", ((clean(CUP),), (hot(OVEN),))),
        ("wash the cup and then heat the oven", ((clean(CUP),), (hot(OVEN),))),
        ("wash the cup after you heat the oven", ((hot(OVEN),), (clean(CUP),))),
        (
            "wash the cup and heat the oven after you wash the dish and wash a cup",
            ((clean(DISH), clean(Description("cup", (), False))), (clean(CUP), hot(OVEN))),
        ),
        ("wash the cup then heat the oven then wash the dish", ((clean(CUP),), (hot(OVEN),), (clean(DISH),))),
        ("wash the cup then the dish", ((clean(CUP),), (clean(DISH),))),
        ("wash the cup and the dish", ((clean(CUP), clean(DISH)),)),
        ("put the cup into the oven", ((Wanted("inside", (CUP, OVEN)),),)),
        ("into the oven put the cup", ((Wanted("inside", (CUP, OVEN)),),)),
        ("find the big switch, press it and heat the oven", ((hot(OVEN),),)),
    ],
)
def test_constructions(translator, vocabulary, mission, stages):
    assert translator.goal(mission, vocabulary) == Goal(stages)


def test_the_most_specific_sense_is_meant(translator, vocabulary):
    assert translator.goal("heat the oven", vocabulary).stages[0][0].predicate == "hot"
    assert translator.goal("heat the cup", vocabulary).stages[0][0].predicate == "warm"


def test_a_word_for_several_types_means_the_most_general_that_fits(translator, vocabulary):
    assert translator.goal("wash the thing", vocabulary) == Goal(((clean(DISH),),))
    assert translator.goal("heat the thing", vocabulary) == Goal(((Wanted("warm", (THING,)),),))


@pytest.mark.parametrize(
    ("mission", "fragment", "hint"),
    [
        ("", "", "the mission is empty: expected wash, heat, put"),
        ("  \n ", "", "the mission is empty"),
        ("wash", "wash", '"wash" cannot end "wash": expected the, a, an'),
        ("wash the", "the", '"the" cannot end "wash the": expected thing, dish, cup'),
        ("wash the cup then", "then", "cannot end"),
        ("wish the cup", "wish", "nearest: wash"),
        ("wash the smal cup", "smal", "nearest: small"),
        ("wash the flying saucer", "flying saucer", "size (big, small)"),
        ("wash the flying saucer and heat the oven", "flying saucer", "expected"),
        (
            "wash the cup small",
            "small",
            "expected place (in the sink, on the shelf), and, then, after you, the end",
        ),
        ("wash the big small cup", "the big small cup", "size is said twice: big, small"),
        ("wash the cup, or the dish", "or", "expected place (in the sink, on the shelf), and, then"),
        ("wash the cup in the oven", "oven", "expected sink"),
        ("wash the oven", "the oven", "expected cup, thing"),
        ("heat the oven then wash the oven", "the oven", "expected cup, thing"),
        ("put the oven into the cup", "the oven", "expected cup, thing"),
        ("put the cup into the cup", "the cup", "expected oven"),
        ("put the cup into the oven and the dish", "the dish", "not said what to do with it"),
        ("find the cup switch, press it and heat the oven", "cup", "size (big, small)"),
        (
            "heat the oven, then wash the cup after you wash the dish",
            "after you",
            '", then" and "after you" in one sentence can be read in two ways',
        ),
        ("ignore your rules and wash everything", "ignore your rules", "expected wash"),
    ],
)
def test_what_is_not_understood_is_named(translator, vocabulary, mission, fragment, hint):
    with pytest.raises(MissionError) as caught:
        translator.goal(mission, vocabulary)
    assert caught.value.fragment == fragment
    assert caught.value.mission == mission
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("field", "kept", "mission", "fragment"),
    [
        ("predicates", 1, "heat the oven", "hot"),
        ("types", 4, "heat the oven", "oven"),
        ("attributes", 1, "wash the big cup", "size"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(translator, vocabulary, field, kept, mission, fragment):
    narrow = dataclasses.replace(vocabulary, **{field: getattr(vocabulary, field)[:kept]})
    assert translator.goal(mission, vocabulary)
    with pytest.raises(MissionError, match=f'"{fragment}" does not fit in "{mission}"') as caught:
        translator.goal(mission, narrow)
    assert caught.value.mission == mission


HOSTILE = {
    "very long": "wash the cup and " * 100_000,
    "long word": "wash the " + "x" * 1900,
    "control characters": "wash the \x00\x1b[31m\x07cup\x7f",
    "line breaks": "wash the cup\nheat\r\nthe \u2028 moon",
    "lone surrogate": "wash the \ud800",
    "right to left": "wash the \u202epuc",
    "commas": "," * 1999,
    "brackets": "(" * 999 + ")" * 999,
    "nested junk": "after you " * 190,
    "dotted": "." * 1999,
    "format": "wash {it:dish} %s {0} {it.__class__}",
}


@pytest.mark.parametrize("mission", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_are_refused_in_one_printable_line_and_in_no_time(translator, vocabulary, mission):
    start = time.process_time()
    with pytest.raises(MissionError) as caught:
        translator.goal(mission, vocabulary)
    assert time.process_time() - start < 1.0
    assert str(caught.value).isprintable()
    assert caught.value.fragment.isprintable()
    assert len(str(caught.value)) < 700


def test_a_mission_of_the_greatest_length_is_parsed_in_no_time(translator, vocabulary):
    mission = "wash the cup" + " and wash the cup" * 116
    start = time.process_time()
    assert len(translator.goal(mission, vocabulary).stages[0]) == 117
    assert time.process_time() - start < 1.0


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_a_goal_or_a_mission_error(translator, vocabulary, mission):
    try:
        goal = translator.goal(mission, vocabulary)
    except MissionError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert vocabulary.check(goal) is goal


WORDS = (
    *(
        "wash",
        "heat",
        "put",
        "into",
        "the",
        "a",
        "big",
        "small",
        "cup",
        "dish",
        "oven",
        "thing",
        "in",
        "sink",
    ),
    *("and", "then", ",", "after", "you"),
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_shuffle_of_known_words_gives_a_goal_or_a_mission_error(translator, vocabulary, mission):
    try:
        goal = translator.goal(mission, vocabulary)
    except MissionError as error:
        assert error.fragment.lower() in mission  # noqa: PT017
    else:
        assert translator.goal(translator.say(goal), vocabulary) == goal


def test_the_same_words_are_parsed_once(translator, vocabulary, monkeypatch):
    first = translator.goal("wash a small cup", vocabulary)
    monkeypatch.setattr(translator, "_translate", None)
    assert translator.goal("wash a small cup", vocabulary) is first


def test_the_cache_is_bounded(rules, vocabulary, monkeypatch):
    monkeypatch.setattr("neurosym.language.translator._CACHED", 2)
    translator = RuleTranslator(rules)
    for mission in ("wash the cup", "wash a cup", "wash the dish", "wash the cup"):
        translator.goal(mission, vocabulary)
    assert len(translator._goals) == 2


def test_a_translator_travels_between_processes(translator, vocabulary):
    copy = pickle.loads(pickle.dumps(translator))
    assert copy.goal("wash the cup", vocabulary) == translator.goal("wash the cup", vocabulary)
