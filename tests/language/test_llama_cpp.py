"""A server that constrains its decoding: random weights behind llama.cpp keep to the schema all the same.

llama-cpp-python is built from source, in about ten minutes, and so this runs only where asked for:
`pip install -c constraints.txt -e ".[test,llama]" && pytest -m slow tests/language/test_llama_cpp.py`
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from neurosym.language import ChatRequest, Message, RuleTranslator, Vocabulary
from neurosym.language.model_translator import ModelTranslator
from neurosym.language.openai_chat import OpenAIChat
from neurosym.language.schema import goal_schema
from neurosym.language.settings import LanguageModelSettings
from neurosym.symbols import Operator, State
from tests.language.serving import free_port, served
from tests.language.tiny_llama import save_gguf

_ABSENT = [name for name in ("llama_cpp", "gguf") if importlib.util.find_spec(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(_ABSENT), reason=f"{' and '.join(_ABSENT)} not installed: pip install -e '.[llama]'"
    ),
]

QUESTION = (Message("system", "reply in JSON"), Message("user", "what now?"))
WISHES = ["go to the door", "wait", "pick up the ball"]
# Nothing in it can go on forever, so that no reply is cut.
SCHEMA = {
    "type": "object",
    "properties": {"wish": {"type": "string", "enum": WISHES}, "sure": {"type": "boolean"}},
    "required": ["wish", "sure"],
    "additionalProperties": False,
}
SAMPLES = 8
SEED = 60  # weights that like the quotation mark, so that some texts come to an end early
MISSIONS = ("wash the small cup", "heat the oven, then wash a cup")
STEP = Operator("wait", ("kitchen",))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModelSettings]:
    """The tiny model, served."""
    folder, port = tmp_path_factory.mktemp("llama"), free_port()
    save_gguf(folder / "tiny.gguf", SEED)
    model = ["--model", str(folder / "tiny.gguf"), "--model_alias", "tiny", "--n_ctx", "0"]
    place = ["--host", "127.0.0.1", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/v1"
    with served([sys.executable, "-m", "llama_cpp.server", *model, *place], f"{url}/models", folder):
        yield LanguageModelSettings(
            base_url=url, model="tiny", temperature=1.0, reply_tokens=300, repairs=1, timeout_s=60
        )


@pytest.fixture(autouse=True)
def _directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def ask(settings: LanguageModelSettings, schema: dict[str, Any] | None) -> tuple[str, ...]:
    reply = OpenAIChat(settings).ask(ChatRequest(QUESTION, schema, SAMPLES, most_tokens=150, temperature=1.0))
    assert reply.calls == SAMPLES + (schema is not None), "the newer form of a schema is refused once"
    return reply.texts


def keeps_schema(text: str) -> bool:
    try:
        reply = json.loads(text)
    except ValueError:
        return False
    if not isinstance(reply, dict) or set(reply) != {"wish", "sure"}:
        return False
    return reply["wish"] in WISHES and isinstance(reply["sure"], bool)


def test_every_reply_keeps_the_schema(settings: LanguageModelSettings) -> None:
    texts = ask(settings, SCHEMA)
    assert [keeps_schema(text) for text in texts] == [True] * SAMPLES, texts
    assert len(set(texts)) > 1, "the weights are random, and yet there is one reply only"


def test_without_a_schema_the_same_model_replies_with_garbage(settings: LanguageModelSettings) -> None:
    texts = ask(settings, None)
    assert [keeps_schema(text) for text in texts] == [False] * SAMPLES, texts


def test_attributes_keep_to_the_vocabulary(settings: LanguageModelSettings, vocabulary: Vocabulary) -> None:
    """The part of a goal's schema that chooses among many values, and that always comes to an end."""
    allowed = {name: {*values, None} for name, values in vocabulary.attributes}
    for text in ask(settings, goal_schema(vocabulary)["$defs"]["_attributes"]):
        said = json.loads(text)
        assert set(said) == set(allowed)
        assert all(value in allowed[name] for name, value in said.items()), text


def test_a_goal_is_within_the_vocabulary_or_that_of_the_rules(
    settings: LanguageModelSettings, translator: RuleTranslator, vocabulary: Vocabulary
) -> None:
    by_model = ModelTranslator(translator, OpenAIChat(settings), settings)
    goals = [vocabulary.check(by_model.goal(mission, vocabulary)) for mission in MISSIONS]
    by_rules = [translator.goal(mission, vocabulary) for mission in MISSIONS]
    usage = by_model.usage
    assert usage.fallbacks == sum(goal == usual for goal, usual in zip(goals, by_rules, strict=True))
    assert usage.repairs <= len(MISSIONS) * settings.repairs
    assert usage.calls == 1 + len(MISSIONS) + usage.repairs, "the newer form of a schema is refused once"
    assert usage.seconds > 0


def test_a_step_keeps_its_operator_whatever_is_said(
    settings: LanguageModelSettings, translator: RuleTranslator
) -> None:
    """The grammar fixes operator and argument; of so many short texts some are printable, and nonsense."""
    many = replace(settings, samples=SAMPLES)
    by_model = ModelTranslator(translator, OpenAIChat(many), many)
    instruction = by_model.instruct(STEP, State())
    assert (instruction.operator, instruction.arguments) == (STEP.name, STEP.args)
    assert instruction.text != translator.instruct(STEP, State()).text
    assert by_model.usage.fallbacks == 0
    assert by_model.usage.calls == 1 + SAMPLES * (1 + by_model.usage.repairs)
