"""Plan steps to words: names become noun phrases, templates become instructions."""

import pytest

from neurosym.errors import DomainError, UnknownNameError
from neurosym.language import Instruction
from neurosym.language.naming import describe_name, say_description, say_name
from neurosym.symbols import Description, Goal, Operator, Wanted

EMPTY = frozenset()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cup", "the cup"),
        ("big_cup", "the big cup"),
        ("small_stove_top", "the small stove"),
        ("cup_2", "the second cup"),
        ("big_cup_2", "the second big cup"),
        ("some_cup", "a cup"),
        ("some_oven", "an oven"),
        ("some_big_oven", "a big oven"),
        ("some_dish", "a thing"),
        ("sink_cup", "the cup in the sink"),
    ],
)
def test_names_become_noun_phrases(rules, name, said):
    assert say_name(rules, name) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("room_1", "room 1"),
        ("cup_99", "cup 99"),
        ("blue_cup", "blue cup"),
        ("big_small_cup", "big small cup"),
        ("big_2", "big 2"),
        ("some", "some"),
        ("_", " "),
        ("", ""),
    ],
)
def test_a_name_that_is_not_built_by_the_rule_is_said_as_written(rules, name, said):
    assert describe_name(rules, name) is None
    assert say_name(rules, name) == said


def test_different_names_are_said_differently(rules):
    names = ["cup", "cup_2", "cup_3", "big_cup", "some_cup", "some_cup_2", "small_cup_2"]
    assert len({say_name(rules, name) for name in names}) == len(names)


def test_an_instruction_keeps_the_typed_arguments(translator):
    step = Operator("carry", ("big_cup_2", "oven"))
    assert translator.instruct(step, EMPTY) == Instruction(
        "put the second big cup into the oven", "carry", ("big_cup_2", "oven")
    )


def test_a_parameter_that_the_template_leaves_out_is_kept(translator):
    instruction = translator.instruct(Operator("wash", ("some_cup", "room_1")), EMPTY)
    assert str(instruction) == "wash a cup"
    assert instruction.arguments == ("some_cup", "room_1")


def test_an_operator_without_a_template_is_named_with_the_nearest(translator):
    with pytest.raises(UnknownNameError, match="unknown operator 'wosh'; nearest: wash"):
        translator.instruct(Operator("wosh", ("cup",)), EMPTY)


def test_an_operator_with_the_wrong_number_of_arguments_is_refused(translator):
    with pytest.raises(DomainError, match="wash takes 2 arguments, got 1"):
        translator.instruct(Operator("wash", ("cup",)), EMPTY)


def test_a_step_reads_back_as_a_goal(translator, vocabulary):
    text = translator.instruct(Operator("carry", ("big_cup_2", "some_oven")), EMPTY).text
    things = (Description("cup", (("number", "2"), ("size", "big"))), Description("oven", (), definite=False))
    assert translator.goal(text, vocabulary) == Goal(((Wanted("inside", things),),))


@pytest.mark.parametrize(
    "description",
    [Description("spoon"), Description("cup", (("size", "huge"),)), Description("cup", (("age", "old"),))],
)
def test_what_has_no_word_cannot_be_said(rules, description):
    with pytest.raises(KeyError):
        say_description(rules, description)


def test_a_goal_is_said_in_the_usual_words(translator):
    cup, oven = Description("cup", (("size", "big"),), definite=False), Description("oven")
    goal = Goal(((Wanted("clean", (cup,)), Wanted("hot", (oven,))), (Wanted("inside", (cup, oven)),)))
    assert translator.say(goal) == "wash a big cup and heat the oven, then put a big cup into the oven"


def test_a_goal_of_an_unknown_kind_cannot_be_said(translator):
    with pytest.raises(KeyError, match="broken"):
        translator.say(Goal(((Wanted("broken", ()),),)))
