"""Why a language model gave no reply, inside this package; outside it is a LanguageModelError."""

from __future__ import annotations

__all__ = ["NoReplyError", "RefusedError"]


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
