"""Translators that say the wrong thing: the text is another one, and all else stays as it is."""

import pytest

from neurosym.language import ScrambledTranslator, SilentTranslator, WrongTranslator
from neurosym.symbols import Atom, Operator, PlanningDomain

WASH = Operator("wash", ("big_cup", "hall"))
CARRY = Operator("carry", ("big_cup", "oven"))
STATE = frozenset({Atom("clean", ("big_cup",)), Atom("clean", ("small_cup",)), Atom("hot", ("oven",))})


def distorted(kind, translator, rules, model, seed=0):
    return SilentTranslator(translator) if kind is SilentTranslator else kind(translator, rules, model, seed)


@pytest.fixture(params=[SilentTranslator, ScrambledTranslator, WrongTranslator])
def control(request, translator, rules, model):
    return distorted(request.param, translator, rules, model)


@pytest.mark.parametrize("step", [WASH, CARRY])
def test_only_the_text_is_another(control, translator, step):
    true, said = translator.instruct(step, STATE), control.instruct(step, STATE)
    assert (said.operator, said.arguments) == (true.operator, true.arguments)
    assert said.text != true.text


def test_goals_and_costs_are_the_translators_own(control, translator, vocabulary):
    assert control.goal("wash the cup", vocabulary) == translator.goal("wash the cup", vocabulary)
    assert control.usage is translator.usage


def test_the_same_step_and_state_are_said_alike_whatever_came_before(control, rules, model, translator):
    first = [control.instruct(step, STATE).text for step in (WASH, CARRY)]
    fresh = distorted(type(control), translator, rules, model)
    assert [fresh.instruct(step, STATE).text for step in (CARRY, WASH)] == first[::-1]


def texts(kind, translator, rules, model, step, state=STATE):
    return {distorted(kind, translator, rules, model, seed).instruct(step, state).text for seed in range(40)}


def test_silence(translator, rules, model):
    assert texts(SilentTranslator, translator, rules, model, WASH) == {""}


def test_scrambled_says_anything_of_the_domain(translator, rules, model):
    said = texts(ScrambledTranslator, translator, rules, model, WASH)
    assert len(said) > 10
    assert {text.split()[0] for text in said} == {"wash", "put", "wait"}


def test_scrambled_says_nothing_where_there_is_nothing_else_to_say(translator, rules, model):
    lonely = PlanningDomain("lonely", model.types, actions=(model.action("wait"),))
    assert texts(ScrambledTranslator, translator, rules, lonely, Operator("wait", ("room",))) == {""}


def test_the_state_says_it_differently(translator, rules, model):
    """So that there is no code to be learned, in which each step has its own wrong text."""
    control = ScrambledTranslator(translator, rules, model)
    states = [frozenset({*STATE, Atom("in", (f"room_{n}",))}) for n in range(20)]
    assert len({control.instruct(WASH, state).text for state in states}) > 5


def test_wrong_is_about_another_thing_that_is_there(translator, rules, model):
    assert texts(WrongTranslator, translator, rules, model, WASH) == {"wash the small cup"}


def test_wrong_is_another_operator_where_there_is_no_other_thing(translator, rules, model):
    """There is one oven, and every thing in the sentence has to be another."""
    said = texts(WrongTranslator, translator, rules, model, CARRY)
    assert said == {"wash the big cup", "wash the small cup"}
