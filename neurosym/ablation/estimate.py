"""What a study will cost, from rates that were measured: in its finished cells, or in short ones on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from neurosym.ablation.attempt import Player
from neurosym.ablation.engines.local import LocalEngine
from neurosym.ablation.methods.registry import Budget
from neurosym.ablation.records import CellOrder, CellRecord, read_cell

__all__ = ["Cost", "Rate", "Rates", "calibrate", "estimate", "samples"]

SAMPLE_FRAMES = 40_000
SAMPLE_EPISODES = 4


@dataclass(frozen=True)
class Rate:
    """How fast cells are, in wall time.

    Attributes:
        start_seconds: however many frames and episodes there are: making levels, recording replays and the like.
        frame_seconds: of learning, for each frame.
        episode_seconds: of evaluation, for each episode.
    """

    start_seconds: float
    frame_seconds: float
    episode_seconds: float

    @classmethod
    def of(cls, cells: Sequence[CellRecord]) -> Rate:
        """The mean over cells, of which there is at least one."""
        frames = sum(cell.spent.frames for cell in cells)
        learning = sum(cell.spent.learning_seconds for cell in cells)
        seconds = sum(cell.spent.seconds for cell in cells)
        episodes = sum(_episodes(cell.order) for cell in cells)
        frame = _frame_seconds(cells, learning / max(frames, 1))
        episode = _episode_seconds(cells, (seconds - learning) / max(episodes, 1))
        start = max(seconds - frame * frames - episode * episodes, 0.0) / len(cells)
        return cls(start, frame, episode)

    def seconds(self, order: CellOrder) -> float:
        """What a cell takes."""
        return (
            self.start_seconds + order.frames * self.frame_seconds + _episodes(order) * self.episode_seconds
        )


def _frame_seconds(cells: Sequence[CellRecord], otherwise: float) -> float:
    """Between the first and the last point of the curves, so that the start is not counted in."""
    ends = [(cell.curve[0], cell.curve[-1]) for cell in cells if cell.curve]
    frames = sum(last.frames - first.frames for first, last in ends)
    return sum(last.seconds - first.seconds for first, last in ends) / frames if frames else otherwise


def _episode_seconds(cells: Sequence[CellRecord], otherwise: float) -> float:
    """Of the last evaluation, and no more than all that was not learning, spread over all episodes."""
    told = [episode.seconds for cell in cells for episode in cell.episodes]
    return max(min(sum(told) / len(told), otherwise), 0.0) if told else max(otherwise, 0.0)


class Rates:
    """Rates of methods, or where a method has no cell yet, of its kind of budget.

    Args:
        cells: those that failed tell nothing.
    """

    def __init__(self, budgets: Mapping[str, Budget], cells: Iterable[CellRecord] = ()) -> None:
        self._budgets = budgets
        self._cells: dict[str, list[CellRecord]] = {}
        for cell in cells:
            self.learn(cell)

    def learn(self, cell: CellRecord) -> None:
        """Take a finished cell into account."""
        if cell.status == "done" and cell.key.method in self._budgets:
            for name in (cell.key.method, f"kind {self._budgets[cell.key.method]}"):
                self._cells.setdefault(name, []).append(cell)

    def knows(self, method: str) -> bool:
        """Whether a cell of this very method has told."""
        return method in self._cells

    def seconds(self, order: CellOrder) -> float | None:
        """What a cell takes; None if no cell of its kind has told."""
        names = (order.key.method, f"kind {self._budgets[order.key.method]}")
        cells = next((self._cells[name] for name in names if name in self._cells), None)
        return None if cells is None else Rate.of(cells).seconds(order)


@dataclass(frozen=True)
class Cost:
    """What cells will cost.

    Attributes:
        frames: to learn from, by kind of budget.
        episodes: of evaluation.
        core_hours: None where a rate is missing.
        seconds: of wall time, so many cells at a time.
        methods: core hours of each method's cells; None where its rate is missing.
    """

    cells: int
    frames: Mapping[str, int]
    episodes: int
    core_hours: float | None
    seconds: float | None
    methods: Mapping[str, float | None]

    def as_record(self) -> dict[str, Any]:
        return asdict(self)


def estimate(orders: Sequence[CellOrder], budgets: Mapping[str, Budget], rates: Rates, jobs: int) -> Cost:
    """What these cells will cost, `jobs` at a time."""
    frames: dict[str, int] = dict.fromkeys(("plan", "flat"), 0)
    for order in orders:
        if order.frames:
            frames[budgets[order.key.method]] += order.frames
    told = [rates.seconds(order) for order in orders]
    methods: dict[str, float | None] = {}
    for order, seconds in zip(orders, told, strict=True):
        before = methods.get(order.key.method, 0.0)
        methods[order.key.method] = None if seconds is None or before is None else before + seconds / 3600
    each = [seconds for seconds in told if seconds is not None]
    whole = len(each) == len(told)
    return Cost(
        cells=len(orders),
        frames=frames,
        episodes=sum(map(_episodes, orders)),
        core_hours=sum(each) / 3600 if whole else None,
        seconds=max(sum(each) / max(jobs, 1), max(each, default=0.0)) if whole else None,
        methods=methods,
    )


def samples(orders: Sequence[CellOrder], rates: Rates) -> list[CellOrder]:
    """A short cell of each method that has told nothing of its own yet: those of one kind may differ tenfold."""
    found: dict[str, CellOrder] = {}
    for order in orders:
        if not rates.knows(order.key.method):
            found.setdefault(order.key.method, order)
    return [
        replace(
            order,
            frames=min(order.frames, SAMPLE_FRAMES),
            part_of=order.frames,
            points=2,
            curve_episodes=1,
            episodes=min(order.episodes, SAMPLE_EPISODES),
        )
        for order in found.values()
    ]


def calibrate(
    orders: Sequence[CellOrder], player: Player, jobs: int
) -> Generator[CellRecord | None, None, None]:
    """Play samples, so many side by side as cells will be, each in a process of its own, and keep nothing.

    Each is begun twice: what is compiled on a machine's first run is compiled in a shortest cell that tells nothing.
    Yields each cell as it is done, and None at least once a second.
    """
    warming = [replace(order, frames=min(order.frames, 1), points=1, episodes=1) for order in orders]
    with tempfile.TemporaryDirectory() as name:
        for _ in _play(warming, player, name, jobs):
            yield None
        yield from _play(orders, player, name, jobs)


def _play(
    orders: Sequence[CellOrder], player: Player, parent: str, jobs: int
) -> Generator[CellRecord | None, None, None]:
    with closing(LocalEngine().run(orders, player, _numbered(parent), jobs)) as stream:
        for news in stream:
            yield read_cell(news.attempt.folder) if news is not None and news.ended else None


def _numbered(parent: str) -> Callable[[CellOrder], Path]:
    def begin(order: CellOrder) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{order.key.method}-", dir=parent))

    return begin


def _episodes(order: CellOrder) -> int:
    """How many a cell is evaluated on; one that learns nothing has one point."""
    curve = (order.points - 1) * order.curve_episodes if order.frames else 0
    return curve + order.episodes
