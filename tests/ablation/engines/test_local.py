"""Cells in processes: each in one of its own, that ends when it should and takes no other with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from neurosym.ablation.attempt import Player
from neurosym.ablation.engines import News, find_engine
from neurosym.ablation.engines.local import LocalEngine
from neurosym.ablation.records import CellOrder, read_cell
from neurosym.errors import UnknownNameError
from tests.ablation import players
from tests.ablation.engines.conftest import order

ROOT = Path(__file__).parents[3]


def beginner(tmp_path: Path) -> Callable[[CellOrder], Path]:
    def begin(order: CellOrder) -> Path:
        folder = tmp_path / f"{order.key.method}-{order.key.seed}"
        folder.mkdir()
        return folder

    return begin


def played(tmp_path: Path, player: Player, orders: list[CellOrder], jobs: int = 2) -> list[News]:
    """All news of attempts that have ended, by their orders."""
    stream = LocalEngine().run(orders, player, beginner(tmp_path), jobs)
    ended = [news for news in stream if news and news.ended]
    return sorted(ended, key=lambda news: news.attempt.order.key)


def test_cells_are_played_elsewhere(tmp_path: Path, diary: Callable[[], list[str]]) -> None:
    orders = [order(seed) for seed in range(3)]
    for news, wanted in zip(played(tmp_path, players.play, orders), orders, strict=True):
        cell = read_cell(news.attempt.folder)
        assert cell is not None
        assert cell.order == wanted
        assert cell.status == "done"
        assert not (news.attempt.folder / "progress").exists()
    assert len(diary()) == 6


def test_processes_draw_each_for_itself(tmp_path: Path, diary: Callable[[], list[str]]) -> None:
    played(tmp_path, players.draw, [order(seed) for seed in range(3)])
    drawn = [line for line in diary() if line.startswith("0.")]
    assert len(drawn) == len(set(drawn)) == 3


@pytest.mark.parametrize(
    ("player", "reason"),
    [(players.refuse, "its map is missing"), (players.stumble, "ZeroDivisionError: division by zero")],
)
def test_a_player_that_raises_leaves_a_failed_cell(tmp_path: Path, player: Player, reason: str) -> None:
    (news,) = played(tmp_path, player, [order()])
    cell = read_cell(news.attempt.folder)
    assert cell is not None
    assert (cell.status, cell.reason) == ("failed", reason)


def test_a_process_that_dies_takes_no_other_cell_with_it(tmp_path: Path) -> None:
    dead, alive = played(tmp_path, players.drop_dead, [order(0), order(1)])
    assert read_cell(dead.attempt.folder) is None
    assert "exit code -9" in dead.reason
    assert read_cell(alive.attempt.folder) is not None


def test_what_goes_on_is_told_and_closing_ends_it(tmp_path: Path, diary: Callable[[], list[str]]) -> None:
    with closing(LocalEngine().run([order()], players.play_for_ever, beginner(tmp_path), 1)) as stream:
        news = next(news for news in stream if news and news.text)
        assert (news.frames, news.text, news.ended) == (7, "waiting", False)
        (pid,) = map(int, diary())
        assert alive(pid)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert not alive(pid)


SCRIPT = """
import sys
from pathlib import Path
from neurosym.ablation.engines.local import LocalEngine
from tests.ablation import players
from tests.ablation.engines.conftest import order

if __name__ == "__main__":
    list(LocalEngine().run([order()], players.play_for_ever, lambda order: Path(sys.argv[1]), 1))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_cells_end_with_whoever_wanted_them(tmp_path: Path, diary: Callable[[], list[str]]) -> None:
    """Even where there was no time to say goodbye, and though the cell would go on for ever."""
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, tmp_path / "script.py", tmp_path], env=environment) as running:
        wait_until(lambda: diary() != [])
        running.kill()
    wait_until(lambda: not alive(int(diary()[0])))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_more_than_so_many_at_a_time(tmp_path: Path, diary: Callable[[], list[str]]) -> None:
    played(tmp_path, players.play_slowly, [order(seed) for seed in range(3)], jobs=1)
    assert [line.split()[0] for line in diary()] == ["began", "ended"] * 3


def test_an_engine_nobody_knows() -> None:
    with pytest.raises(UnknownNameError, match="unknown engine 'slurp'; nearest: slurm"):
        find_engine("slurp")
