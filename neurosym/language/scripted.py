"""A language model that replies from a script: for tests, and for whoever wants to see what a model would cost.

It counts words as tokens, and every request as a call.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from neurosym.errors import LanguageModelError, MissionError
from neurosym.language.chat import ChatReply, ChatRequest
from neurosym.language.hostility import HOSTILE_REPLIES
from neurosym.language.prompt import read_question
from neurosym.language.schema import record_of
from neurosym.language.translator import RuleTranslator
from neurosym.language.vocabulary import Vocabulary

__all__ = ["Script", "ScriptedChat"]

Script: TypeAlias = Callable[[ChatRequest, int], str]
"""A request, and which of the samples is wanted, from 0, to the reply."""

_CORRECTED = 0.8  # of the mistakes that a sloppy model is shown


class ScriptedChat:
    """Replies with what stands in its script.

    Args:
        replies: texts, given one after the other; or whatever makes a text of a request and the number of the sample.

    Attributes:
        requests: what it was asked, in order.
    """

    def __init__(self, replies: Sequence[str] | Script, name: str = "scripted") -> None:
        self._script = replies if callable(replies) else _Lines(iter(list(replies)))
        self._name = name
        self.requests: list[ChatRequest] = []

    @classmethod
    def ideal(cls, rules: RuleTranslator, vocabulary: Vocabulary) -> ScriptedChat:
        """Understands what the rules understand, and says what they say, without mistakes."""
        return cls(_Ideal(rules, vocabulary), "scripted ideal")

    @classmethod
    def sloppy(
        cls, rules: RuleTranslator, vocabulary: Vocabulary, rate: float = 0.4, seed: int = 0
    ) -> ScriptedChat:
        """Knows what the ideal one knows, but makes mistakes, and corrects most of those that it is shown.

        The mistakes depend on the seed and on what is asked, not on what was asked before.

        Args:
            rate: of replies with a mistake, in [0, 1].
        """
        return cls(_Sloppy(_Ideal(rules, vocabulary), rate, seed), f"scripted sloppy {rate:g} {seed}")

    @classmethod
    def hostile(cls) -> ScriptedChat:
        """Goes round everything that a reply should never be; see `neurosym.language.hostility`."""
        return cls(_Hostile(), "scripted hostile")

    @property
    def name(self) -> str:
        return self._name

    def ask(self, request: ChatRequest) -> ChatReply:
        """The next replies.

        Raises:
            LanguageModelError: the script has come to its end, or does not know such a question.
        """
        self.requests.append(request)
        texts = tuple(self._script(request, sample) for sample in range(request.samples))
        asked = sum(len(message.text.split()) for message in request.messages)
        return ChatReply(texts, asked, sum(len(text.split()) for text in texts))


@dataclass
class _Lines:
    lines: Iterator[str]

    def __call__(self, request: ChatRequest, sample: int) -> str:
        try:
            return next(self.lines)
        except StopIteration:
            raise LanguageModelError("the script has no more replies", calls=1) from None


@dataclass(frozen=True)
class _Ideal:
    rules: RuleTranslator
    vocabulary: Vocabulary

    def __call__(self, request: ChatRequest, sample: int) -> str:
        return json.dumps(self.answer(request))

    def answer(self, request: ChatRequest) -> dict[str, Any]:
        question = read_question(request)
        if "mission" in question:
            return self._translate(question["mission"])
        if "usual" in question:
            operator, arguments = question["operator"], question["arguments"]
            return {"operator": operator, "arguments": arguments, "text": question["usual"]}
        raise LanguageModelError("the script does not know such a question", calls=1)

    def _translate(self, mission: str) -> dict[str, Any]:
        try:
            return record_of(self.rules.goal(mission, self.vocabulary), self.vocabulary)
        except MissionError as error:
            quote = error.fragment if error.fragment in mission else mission
            return {"stages": [], "refusal": "no rule says what this means", "quote": quote}


Mistake: TypeAlias = Callable[[dict[str, Any], random.Random], str]


@dataclass(frozen=True)
class _Sloppy:
    ideal: _Ideal
    rate: float
    seed: int

    def __call__(self, request: ChatRequest, sample: int) -> str:
        answer = self.ideal.answer(request)
        said = json.dumps([self.seed, sample, *(message.text for message in request.messages)])
        chance = random.Random(hashlib.sha256(said.encode("ascii")).digest())
        is_repair = len(request.messages) > 2
        if chance.random() >= self.rate * (1 - _CORRECTED if is_repair else 1):
            return json.dumps(answer)
        return chance.choice(_MISTAKES)(answer, chance)


@dataclass
class _Hostile:
    rounds: int = field(default=0)

    def __call__(self, request: ChatRequest, sample: int) -> str:
        make = list(HOSTILE_REPLIES.values())[self.rounds % len(HOSTILE_REPLIES)]
        self.rounds += 1
        return make()


def _cut_off(answer: dict[str, Any], chance: random.Random) -> str:
    text = json.dumps(answer)
    return text[: chance.randrange(1, len(text))]


def _quote_badly(answer: dict[str, Any], chance: random.Random) -> str:
    return str(answer)  # as Python writes it


def _talk_around(answer: dict[str, Any], chance: random.Random) -> str:
    """No mistake but a habit: it is read all the same."""
    return f"Sure! Here is the JSON:\n```json\n{json.dumps(answer)}\n```\nAnything else?"


def _forget_a_field(answer: dict[str, Any], chance: random.Random) -> str:
    place = chance.choice([one for one in _objects(answer) if one])
    del place[chance.choice([name for name in place if name not in ("refusal", "quote")] or list(place))]
    return json.dumps(answer)


def _add_a_field(answer: dict[str, Any], chance: random.Random) -> str:
    chance.choice(list(_objects(answer)))["dragon"] = "green"
    return json.dumps(answer)


def _name_something_else(answer: dict[str, Any], chance: random.Random) -> str:
    places = [
        (one, name) for one in _objects(answer) for name in ("predicate", "type", "operator") if name in one
    ]
    place, name = chance.choice(places or [(answer, "stages")])
    place[name] = "dragon"
    return json.dumps(answer)


def _say_nothing(answer: dict[str, Any], chance: random.Random) -> str:
    return ""


def _find_own_words(answer: dict[str, Any], chance: random.Random) -> str:
    """Other words for a step, which is no mistake; for a goal, no JSON."""
    if "text" not in answer:
        return f"The goal is {answer}"
    return json.dumps({**answer, "text": f"please {answer['text']}"})


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in `value`, but for those that hold attributes, where a name less is another goal."""
    if isinstance(value, Mapping):
        yield value  # type: ignore[misc]
        for name, entry in value.items():
            if name != "attributes":
                yield from _objects(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _objects(entry)


_MISTAKES: tuple[Mistake, ...] = (
    _cut_off,
    _quote_badly,
    _talk_around,
    _forget_a_field,
    _add_a_field,
    _name_something_else,
    _say_nothing,
    _find_own_words,
)
