"""Which translator is wanted: made, recorded, shared out, told to another process."""

import pickle
import sys

import pytest

from neurosym.errors import DomainError, LanguageModelError
from neurosym.language import (
    BudgetedChat,
    CachedChat,
    LanguageModelSettings,
    ModelTranslator,
    ScriptedChat,
    TranslatorChoice,
)

KEY = "sk-very-secret"
SETTINGS = LanguageModelSettings(model="small", key=KEY, most_calls=10)


def test_rules_are_the_usual_choice(translator, vocabulary):
    assert TranslatorChoice().translator(translator, vocabulary) is translator
    assert TranslatorChoice().as_record() == {"kind": "rules"}


@pytest.mark.parametrize("script", ["ideal", "sloppy", "hostile"])
def test_a_scripted_model_stands_behind_its_budget(translator, vocabulary, script):
    made = TranslatorChoice("scripted", script).translator(translator, vocabulary)
    assert isinstance(made, ModelTranslator)
    assert isinstance(made.chat, BudgetedChat)
    assert isinstance(made.chat.chat, ScriptedChat)
    assert script in made.chat.name
    assert made.goal("wash the cup", vocabulary) == translator.goal("wash the cup", vocabulary)


def test_a_scripted_model_is_kept_where_that_is_asked_for(translator, vocabulary, tmp_path):
    def ask(**settings):
        choice = TranslatorChoice("scripted", "sloppy", LanguageModelSettings(cache=tmp_path, **settings))
        made = choice.translator(translator, vocabulary)
        made.goal("wash the cup", vocabulary)
        return made.usage

    first, again = ask(), ask(offline=True)
    assert (first.cache_hits, again.calls, again.cache_hits) == (0, 0, first.calls)
    assert again.repairs == first.repairs


def test_offline_a_model_needs_no_client(translator, vocabulary, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "openai", None)
    settings = LanguageModelSettings(model="small", offline=True, cache=tmp_path)
    made = TranslatorChoice("llm", settings=settings).translator(translator, vocabulary)
    assert isinstance(made.chat, CachedChat)
    with pytest.raises(LanguageModelError, match=r'offline, and small .*: "wash the cup"'):
        made.goal("wash the cup", vocabulary)


def test_a_client_that_is_not_installed_is_one_clear_line(translator, vocabulary, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(
        LanguageModelError, match=r'openai client.*pip install "neurosym-rl\[llm\]"'
    ) as caught:
        TranslatorChoice("llm", settings=SETTINGS).translator(translator, vocabulary)
    assert KEY not in str(caught.value)


def test_a_model_must_be_named(translator, vocabulary):
    with pytest.raises(LanguageModelError, match="set NEUROSYM_LLM_MODEL"):
        TranslatorChoice("llm").translator(translator, vocabulary)


def test_a_domain_without_rules_cannot_have_a_model(vocabulary):
    with pytest.raises(DomainError, match="needs a domain with rules"):
        TranslatorChoice("scripted").translator(object(), vocabulary)  # type: ignore[arg-type]


def test_the_record_tells_one_translator_from_another_and_no_key():
    choices = [
        TranslatorChoice(),
        TranslatorChoice("scripted"),
        TranslatorChoice("scripted", "sloppy"),
        TranslatorChoice("llm", settings=SETTINGS),
        TranslatorChoice("llm", settings=LanguageModelSettings(model="large")),
        TranslatorChoice("llm", settings=LanguageModelSettings(model="small", samples=3)),
    ]
    records = [choice.as_record() for choice in choices]
    assert len({repr(record) for record in records}) == len(records)
    assert KEY not in repr(records) + repr(choices)


def test_what_does_not_decide_anything_is_not_in_the_record(tmp_path):
    kept = LanguageModelSettings(model="small", cache=tmp_path, offline=True, timeout_s=5.0, most_calls=3)
    assert (
        TranslatorChoice("llm", settings=kept).as_record()
        == TranslatorChoice("llm", settings=SETTINGS).as_record()
    )


def test_it_can_be_shared_out_among_processes():
    part = TranslatorChoice("llm", settings=SETTINGS).share(4)
    assert part.settings.most_calls == 2
    assert pickle.loads(pickle.dumps(part)) == part
    assert hash(part) == hash(TranslatorChoice("llm", settings=SETTINGS).share(4))
