"""Why a language model gave no reply, inside this package; outside it is a LanguageModelError."""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping

__all__ = ["NoReplyError", "RefusedError", "judge", "read_wait"]

_ADVICE = {
    401: "does not accept the key: set OPENAI_API_KEY to one of this server",
    403: "does not let this key use the model",
    404: "knows no such model or address: check NEUROSYM_LLM_MODEL and NEUROSYM_LLM_BASE_URL, which often ends in /v1",
    408: "was too slow for itself",
    413: "finds the question too long",
    429: "asks for fewer questions",
}
_TAKES_NO_SUCH_QUESTION = (400, 422)

# llama-cpp-python reports a schema that it does not take as a fault of its own.
_SCHEMA = "response_format"


class NoReplyError(Exception):
    """No reply.

    Args:
        reason: what went wrong and what would be right. It may quote the server, keys and all.
        passing: the same question may fare better in a while.
        wait_s: how long the server asks to be left alone; None where it does not say.
    """

    def __init__(self, reason: str, *, passing: bool = False, wait_s: float | None = None) -> None:
        self.reason, self.passing, self.wait_s = reason, passing, wait_s
        super().__init__(reason)


class RefusedError(NoReplyError):
    """The server does not take the question as it is put; the reason holds its words."""


def judge(status: int, headers: Mapping[str, str], text: str) -> NoReplyError:
    """What a response that is no success means."""
    said = f"; it says: {' '.join(text.split())}" if text.strip() else ""
    if status in _TAKES_NO_SUCH_QUESTION or (status == 500 and _SCHEMA in text):
        return RefusedError(f"does not take the question (HTTP {status}){said}")
    if 300 <= status < 400:
        elsewhere = headers.get("location", "nowhere")
        return NoReplyError(
            f"redirects to {elsewhere}: the key does not follow; set NEUROSYM_LLM_BASE_URL to it if you trust it"
        )
    passing = status in (408, 429) or status >= 500
    if "insufficient_quota" in text:
        return NoReplyError(f"says that the account has no credit left (HTTP {status}){said}")
    advice = _ADVICE.get(status, "is in trouble" if passing else "refuses")
    return NoReplyError(
        f"{advice} (HTTP {status}){said}", passing=passing, wait_s=read_wait(headers.get("retry-after", ""))
    )


def read_wait(asked: str) -> float | None:
    """The seconds that a Retry-After header asks for: a number, or a date."""
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(asked).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return None if math.isnan(seconds) else max(seconds, 0.0)
