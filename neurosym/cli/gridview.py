"""How an ablation goes: a bar for all cells and one for each under way, or lines where nobody looks on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from neurosym.cli.progress import REMARK, SECONDS_BETWEEN_LINES, make_bars
from neurosym.cli.voice import Voice

if TYPE_CHECKING:
    from rich.progress import TaskID

    from neurosym.ablation.engines import News
    from neurosym.ablation.estimate import Rates
    from neurosym.ablation.records import CellKey, CellOrder, CellRecord

__all__ = ["GridView", "told"]


class GridView:
    """Shows cells as they begin, go on and end.

    Args:
        orders: what is to be played; `done` more are there already.
        rates: grow with each cell, for the time that is left.
        jobs: how many cells at a time.
    """

    def __init__(self, voice: Voice, orders: Sequence[CellOrder], done: int, rates: Rates, jobs: int) -> None:
        self._voice, self._rates, self._jobs = voice, rates, jobs
        self._waiting = {order.key: order for order in orders}
        self._shares: dict[CellKey, float] = {}
        self._done, self._total, self._said = done, done + len(orders), time.monotonic()
        self._progress = make_bars(voice, REMARK)
        self._lines = self._progress.disable
        self._all = self._progress.add_task("cells", total=self._total, completed=done, remark="")
        self._bars: dict[CellKey, TaskID] = {}

    def __enter__(self) -> GridView:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def hear(self, news: News) -> None:
        """A cell has begun or goes on."""
        order = news.attempt.order
        if order.key not in self._bars:
            self._bars[order.key] = self._progress.add_task(
                _name(order.key), total=order.frames or None, remark=""
            )
        self._shares[order.key] = news.frames / order.frames if order.frames else 0.0
        remark = f"{news.frames:,} of {order.frames:,} frames, " * bool(order.frames) + (news.text or "begun")
        self._progress.update(self._bars[order.key], completed=news.frames, remark=remark)
        self._sum_up()
        now = time.monotonic()
        if self._lines and now - self._said >= SECONDS_BETWEEN_LINES:
            self._said = now
            self._voice.mention(f"cells: {self._standing()}; now {_name(order.key)}, {remark}")

    def take(self, cell: CellRecord) -> None:
        """A cell has ended."""
        self._done += 1
        self._rates.learn(cell)
        self._waiting.pop(cell.key, None)
        self._shares.pop(cell.key, None)
        if cell.key in self._bars:
            self._progress.remove_task(self._bars.pop(cell.key))
        self._sum_up()
        self._said = time.monotonic()
        line = f"cells: {self._standing()}; {_name(cell.key)}: {_outcome(cell)}"
        if self._lines:
            self._voice.mention(line)
        else:
            self._progress.console.print(line, markup=False, highlight=False)

    def _sum_up(self) -> None:
        self._progress.update(self._all, completed=self._done, remark=self._standing())

    def _standing(self) -> str:
        left = self._seconds_left()
        return f"{self._done} of {self._total}" + (f", about {told(left)} left" if left else "")

    def _seconds_left(self) -> float | None:
        """Of wall time; None while a rate is unknown."""
        total = 0.0
        for key, order in self._waiting.items():
            seconds = self._rates.seconds(order)
            if seconds is None:
                return None
            total += seconds * (1.0 - min(self._shares.get(key, 0.0), 1.0))
        return total / min(self._jobs, max(len(self._waiting), 1))


def told(seconds: float) -> str:
    """A time in the unit that suits it."""
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}" if seconds >= 10 * size else f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def _name(key: CellKey) -> str:
    return f"{key.method} {key.task} seed {key.seed}"


def _outcome(cell: CellRecord) -> str:
    if cell.status == "failed":
        return f"failed: {cell.reason}"
    last = cell.curve[-1]
    learned = f" after {last.frames:,} frames" if last.frames else ""
    return f"{last.success:.1%} solved{learned}, {told(cell.spent.seconds)}"
