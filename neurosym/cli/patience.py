"""Asks for patience once, when compiled code is not yet in numba's cache: on a new machine that takes a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import event

from neurosym.cli.voice import Voice

__all__ = ["NOTICE", "asking_for_patience"]

NOTICE = "compiling for this machine; times told below may include that, the next start is quick"


class _Notice(event.Listener):
    def __init__(self, voice: Voice) -> None:
        self._voice, self._said = voice, False

    def on_start(self, event: Any) -> None:
        if not self._said:
            self._said = True
            self._voice.mention(f"neurosym: {NOTICE}")

    def on_end(self, event: Any) -> None:
        pass


@contextmanager
def asking_for_patience(voice: Voice) -> Iterator[None]:
    """Mention the first compilation that happens inside."""
    with event.install_listener("numba:compile", _Notice(voice)):
        yield
