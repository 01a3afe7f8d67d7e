"""The model that replies from a script: ideal, sloppy, hostile, or as it is told."""

import pytest

from neurosym.errors import LanguageModelError, MissionError
from neurosym.language import ChatRequest, LanguageModelSettings, Message, ModelTranslator, ScriptedChat
from neurosym.language.hostility import HOSTILE_REPLIES
from neurosym.symbols import Operator

REQUEST = ChatRequest((Message("system", "be good"), Message("user", "hello there")), samples=2)
MISSIONS = [
    f"wash the {size} {what} and heat the oven, then {verb} the {other} into the oven"
    for size in ("big", "small")
    for what in ("cup", "dish")
    for verb in ("put",)
    for other in ("cup", "second cup", "small dish on the shelf")
]


def test_lines_are_given_one_after_the_other():
    chat = ScriptedChat(["a", "b", "c d", "e"], name="lines")
    assert chat.ask(REQUEST).texts == ("a", "b")
    reply = chat.ask(REQUEST)
    assert (reply.texts, reply.prompt_tokens, reply.completion_tokens, reply.calls) == (("c d", "e"), 4, 3, 1)
    with pytest.raises(LanguageModelError, match="no more replies"):
        chat.ask(REQUEST)
    assert chat.name == "lines"
    assert chat.requests == [REQUEST] * 3


def test_anything_that_can_be_called_may_reply():
    chat = ScriptedChat(lambda request, sample: f"{request.messages[-1].text} {sample}")
    assert chat.ask(REQUEST).texts == ("hello there 0", "hello there 1")


def translate(translator, chat, vocabulary, **settings):
    asked = ModelTranslator(translator, chat, LanguageModelSettings(**settings))
    goals = [asked.goal(mission, vocabulary) for mission in MISSIONS]
    return goals, asked


def test_the_ideal_model_says_what_the_rules_say(translator, vocabulary):
    goals, asked = translate(translator, ScriptedChat.ideal(translator, vocabulary), vocabulary)
    assert goals == [translator.goal(mission, vocabulary) for mission in MISSIONS]
    step = Operator("carry", ("cup_2", "oven"))
    assert asked.instruct(step, frozenset()) == translator.instruct(step, frozenset())
    assert asked.usage.calls == len(MISSIONS) + 1
    assert asked.usage.repairs == asked.usage.fallbacks == 0


def test_the_ideal_model_refuses_what_the_rules_do_not_understand(translator, vocabulary):
    chat = ScriptedChat.ideal(translator, vocabulary)
    asked = ModelTranslator(translator, chat, LanguageModelSettings())
    with pytest.raises(MissionError, match=r'"spoon" is not understood in .*: no rule says') as caught:
        asked.goal("wash the spoon", vocabulary)
    assert caught.value.fragment == "spoon"
    assert asked.usage.calls == 1


def test_the_ideal_model_knows_no_other_questions(translator, vocabulary):
    with pytest.raises(LanguageModelError, match="does not know such a question"):
        ScriptedChat.ideal(translator, vocabulary).ask(REQUEST)


def test_the_sloppy_model_is_put_right(translator, vocabulary):
    chat = ScriptedChat.sloppy(translator, vocabulary, rate=1.0)
    goals, asked = translate(translator, chat, vocabulary, repairs=3)
    assert goals == [translator.goal(mission, vocabulary) for mission in MISSIONS]
    assert asked.usage.repairs >= len(MISSIONS) // 2
    assert asked.usage.calls == len(MISSIONS) + asked.usage.repairs


def test_what_a_sloppy_model_says_hangs_on_the_question_and_the_seed_alone(translator, vocabulary):
    def replies(seed, missions=MISSIONS):
        chat = ScriptedChat.sloppy(translator, vocabulary, rate=0.7, seed=seed)
        asked = ModelTranslator(translator, chat, LanguageModelSettings(repairs=0))
        before = 0
        spent = {}
        for mission in missions:
            asked.goal(mission, vocabulary)
            spent[mission], before = asked.usage.fallbacks - before, asked.usage.fallbacks
        return spent

    assert replies(1) == replies(1, MISSIONS[::-1])
    assert replies(1) != replies(2)


def test_a_rate_of_none_is_ideal(translator, vocabulary):
    _, asked = translate(translator, ScriptedChat.sloppy(translator, vocabulary, rate=0.0), vocabulary)
    assert asked.usage.repairs == 0


def test_a_sloppy_model_may_find_other_words_for_the_same_step(translator, vocabulary):
    chat = ScriptedChat.sloppy(translator, vocabulary, rate=1.0)
    asked = ModelTranslator(translator, chat, LanguageModelSettings())
    steps = [Operator("wash", (f"cup_{n}", "kitchen")) for n in range(2, 40)]
    said = [asked.instruct(step, frozenset()) for step in steps]
    assert [one.arguments for one in said] == [step.args for step in steps]
    assert any(one.text.startswith("please wash") for one in said)


def test_the_hostile_model_goes_round_everything(translator, vocabulary):
    chat = ScriptedChat.hostile()
    request = ChatRequest((Message("user", ""),), samples=len(HOSTILE_REPLIES))
    texts = chat.ask(request).texts
    assert len(set(texts)) == len(HOSTILE_REPLIES)
    assert max(map(len, texts)) >= 10_000_000
    assert chat.ask(ChatRequest((Message("user", ""),))).texts == texts[:1]


def test_a_hostile_model_costs_calls_and_nothing_else(translator, vocabulary):
    goals, asked = translate(translator, ScriptedChat.hostile(), vocabulary, repairs=1)
    assert goals == [translator.goal(mission, vocabulary) for mission in MISSIONS]
    assert asked.usage.calls == 2 * len(MISSIONS)
    assert asked.usage.repairs == asked.usage.fallbacks == len(MISSIONS)
