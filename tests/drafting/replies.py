"""A model that gives texts, for as long as it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterable

from neurosym.language import ChatReply, ChatRequest


class Replies:
    """Gives one text after the other, the last one for ever, and remembers what it was asked."""

    name = "replies"

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts, self.asked = list(texts), list[ChatRequest]()

    def ask(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        return ChatReply((self.texts[min(len(self.asked), len(self.texts)) - 1],), 100, 10)

    def told(self, number: int) -> dict:
        """What the user's message of a question holds."""
        return json.loads(self.asked[number].messages[-1].text)
