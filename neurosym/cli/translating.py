"""Who translates, as the commands that plan or play are told."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from neurosym.cli.command import Command, UsageError
from neurosym.errors import NeurosymError

if TYPE_CHECKING:
    from neurosym.language import TranslatorChoice

__all__ = ["ModelFlags", "Translating"]


@dataclass(kw_only=True)
class ModelFlags:
    """Of the language model, for --translator llm or scripted. Its key is read from OPENAI_API_KEY and nowhere else."""

    model: str | None = None
    """As the server names it, instead of NEUROSYM_LLM_MODEL."""
    base_url: str | None = None
    """Address of the server, such as http://127.0.0.1:8000/v1, instead of NEUROSYM_LLM_BASE_URL."""
    samples: int | None = None
    """Replies to each question, of which the most frequent valid one is taken; 1 unless told otherwise."""
    temperature: float | None = None
    """Of sampling; 0 unless told otherwise."""
    repairs: int | None = None
    """How often a reply that is not valid is sent back; 2 unless told otherwise."""
    timeout_s: float | None = None
    """Seconds of silence from the server; 30 unless told otherwise."""
    most_calls: int | None = None
    """Requests to the model, after which the rules answer; all processes together."""
    most_tokens: int | None = None
    """Tokens of questions and replies, likewise."""
    most_cost: float | None = None
    """Money, likewise; in that of the prices."""
    prompt_price: float | None = None
    """Money for a million tokens of questions."""
    completion_price: float | None = None
    """Money for a million tokens of replies."""
    cache: Path | None = None
    """Folder where answers are kept; the user's own cache unless told otherwise."""


@dataclass(kw_only=True)
class Translating(Command):
    """A command that puts words into symbols and symbols into words."""

    translator: Literal["rules", "llm", "scripted"] = "rules"
    """Who translates: the domain's rules, a language model, or a model that replies from a script."""
    script: Literal["ideal", "sloppy", "hostile"] | None = None
    """How the scripted model behaves; ideal unless told otherwise."""
    offline: bool = False
    """Ask no language model; use what it has answered before, and fail where it was not asked."""
    llm: ModelFlags = field(default_factory=ModelFlags)

    def choose_translator(self) -> TranslatorChoice:
        """Who is to translate.

        Raises:
            UsageError: the flags contradict each other, or a value makes no sense.
        """
        from neurosym.language import LanguageModelSettings, TranslatorChoice

        told = {flag.name: getattr(self.llm, flag.name) for flag in fields(self.llm)}
        if self.script and self.translator != "scripted":
            raise UsageError("--script is for --translator scripted")
        if self.translator == "rules":
            if self.offline or any(value is not None for value in told.values()):
                raise UsageError("--offline and --llm are about a language model: add --translator llm")
            return TranslatorChoice()
        try:
            settings = LanguageModelSettings.from_environment(**told, offline=self.offline)
        except NeurosymError as error:
            raise UsageError(str(error)) from None
        return TranslatorChoice(self.translator, self.script or "ideal", settings)
