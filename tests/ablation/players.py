"""Players of cells that cost next to nothing, by their names, as other processes are told them."""

from __future__ import annotations

import os
import signal
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from numpy import random

from neurosym.ablation.records import CellOrder, CellRecord, CurvePoint, Spent
from neurosym.errors import UnavailableTaskError
from neurosym.evaluation import EpisodeResult

DIARY = "NEUROSYM_TEST_DIARY"  # a file to which each played cell adds a line


def play(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    """What a cell comes to depends on its order alone."""
    note(f"began {order.key}")
    progress(order.frames // 2, "half-way")
    success = zlib.crc32(repr(order).encode()) % 101 / 100
    (folder / "replays").mkdir()
    (folder / "replays" / "success.html").write_text(f"{order.key}")
    episode = EpisodeResult(
        order.key.task, order.first_seed, success > 0.5, 4, success, "", "", 1, 0, 0.01, 0.1
    )
    note(f"ended {order.key}")
    return CellRecord(
        order,
        "done",
        curve=(CurvePoint(order.frames, success, success, 4.0, order.episodes, 2.0),),
        episodes=(episode,),
        spent=Spent(order.frames, 4 * order.episodes, 3, 0.25, 0, 3.0, 2.0),
        replays=("replays/success.html",),
        settings={"hidden": [8]},
    )


def play_slowly(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    time.sleep(0.3)
    return play(order, folder, progress)


def play_when_told(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    """Seeds from 3 on wait until there is a gate beside the diary, and for ever if what started them is killed.

    A node that is killed leaves its worker a moment, which is enough for a cell that finds the gate there.
    """
    parent = os.getppid()
    note(f"waits {order.key.seed}")
    while order.key.seed >= 3 and not (gate().exists() and os.getppid() == parent):
        time.sleep(0.02)
    return play(order, folder, progress)


def play_for_ever(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    note(f"{os.getpid()}")
    progress(7, "waiting")
    time.sleep(600)
    return play(order, folder, progress)


def draw(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    note(f"{random.random()}")  # noqa: NPY002 - what somebody's method may do
    return play(order, folder, progress)


def refuse(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    raise UnavailableTaskError("its map is missing")


def stumble(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    return play(order, folder, progress) if order.key.seed else 1 / 0  # type: ignore[return-value]


def drop_dead(order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
    if order.key.seed == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return play(order, folder, progress)


def note(text: str) -> None:
    if DIARY in os.environ:
        with Path(os.environ[DIARY]).open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def gate() -> Path:
    return Path(os.environ[DIARY]).with_suffix(".gate")
