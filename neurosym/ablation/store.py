"""An ablation's folder: cells that are there or are not, whoever is killed and whenever.

DIR/study.json                            what all cells have in common, and what was asked for
DIR/cells/METHOD/TASK/seed-N/cell.json    with whatever else the cell left; the folder appears as a whole
DIR/unfinished/                           attempts at cells that have not ended
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from neurosym.ablation.records import CELL_FILE, CellOrder, CellRecord, read_cell
from neurosym.errors import NeurosymError
from neurosym.files import write_whole

__all__ = [
    "STUDY_FILE",
    "Store",
    "check_folder",
    "find_cell",
    "read_cells",
    "read_settings",
    "runs_of",
    "write_cell",
]

STUDY_FILE = "study.json"
RUNNING = ".running"  # locked by the process that writes
UNFINISHED = "unfinished"


class Store:
    """Keeps the cells of one study in a folder, which is made if it is missing.

    Args:
        settings: what all cells have in common; a folder begun with others is refused.
        notes: what else is worth keeping beside them, such as versions and what was typed.

    Raises:
        NeurosymError: the folder belongs to other settings, to a run that has not ended, or to something else.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
        from filelock import FileLock, Timeout

        self.folder = folder.absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        check_folder(self.folder, settings)
        self._lock = FileLock(self.folder / RUNNING)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise NeurosymError(f"another run is writing into {folder}") from None
        try:
            check_folder(self.folder, settings)
            shutil.rmtree(self._unfinished, ignore_errors=True)
            record = {"settings": dict(settings), **notes}
            write_whole(self.folder / STUDY_FILE, (json.dumps(record, indent=2) + "\n").encode())
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._lock.release()

    @property
    def _unfinished(self) -> Path:
        return self.folder / UNFINISHED

    def begin(self, order: CellOrder) -> Path:
        """An empty folder for one attempt at a cell; nobody else writes into it."""
        self._unfinished.mkdir(exist_ok=True)
        prefix = f"{order.key.method}-seed-{order.key.seed}-"
        return Path(tempfile.mkdtemp(prefix=prefix, dir=self._unfinished))

    def settle(self, order: CellOrder, attempt: Path, reason: str) -> CellRecord:
        """Put an attempt that has ended in its place, with all its files at once.

        Args:
            reason: why there is no cell, in case there is none; then the cell has failed.
        """
        record = read_cell(attempt)
        if record is None:
            record = CellRecord(order, "failed", reason)
            write_cell(attempt, record)
        place = self.folder / order.key.folder
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            shutil.rmtree(place)
        os.chmod(attempt, place.parent.stat().st_mode & 0o777)
        os.replace(attempt, place)
        _sync(place.parent)
        return record


def write_cell(folder: Path, record: CellRecord) -> None:
    """Write a cell's manifest, whole and for good."""
    write_whole(folder / CELL_FILE, (json.dumps(record.as_record()) + "\n").encode())
    _sync(folder)


def find_cell(folder: Path, order: CellOrder) -> CellRecord | None:
    """The cell that was made to this order, wherever the domain then lay; None if there is none.

    Raises:
        NeurosymError: it was made to another order.
    """
    place = folder / order.key.folder
    record = read_cell(place)
    if record is not None and replace(record.order, domain=order.domain) != order:
        raise NeurosymError(f"{place}: this cell was made to another order; --out takes another folder")
    return record


def read_cells(folder: Path) -> list[CellRecord]:
    """All cells of an ablation's folder, by method, task and seed; none if there is no such folder.

    Raises:
        NeurosymError: what should be a cell is none.
    """
    found = (read_cell(path.parent) for path in (folder / "cells").rglob(CELL_FILE))
    return sorted((cell for cell in found if cell is not None), key=lambda cell: cell.key)


def read_settings(folder: Path) -> dict[str, Any] | None:
    """What `study.json` holds; None if there is none.

    Raises:
        NeurosymError: it cannot be read.
    """
    path = folder / STUDY_FILE
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("settings"), dict):
        raise NeurosymError(f"{path} does not say what this folder holds; --out takes another")
    return record


def runs_of(folder: Path, run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was run into this folder so far, kept as the note "runs", and `run`, once if it was run before."""
    before = (read_settings(folder) or {}).get("runs", [])
    return [*before, *([] if run in before else [run])]


def check_folder(folder: Path, settings: Mapping[str, Any]) -> None:
    """Whether cells with these settings may be kept there.

    Raises:
        NeurosymError: it holds something else.
    """
    record = read_settings(folder)
    if record is None:
        if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
            raise NeurosymError(f"{folder} holds something, but no {STUDY_FILE}; --out takes another folder")
        return
    known = record["settings"]
    for name, value in settings.items():
        if known.get(name) != value:
            there = f"({known.get(name)}, not {value})"
            raise NeurosymError(
                f"{folder} holds a study with other {name} {there}; --out takes another folder"
            )


def _sync(folder: Path) -> None:
    """Have the names in a folder reach the disk, where folders can be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
