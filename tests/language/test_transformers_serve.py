"""A real server, a real client, a model of random weights: garbage in, the rules' answer out, and all of it counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from neurosym.language import ChatRequest, Message, RuleTranslator, Vocabulary
from neurosym.language.model_translator import ModelTranslator
from neurosym.language.openai_chat import OpenAIChat
from neurosym.language.settings import LanguageModelSettings
from tests.language.serving import free_port, served
from tests.language.tiny_llama import WORDS, save_llama

SCHEMA = {"type": "object", "properties": {"goal": {"type": "string"}}, "required": ["goal"]}
QUESTION = (Message("system", "reply in JSON"), Message("user", "go to the red door"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModelSettings]:
    """The tiny model, served."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    save_llama(folder / "model")
    tool = str(Path(sys.executable).parent / "transformers")
    place = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with served([tool, "serve", str(folder / "model"), *place], f"http://127.0.0.1:{port}/health", folder):
        yield LanguageModelSettings(
            base_url=f"http://127.0.0.1:{port}/v1",
            model=str(folder / "model"),
            key="sk-not-needed-here",
            reply_tokens=24,
            repairs=1,
            timeout_s=60,
        )


@pytest.fixture(autouse=True)
def _directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_a_reply_and_its_tokens(settings: LanguageModelSettings) -> None:
    reply = OpenAIChat(settings).ask(ChatRequest(QUESTION, most_tokens=12))
    assert reply.calls == 1
    (text,) = reply.texts
    assert set(text.split()) <= set(WORDS)
    assert reply.prompt_tokens > len(QUESTION)
    assert 1 <= reply.completion_tokens <= 12


def test_samples_and_a_schema_that_the_server_does_not_heed(settings: LanguageModelSettings) -> None:
    reply = OpenAIChat(settings).ask(
        ChatRequest(QUESTION, SCHEMA, samples=2, most_tokens=12, temperature=1.0)
    )
    assert (len(reply.texts), reply.calls) == (2, 2)


def test_garbage_is_left_to_the_rules_and_counted(
    settings: LanguageModelSettings, translator: RuleTranslator, vocabulary: Vocabulary
) -> None:
    by_model = ModelTranslator(translator, OpenAIChat(settings), settings)
    for count, mission in enumerate(("wash the small cup", "heat the oven, then wash a cup"), start=1):
        assert by_model.goal(mission, vocabulary) == translator.goal(mission, vocabulary)
        assert by_model.usage.fallbacks == count
        assert by_model.usage.repairs == count * settings.repairs
        assert by_model.usage.calls == count * (1 + settings.repairs)
    assert by_model.usage.tokens > by_model.usage.calls
    assert by_model.usage.seconds > 0
    assert by_model.usage.cache_hits == 0
