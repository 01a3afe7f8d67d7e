"""Progress on standard error: a bar where a person looks on, lines now and then where nobody does."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from neurosym.cli.voice import Voice

if TYPE_CHECKING:
    from neurosym.evaluation import EpisodeResult

__all__ = ["REMARK", "SECONDS_BETWEEN_LINES", "Bar", "Episodes", "make_bars"]

SECONDS_BETWEEN_LINES = 10.0
REMARK = TextColumn("{task.fields[remark]}")


def make_bars(voice: Voice, *columns: ProgressColumn) -> Progress:
    """Bars with these columns behind them; disabled where no person looks on, and lines have to do."""
    console = voice.aside()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class Bar:
    """A bar with a remark that changes.

    Args:
        total: what complete means.
        columns: drawn between the bar and the time left.
    """

    def __init__(self, voice: Voice, label: str, total: int, *columns: ProgressColumn) -> None:
        self._voice, self._label, self._total, self._said = voice, label, total, time.monotonic()
        self._progress = make_bars(voice, *columns, REMARK, TimeRemainingColumn())
        self._lines = self._progress.disable
        self._bar = self._progress.add_task(label, total=total, remark="")

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def turn_to(self, label: str, total: int) -> None:
        """From now on it is about this; nothing happens if it is so already."""
        if (label, total) != (self._label, self._total):
            self._label, self._total = label, total
            self._progress.reset(self._bar, total=total, description=label)

    def show(self, done: int, remark: str) -> None:
        """`done` of the total, and what to say about it."""
        self._progress.update(self._bar, completed=done, remark=remark)
        now = time.monotonic()
        if self._lines and (done >= self._total or now - self._said >= SECONDS_BETWEEN_LINES):
            self._said = now
            self._voice.mention(f"{self._label}: {done:,} of {self._total:,}, {remark}")


class Episodes(Bar):
    """Episodes played and solved so far."""

    def __init__(self, voice: Voice, total: int) -> None:
        super().__init__(voice, "episodes", total, MofNCompleteColumn())
        self._done = self._solved = 0

    def __enter__(self) -> Episodes:
        super().__enter__()
        return self

    def advance(self, result: EpisodeResult) -> None:
        self._done += 1
        self._solved += result.success
        self.show(self._done, f"{self._solved / self._done:.1%} solved, now {result.task}")
