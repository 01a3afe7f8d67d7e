"""Which translator is wanted, said so that another process can be told, and a record can keep it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from neurosym.errors import DomainError
from neurosym.language.access import open_chat
from neurosym.language.budget import BudgetedChat
from neurosym.language.chat import ChatModel
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
        settings = self.settings
        if self.kind == "llm":
            return open_chat(settings)
        scripted = self._scripted(rules, vocabulary)
        if settings.cache is None and not settings.offline:
            return BudgetedChat(scripted, settings)  # there is no need to keep what can be made again
        return open_chat(settings, scripted)

    def _scripted(self, rules: RuleTranslator, vocabulary: Vocabulary) -> ScriptedChat:
        if self.script == "hostile":
            return ScriptedChat.hostile()
        make = ScriptedChat.sloppy if self.script == "sloppy" else ScriptedChat.ideal
        return make(rules, vocabulary)
