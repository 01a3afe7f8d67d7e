"""A language model as its settings have it: asked over the network, within its budget, and never twice."""

from __future__ import annotations

from neurosym.language.chat import ChatModel
from neurosym.language.settings import LanguageModelSettings

__all__ = ["open_chat"]


def open_chat(settings: LanguageModelSettings) -> ChatModel:
    raise NotImplementedError
