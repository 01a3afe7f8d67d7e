"""Which translator is wanted, said so that another process can be told, and a record can keep it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from neurosym.errors import DomainError, LanguageModelError
from neurosym.language.budget import BudgetedChat
from neurosym.language.cache import CachedChat
from neurosym.language.chat import ChatModel, ChatReply, ChatRequest
from neurosym.language.model_translator import ModelTranslator
from neurosym.language.scripted import ScriptedChat
from neurosym.language.settings import LanguageModelSettings
from neurosym.language.translator import RuleTranslator, Translator
from neurosym.language.vocabulary import Vocabulary

__all__ = ["TranslatorChoice"]

_DECISIVE = ("samples", "repairs", "temperature", "reply_tokens", "reply_bytes")


@dataclass(frozen=True)
class TranslatorChoice:
    """The rules, a language model, or one that is scripted.

    Attributes:
        script: how the scripted one behaves.
        settings: of the model, scripted or not.
    """

    kind: Literal["rules", "llm", "scripted"] = "rules"
    script: Literal["ideal", "sloppy", "hostile"] = "ideal"
    settings: LanguageModelSettings = field(default_factory=LanguageModelSettings)

    def translator(self, rules: Translator, vocabulary: Vocabulary) -> Translator:
        """The translator for a domain with these rules.

        Raises:
            DomainError: the domain is not spoken of by rules, and a model cannot do without.
            LanguageModelError: the model cannot be asked from here.
        """
        if self.kind == "rules":
            return rules
        if not isinstance(rules, RuleTranslator):
            raise DomainError("a language model needs a domain with rules: a missions.toml")
        return ModelTranslator(rules, self._chat(rules, vocabulary), self.settings)

    def share(self, count: int) -> TranslatorChoice:
        """The same for one of `count` processes: what all of them may spend together is the budget."""
        return replace(self, settings=self.settings.share(count))

    def as_record(self) -> dict[str, Any]:
        """Plain JSON: what decides how missions are translated, and nothing else."""
        if self.kind == "rules":
            return {"kind": "rules"}
        told = {name: getattr(self.settings, name) for name in _DECISIVE}
        if self.kind == "scripted":
            return {"kind": "scripted", "script": self.script, **told}
        return {"kind": "llm", "model": self.settings.model, "base_url": self.settings.base_url, **told}

    def _chat(self, rules: RuleTranslator, vocabulary: Vocabulary) -> ChatModel:
        settings, scripted = self.settings, self.kind == "scripted"
        chat = self._scripted(rules, vocabulary) if scripted else self._asked()
        chat = BudgetedChat(chat, settings)
        if scripted and settings.cache is None and not settings.offline:
            return chat  # there is no need to keep what can be made again
        return CachedChat(chat, settings.cache, settings.offline, settings.reply_bytes)

    def _scripted(self, rules: RuleTranslator, vocabulary: Vocabulary) -> ScriptedChat:
        if self.script == "hostile":
            return ScriptedChat.hostile()
        make = ScriptedChat.sloppy if self.script == "sloppy" else ScriptedChat.ideal
        return make(rules, vocabulary)

    def _asked(self) -> ChatModel:
        if not self.settings.model:
            raise LanguageModelError("which language model? set NEUROSYM_LLM_MODEL, or name one")
        if self.settings.offline:
            return _Nobody(self.settings.model)
        from neurosym.language.openai_chat import OpenAIChat

        return OpenAIChat(self.settings)


@dataclass(frozen=True)
class _Nobody:
    """Stands where a model would be asked, and never is."""

    name: str

    def ask(self, request: ChatRequest) -> ChatReply:
        raise LanguageModelError(f"offline, and {self.name} was to be asked")
