"""Everything that can be said about a language model and about how it is used, in one place.

NEUROSYM_LLM_BASE_URL   where the server is; hosted models are asked at their own default
NEUROSYM_LLM_MODEL      which of its models
OPENAI_API_KEY          the key, where the server wants one
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from neurosym.errors import NeurosymError

__all__ = ["ENVIRONMENT", "LanguageModelSettings"]

ENVIRONMENT = {
    "base_url": "NEUROSYM_LLM_BASE_URL",
    "model": "NEUROSYM_LLM_MODEL",
    "key": "OPENAI_API_KEY",
}

_AT_LEAST_ONE = ("samples", "reply_tokens", "reply_bytes")
_AT_LEAST_ZERO = (
    "retries",
    "most_calls",
    "most_tokens",
    "most_cost",
    "prompt_price",
    "completion_price",
    "repairs",
    "temperature",
)


@dataclass(frozen=True, kw_only=True)
class LanguageModelSettings:
    """Which model, how it is asked, what it may cost, and where its answers are kept.

    Attributes:
        base_url: of the server, such as http://127.0.0.1:8000/v1; empty for the hosted models of the client's maker.
        model: as the server names it.
        key: handed to the server and to nobody else: it is in no record, no text and no error.
        timeout_s: seconds of silence from the server; question_s: seconds for one question with all its retries.
        retries: of a request that failed for a reason that may pass.
        most_calls, most_tokens, most_cost: the budget of one translator, thus of one process; None for no limit. The
            cost is in whatever money the prices are in.
        prompt_price, completion_price: money for a million tokens.
        samples: replies asked for at once; the most frequent valid one is taken.
        repairs: how often a question is asked again with what was wrong with the reply.
        temperature: of sampling, in [0, 2]; samples beyond the first are of little use at 0.
        reply_tokens, reply_bytes: the longest reply that is asked for, and that is read at all.
        offline: ask nobody; only answers that are kept count.
        cache: folder of the answers; None for the user's own cache folder.

    Raises:
        NeurosymError: a value that makes no sense; says which.
    """

    base_url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    timeout_s: float = 30.0
    question_s: float = 120.0
    retries: int = 2
    most_calls: int | None = None
    most_tokens: int | None = None
    most_cost: float | None = None
    prompt_price: float = 0.0
    completion_price: float = 0.0
    samples: int = 1
    repairs: int = 2
    temperature: float = 0.0
    reply_tokens: int = 1024
    reply_bytes: int = 65_536
    offline: bool = False
    cache: Path | None = None

    def __post_init__(self) -> None:
        for name in _AT_LEAST_ONE:
            self._require(name, 1)
        for name in _AT_LEAST_ZERO:
            self._require(name, 0)
        for name in ("timeout_s", "question_s"):
            if not 0 < getattr(self, name) < math.inf:
                raise _nonsense(name, "must be above 0", getattr(self, name))
        if self.temperature > 2:
            raise _nonsense("temperature", "must be at most 2", self.temperature)
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise _nonsense("base_url", "must start with http:// or https://", self.base_url)
        if self.most_cost is not None and not self.prompt_price + self.completion_price:
            raise _nonsense("most_cost", "needs the price of a million tokens", self.most_cost)

    def _require(self, name: str, least: int) -> None:
        value = getattr(self, name)
        if value is not None and not least <= value < math.inf:
            raise _nonsense(name, f"must be at least {least}", value)

    @classmethod
    def from_environment(cls, **overrides: Any) -> LanguageModelSettings:
        """What the environment says, except where `overrides` says something else; None there says nothing.

        Raises:
            NeurosymError: a value that makes no sense; says which.
        """
        said: dict[str, Any] = {
            name: os.environ.get(variable, "").strip() for name, variable in ENVIRONMENT.items()
        }
        said |= {name: value for name, value in overrides.items() if value is not None}
        return cls(**said)

    def as_record(self) -> Mapping[str, Any]:
        """Plain JSON of everything but the key."""
        record = asdict(self)
        del record["key"]
        return record | {"cache": None if self.cache is None else str(self.cache)}

    def share(self, count: int) -> LanguageModelSettings:
        """These settings for one of `count` processes: what all of them may spend together is the budget."""
        parts: dict[str, Any] = {
            name: None if (budget := getattr(self, name)) is None else budget // count
            for name in ("most_calls", "most_tokens")
        }
        cost = None if self.most_cost is None else self.most_cost / count
        return replace(self, **parts, most_cost=cost)

    def cost_of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.prompt_price + completion_tokens * self.completion_price) / 1e6


def _nonsense(name: str, rule: str, value: object) -> NeurosymError:
    return NeurosymError(f"language model: {name} {rule}, got {value!r}")
