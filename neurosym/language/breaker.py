"""A server that gives no answers is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from neurosym.errors import LanguageModelError
from neurosym.language.chat import ChatModel, ChatReply, ChatRequest

__all__ = ["CircuitBreaker"]


class CircuitBreaker:
    """Passes questions on, but not to a model that has given no answer several times in a row.

    Such a model is asked nothing for a while, and then one question, whose fate decides how it goes on: Nygard 2007,
    "Release It!", section 5.2. Otherwise every new question would wait for its own retries to fail.

    Args:
        failures: so many in a row.
        rest_s: seconds for which nothing is asked; both numbers are ours.
        clock: tells seconds, never backwards.
    """

    def __init__(
        self,
        chat: ChatModel,
        failures: int = 3,
        rest_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chat, self.failures, self.rest_s = chat, failures, rest_s
        self._clock = clock
        self._in_a_row, self._again, self._last = 0, 0.0, ""

    @property
    def name(self) -> str:
        return self.chat.name

    def ask(self, request: ChatRequest) -> ChatReply:
        """The reply.

        Raises:
            LanguageModelError: there is none, or the model is left alone just now.
        """
        wait = self._again - self._clock()
        if wait > 0:
            raise LanguageModelError(
                f"not asked, after {self._in_a_row} questions in a row without an answer; "
                f"again in {wait:.0f} s. The last time: {self._last}"
            )
        try:
            reply = self.chat.ask(request)
        except LanguageModelError as error:
            self._in_a_row, self._last = self._in_a_row + 1, str(error)
            if self._in_a_row >= self.failures:
                self._again = self._clock() + self.rest_s
            raise
        self._in_a_row = 0
        return reply
