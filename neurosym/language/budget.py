"""A model that may be asked only so much."""

from __future__ import annotations

from neurosym.errors import LanguageModelError
from neurosym.language.chat import ChatModel, ChatReply, ChatRequest
from neurosym.language.settings import LanguageModelSettings

__all__ = ["BudgetedChat"]


class BudgetedChat:
    """Passes questions on while the budget of its settings lasts.

    A question is passed on only if the budget would bear the dearest reply to it: as many tokens as the prompt has
    bytes, and each reply as long as it may be. What is spent is what the server counts. Requests are counted with
    their retries, and a question under way may take its last retries beyond the budget of calls.

    Attributes:
        calls, tokens, cost: spent so far, in this process.
    """

    def __init__(self, chat: ChatModel, settings: LanguageModelSettings) -> None:
        self.chat, self.settings = chat, settings
        self.calls, self.tokens, self.cost = 0, 0, 0.0

    @property
    def name(self) -> str:
        return self.chat.name

    def ask(self, request: ChatRequest) -> ChatReply:
        """The reply.

        Raises:
            LanguageModelError: the budget does not bear the question, or there is no reply.
        """
        self._check(request)
        try:
            reply = self.chat.ask(request)
        except LanguageModelError as error:
            self.calls += error.calls
            raise
        self.calls += reply.calls
        self.tokens += reply.prompt_tokens + reply.completion_tokens
        self.cost += self.settings.cost_of(reply.prompt_tokens, reply.completion_tokens)
        return reply

    def _check(self, request: ChatRequest) -> None:
        prompt = sum(len(message.text.encode("utf-8", "replace")) for message in request.messages)
        replies = request.samples * request.most_tokens
        settings = self.settings
        for spent, dearest, most, unit in (
            (self.calls, 1, settings.most_calls, "calls"),
            (self.tokens, prompt + replies, settings.most_tokens, "tokens"),
            (self.cost, settings.cost_of(prompt, replies), settings.most_cost, "of money"),
        ):
            if most is not None and spent + dearest > most:
                raise LanguageModelError(
                    f"the language model's budget of {most:g} {unit} does not bear another question: "
                    f"{spent:g} spent, and the next may take {dearest:g}"
                )
