"""The contract between this package and language models: messages in, texts out, and what that cost.

A model is a collaborator that is passed in: one that asks a server, or one that replies from a script. What comes back
is text from a stranger, and whoever asks has to read it as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol

__all__ = ["ChatModel", "ChatReply", "ChatRequest", "Message", "Usage"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a model is asked.

    Attributes:
        schema: JSON schema that each reply should keep, for servers that can constrain their decoding; a hint, never a
            promise. None for plain text.
        samples: how many replies are wanted; at least 1.
        most_tokens: of each reply.
        temperature: of sampling; 0 asks for the most likely reply.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    samples: int = 1
    most_tokens: int = 1024
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What came back.

    Attributes:
        texts: one for each sample that arrived, perhaps fewer than were asked for.
        prompt_tokens, completion_tokens: as the server counts them; 0 where it does not say.
        calls: requests that reached the network for this, retries included; 0 if the answer had been kept.
    """

    texts: tuple[str, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 1


class ChatModel(Protocol):
    """Somebody who answers."""

    @property
    def name(self) -> str:
        """Which model it is, as the cache and the records know it; never a key."""
        ...

    def ask(self, request: ChatRequest) -> ChatReply:
        """The reply.

        Raises:
            LanguageModelError: there is none: unreachable, refused, too slow, too long. One line, without keys.
        """
        ...


@dataclass
class Usage:
    """What a translator has cost so far; all zero for rules.

    Attributes:
        calls: requests to a language model, retries included.
        tokens: of prompts and replies together.
        cache_hits: requests that were answered from the cache instead.
        repairs: replies that were sent back with what was wrong with them, and answered.
        fallbacks: questions that were left to the rules in the end.
        seconds: wall time spent on the model.
    """

    calls: int = 0
    tokens: int = 0
    cache_hits: int = 0
    repairs: int = 0
    fallbacks: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __str__(self) -> str:
        counts = (
            (self.calls, "call", "calls"),
            (self.tokens, "token", "tokens"),
            (self.cache_hits, "from the cache", "from the cache"),
            (self.repairs, "repair", "repairs"),
            (self.fallbacks, "fallback", "fallbacks"),
        )
        return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n)

    def __sub__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))
