"""A language model as translator: it proposes, the vocabulary disposes, and the rules stand behind it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from neurosym.errors import LanguageModelError, MissionError
from neurosym.language.chat import ChatModel, ChatRequest, Message, Usage
from neurosym.language.instruction import Instruction
from neurosym.language.prompt import INSTRUCT_SYSTEM, goal_question, goal_system, repaired, step_question
from neurosym.language.reply import UnfitReplyError, read_object
from neurosym.language.schema import (
    Refused,
    goal_from,
    goal_schema,
    instruction_schema,
    refusal_from,
    text_from,
)
from neurosym.language.settings import LanguageModelSettings
from neurosym.language.translator import RuleTranslator
from neurosym.language.vocabulary import Vocabulary
from neurosym.language.words import refusal
from neurosym.symbols import Goal, Operator, State

__all__ = ["ModelTranslator"]

_CACHED = 4096  # of missions, and of steps

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Value = TypeVar("Value")


class ModelTranslator:
    """Asks a language model, and believes nothing that does not keep to the vocabulary.

    Of several replies the most frequent valid one is taken, the first of those that are equally frequent. If none is
    valid, the question is asked again with what is wrong with the first; after `settings.repairs` times it is left to
    the rules, as it is when there is no reply at all. Offline, an answer that was not kept is an error instead.

    A model may find words for a step; which step it is, and with which arguments, is never up to it.

    Args:
        rules: make the examples, and answer where the model does not.
        chat: the model, behind whatever budget and cache it is to have.

    Attributes:
        usage: what it has cost so far, in this process; a copy that was pickled begins anew.
    """

    def __init__(self, rules: RuleTranslator, chat: ChatModel, settings: LanguageModelSettings) -> None:
        self.rules, self.chat, self.settings, self.usage = rules, chat, settings, Usage()
        self._goals: dict[tuple[str, Vocabulary], Goal | MissionError] = {}
        self._instructions: dict[tuple[str, tuple[str, ...]], Instruction] = {}
        self._goal_systems: dict[Vocabulary, tuple[str, dict[str, Any]]] = {}
        self._has_complained = False

    def __reduce__(self) -> tuple[type[ModelTranslator], tuple[Any, ...]]:
        return ModelTranslator, (self.rules, self.chat, self.settings)

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        """The goal that `mission` asks for, within `vocabulary`.

        Raises:
            MissionError: neither the model nor the rules understand it; says which part.
            LanguageModelError: offline, the answer was not kept.
        """
        key = (mission, vocabulary)
        answer = self._goals.get(key)
        if answer is None:
            answer = self._translate(mission, vocabulary)
            _keep(self._goals, key, answer)
        if isinstance(answer, MissionError):
            raise answer.with_traceback(None)
        return answer

    def instruct(self, step: Operator, state: State) -> Instruction:
        """The step in the model's words, or in those of its template.

        Raises:
            UnknownNameError: the rules have no template for this operator.
            LanguageModelError: offline, the answer was not kept.
        """
        key = (step.name, step.args)
        if key not in self._instructions:
            _keep(self._instructions, key, self._say(step, self.rules.instruct(step, state)))
        return self._instructions[key]

    def _translate(self, mission: str, vocabulary: Vocabulary) -> Goal | MissionError:
        from neurosym.language.grammar import MISSION_LIMIT

        if len(mission) > MISSION_LIMIT:
            return self._go_by_rules(mission, vocabulary)
        system, schema = self._told(vocabulary)
        request = self._request(system, goal_question(mission), schema)
        answer = self._consult(request, lambda text: self._read_goal(text, mission, vocabulary))
        if isinstance(answer, Goal):
            return answer
        by_rules = self._go_by_rules(mission, vocabulary)
        if isinstance(answer, Refused) and isinstance(by_rules, MissionError):
            return refusal(mission, answer.quote, "is not understood in", answer.reason)
        self.usage.fallbacks += 1
        return by_rules

    def _told(self, vocabulary: Vocabulary) -> tuple[str, dict[str, Any]]:
        if vocabulary not in self._goal_systems:
            told = goal_system(self.rules, vocabulary), goal_schema(vocabulary)
            _keep(self._goal_systems, vocabulary, told)
        return self._goal_systems[vocabulary]

    def _read_goal(self, text: str, mission: str, vocabulary: Vocabulary) -> Goal | Refused:
        data = read_object(text, self.settings.reply_bytes)
        return refusal_from(data, mission) or goal_from(data, vocabulary)

    def _go_by_rules(self, mission: str, vocabulary: Vocabulary) -> Goal | MissionError:
        try:
            return self.rules.goal(mission, vocabulary)
        except MissionError as error:
            return error

    def _say(self, step: Operator, usual: Instruction) -> Instruction:
        question = step_question(step, usual.text)
        request = self._request(INSTRUCT_SYSTEM, question, instruction_schema(step))
        text = self._consult(
            request, lambda reply: text_from(read_object(reply, self.settings.reply_bytes), step)
        )
        if text is None:
            self.usage.fallbacks += 1
            return usual
        return Instruction(text, step.name, step.args)

    def _request(self, system: str, question: Message, schema: dict[str, Any]) -> ChatRequest:
        return ChatRequest(
            (Message("system", system), question),
            schema,
            self.settings.samples,
            self.settings.reply_tokens,
            self.settings.temperature,
        )

    def _consult(self, request: ChatRequest, read: Callable[[str], Answer]) -> Answer | None:
        """What the model answers, read; None if nothing valid came, however often it was asked.

        Raises:
            LanguageModelError: offline, the answer was not kept.
        """
        try:
            for attempt in range(1 + self.settings.repairs):
                texts = self._ask(request)
                self.usage.repairs += attempt > 0
                answer, flawed, flaw = _judge(texts, read)
                if answer is not None:
                    return answer
                request = repaired(request, flawed, flaw)
        except LanguageModelError as error:
            if self.settings.offline:
                raise
            self._complain(error)
        return None

    def _ask(self, request: ChatRequest) -> Sequence[str]:
        started = time.perf_counter()
        try:
            reply = self.chat.ask(request)
        except LanguageModelError as error:
            self.usage.calls += error.calls
            raise
        finally:
            self.usage.seconds += time.perf_counter() - started
        self.usage.calls += reply.calls
        self.usage.tokens += reply.prompt_tokens + reply.completion_tokens
        self.usage.cache_hits += reply.calls == 0
        return reply.texts[: request.samples]

    def _complain(self, error: LanguageModelError) -> None:
        level = logging.DEBUG if self._has_complained else logging.WARNING
        _log.log(level, "%s; the rules answer instead", error)
        self._has_complained = True


def _judge(texts: Sequence[str], read: Callable[[str], Answer]) -> tuple[Answer | None, str, str]:
    """The most frequent valid answer, or the first reply with what is wrong with it."""
    valid: list[Answer] = []
    flawed, flaw = "", ""
    for text in texts:
        try:
            valid.append(read(text))
        except UnfitReplyError as error:
            if not flaw:
                flawed, flaw = text, str(error)
    if valid:
        return max(valid, key=valid.count), "", ""
    return None, flawed, flaw or "there is no reply"


def _keep(cache: dict[Any, Value], key: Any, value: Value) -> None:
    if len(cache) >= _CACHED:
        cache.pop(next(iter(cache)))
    cache[key] = value
