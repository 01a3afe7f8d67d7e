"""Who says what where: answers on standard output; progress, logs and complaints on standard error."""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["Voice", "listening", "log_in_lines"]


class Voice:
    """The one place a command speaks from.

    Attributes:
        json: the answer is to be a JSON object.
    """

    def __init__(self, answers: IO[str], asides: IO[str], json: bool) -> None:
        self._answers, self._asides, self.json = answers, asides, json

    def answer(self, record: Mapping[str, Any]) -> None:
        """Print the one JSON object; numbers that JSON cannot write become null."""
        self._answers.write(json.dumps(_plain(record), indent=2, allow_nan=False) + "\n")
        self._answers.flush()

    def show(self, *things: RenderableType) -> None:
        """Print for people: text as it stands, or anything rich can draw."""
        console = self._console(self._answers)
        with console.capture() as text:
            for thing in things:
                console.print(thing, markup=False, highlight=False, soft_wrap=isinstance(thing, str))
        self._answers.write("".join(line.rstrip() + "\n" for line in text.get().splitlines()))
        self._answers.flush()

    def mention(self, text: str) -> None:
        """A remark on standard error."""
        self._asides.write(text + "\n")
        self._asides.flush()

    def complain(self, text: str) -> None:
        self.mention(f"neurosym: {text}")

    def ask(self, question: str) -> bool | None:
        """Yes or no, asked on standard error; None where nobody sits at a terminal. Anything but yes is no."""
        if not (sys.stdin and sys.stdin.isatty() and self._asides.isatty()):
            return None
        self._asides.write(f"neurosym: {question} [y/N] ")
        self._asides.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def aside(self) -> Console:
        """A console on standard error, for progress."""
        return self._console(self._asides)

    def _console(self, stream: IO[str]) -> Console:
        from rich.console import Console

        width = None if stream.isatty() else 160
        return Console(file=stream, width=width)


@contextmanager
def listening(json: bool) -> Iterator[Voice]:
    """Keep standard output for answers: whatever else writes there, children too, lands on standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        answers = os.fdopen(os.dup(kept), "w", encoding="utf-8")
        with answers, redirect_stdout(sys.stderr), _logging():
            yield Voice(answers, sys.stderr, json)
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _logging() -> Iterator[None]:
    logger = logging.getLogger("neurosym")
    before = logger.level, logger.propagate
    with warnings.catch_warnings():
        handler = log_in_lines()
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.level, logger.propagate = before


def log_in_lines() -> logging.Handler:
    """From now on, warnings in one line each; tracebacks and deprecations only when NEUROSYM_LOG=debug asks for them.

    A command's other processes call it too.
    """
    debug = os.environ.get("NEUROSYM_LOG", "").lower() == "debug"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter() if debug else _OneLine())
    logger = logging.getLogger("neurosym")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
    logger.propagate = False

    def note(message: Warning | str, category: type[Warning], *_: Any) -> None:
        level = logging.DEBUG if issubclass(category, DeprecationWarning) else logging.WARNING
        logger.log(level, "%s: %s", category.__name__, message)

    warnings.showwarning = note
    return handler


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return "neurosym: " + " ".join(record.getMessage().split())


def _plain(value: Any) -> Any:
    """`value` with what JSON does not know replaced."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, str | int | bool) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)
