"""Settings: what the environment says, what makes no sense, and a key that shows nowhere."""

import dataclasses
import json
import pickle
from pathlib import Path

import pytest

from neurosym.errors import NeurosymError
from neurosym.language import LanguageModelSettings
from neurosym.language.settings import ENVIRONMENT

KEY = "sk-very-secret"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)


def test_the_environment_says_where_and_which(monkeypatch):
    monkeypatch.setenv("NEUROSYM_LLM_BASE_URL", " http://127.0.0.1:8000/v1 ")
    monkeypatch.setenv("NEUROSYM_LLM_MODEL", "small")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    settings = LanguageModelSettings.from_environment(samples=3, base_url=None)
    assert (settings.base_url, settings.model, settings.key) == ("http://127.0.0.1:8000/v1", "small", KEY)
    assert settings.samples == 3


def test_what_is_said_outright_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("NEUROSYM_LLM_MODEL", "small")
    assert LanguageModelSettings.from_environment(model="large").model == "large"


def test_the_key_shows_nowhere():
    settings = LanguageModelSettings(model="small", key=KEY, cache=Path("answers"))
    shown = f"{settings!r} {settings} {settings.as_record()} {json.dumps(dict(settings.as_record()))}"
    assert KEY not in shown
    assert "key" not in settings.as_record()
    with pytest.raises(NeurosymError) as caught:
        dataclasses.replace(settings, samples=0)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"samples": 0}, "samples must be at least 1, got 0"),
        ({"reply_bytes": 0}, "reply_bytes must be at least 1"),
        ({"repairs": -1}, "repairs must be at least 0"),
        ({"most_calls": -1}, "most_calls must be at least 0"),
        ({"temperature": 2.5}, "temperature must be at most 2"),
        ({"temperature": float("nan")}, "temperature must be at least 0, got nan"),
        ({"timeout_s": 0.0}, "timeout_s must be above 0"),
        ({"question_s": float("inf")}, "question_s must be above 0"),
        ({"base_url": "ftp://here"}, "base_url must start with http"),
        ({"most_cost": 1.0}, "most_cost needs the price"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(values, message):
    with pytest.raises(NeurosymError, match=message) as caught:
        LanguageModelSettings(**values)
    assert "\n" not in str(caught.value)


def test_processes_share_the_budget():
    settings = LanguageModelSettings(most_calls=7, most_tokens=None, most_cost=3.0, prompt_price=1.0)
    part = settings.share(3)
    assert (part.most_calls, part.most_tokens, part.most_cost) == (2, None, 1.0)
    assert settings.share(9).most_calls == 0


def test_tokens_have_a_price():
    settings = LanguageModelSettings(prompt_price=2.0, completion_price=10.0)
    assert settings.cost_of(500_000, 100_000) == pytest.approx(2.0)


def test_settings_can_be_told_to_another_process():
    settings = LanguageModelSettings(model="small", key=KEY)
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert hash(settings) == hash(LanguageModelSettings(model="small", key=KEY))
