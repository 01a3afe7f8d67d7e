"""Playing what is missing of a study, and keeping it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from neurosym.ablation.attempt import Player
from neurosym.ablation.engines import Engine, News
from neurosym.ablation.records import CellOrder, CellRecord
from neurosym.ablation.store import Store, find_cell

__all__ = ["play_cells", "split"]


def split(folder: Path, orders: Iterable[CellOrder]) -> tuple[list[CellRecord], list[CellOrder]]:
    """The cells of a folder that are done, and the orders that are not; a cell that failed is tried again.

    Raises:
        NeurosymError: a cell was made to another order.
    """
    done: list[CellRecord] = []
    missing: list[CellOrder] = []
    for order in orders:
        cell = find_cell(folder, order)
        if cell is not None and cell.status == "done":
            done.append(cell)
        else:
            missing.append(order)
    return done, missing


def play_cells(
    store: Store, orders: Sequence[CellOrder], player: Player, engine: Engine, jobs: int
) -> Generator[News | CellRecord | None, None, None]:
    """Play cells; yields each once it is in its place, and news of those under way.

    Closing the generator ends what is being played; what was kept stays.
    """
    with closing(engine.run(orders, player, store.begin, jobs)) as stream:
        for news in stream:
            if news is not None and news.ended:
                yield store.settle(news.attempt.order, news.attempt.folder, news.reason)
            else:
                yield news
