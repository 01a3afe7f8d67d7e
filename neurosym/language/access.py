"""A language model as its settings have it: within its budget, and asked the same thing only once."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.errors import LanguageModelError
from neurosym.language.breaker import CircuitBreaker
from neurosym.language.budget import BudgetedChat
from neurosym.language.cache import CachedChat
from neurosym.language.chat import ChatModel, ChatReply, ChatRequest
from neurosym.language.settings import LanguageModelSettings

__all__ = ["open_chat", "reach_model"]


def open_chat(settings: LanguageModelSettings, chat: ChatModel | None = None) -> ChatModel:
    """The model behind a budget, and that behind a cache.

    Args:
        chat: the model, in place of the one that the settings name.

    Raises:
        LanguageModelError: no model is named, or it cannot be asked from here.
    """
    within = BudgetedChat(reach_model(settings) if chat is None else chat, settings)
    return CachedChat(within, settings.cache, settings.offline, settings.reply_bytes)


def reach_model(settings: LanguageModelSettings) -> ChatModel:
    """The model, left alone for a while when it gives no answers; nobody where the settings say offline.

    Raises:
        LanguageModelError: no model is named, or it cannot be asked from here.
    """
    if not settings.model:
        raise LanguageModelError("which language model? set NEUROSYM_LLM_MODEL, or name one")
    if settings.offline:
        return _Nobody(settings.model)
    from neurosym.language.openai_chat import OpenAIChat

    return CircuitBreaker(OpenAIChat(settings))


@dataclass(frozen=True)
class _Nobody:
    """Stands where a model would be asked, and never is."""

    name: str

    def ask(self, request: ChatRequest) -> ChatReply:
        raise LanguageModelError(f"offline, and {self.name} was to be asked")
