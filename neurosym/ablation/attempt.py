"""One attempt at a cell, in whatever process: the player plays, and a manifest says what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from neurosym.ablation.records import CellOrder, CellRecord
from neurosym.ablation.store import write_cell
from neurosym.errors import NeurosymError
from neurosym.files import replace_file

__all__ = ["Player", "Progress", "attempt", "how_it_goes"]

PROGRESS_FILE = "progress"
SECONDS_BETWEEN_NOTES = 1.0

Player = Callable[[CellOrder, Path, Callable[[int, str], None]], CellRecord]
"""Plays a cell in a folder, telling now and then how many frames it has learned from, and what goes on."""

_log = logging.getLogger(__name__)


class Progress:
    """Writes down how an attempt goes, about once a second, where `how_it_goes` finds it."""

    def __init__(self, folder: Path) -> None:
        self._path, self._said = folder / PROGRESS_FILE, -SECONDS_BETWEEN_NOTES

    def __call__(self, frames: int, text: str) -> None:
        now = time.monotonic()
        if now - self._said >= SECONDS_BETWEEN_NOTES:
            self._said = now
            replace_file(self._path, f"{int(frames)} {text}".encode(), durable=False)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def attempt(player: Player, order: CellOrder, folder: Path) -> None:
    """Play a cell; whatever the player raises, `cell.json` says what came of it."""
    progress = Progress(folder)
    try:
        record = player(order, folder, progress)
    except NeurosymError as error:
        record = CellRecord(order, "failed", " ".join(str(error).split()))
    except Exception as error:
        _log.debug("%s", order.key, exc_info=error)
        record = CellRecord(order, "failed", " ".join(f"{type(error).__name__}: {error}".split()))
    progress.forget()
    write_cell(folder, record)


def how_it_goes(folder: Path) -> tuple[int, str]:
    """The frames that an attempt under way has learned from, and what goes on; 0 and "" if it has not said."""
    try:
        frames, _, text = (folder / PROGRESS_FILE).read_text(encoding="utf-8").partition(" ")
        return int(frames), text
    except (OSError, ValueError):
        return 0, ""
