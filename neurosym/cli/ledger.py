"""The folder of a long evaluation: its settings, and each episode as soon as it is over, so that it can go on.

DIR/settings.json     what is being played, and by whom
DIR/episodes.jsonl    one line for each episode; lines are only added
DIR/results.json      in the end, what `neurosym solve --json` prints
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from neurosym.cli.command import UsageError
from neurosym.evaluation import EpisodeResult

__all__ = ["Ledger"]

RUNNING = ".running"  # locked by the process that writes


class Ledger:
    """Keeps episodes in a folder, which is made if it is missing.

    Args:
        settings: whatever the results depend on, as JSON; a folder begun with others is refused.
        command: what was typed, for people.

    Attributes:
        episodes: those that were there already, by task and seed.

    Raises:
        UsageError: the folder belongs to other settings, or a run that has not ended, or to something else.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], command: str) -> None:
        from filelock import FileLock, Timeout

        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(folder / RUNNING)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(f"another run is writing into {folder}") from None
        try:
            self._compare(settings, command)
            self.episodes = {(one.task, one.seed): one for one in _read(self._path)}
            self._file = self._path.open("a", encoding="utf-8")
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._lock.release()

    def write(self, episode: EpisodeResult) -> None:
        """Add one episode; whatever becomes of this process, it is there."""
        self._file.write(json.dumps(asdict(episode)) + "\n")
        self._file.flush()

    def finish(self, record: Mapping[str, Any]) -> Path:
        """Write what all episodes come to."""
        return _put(self.folder / "results.json", record)

    @property
    def _path(self) -> Path:
        return self.folder / "episodes.jsonl"

    def _compare(self, settings: Mapping[str, Any], command: str) -> None:
        path = self.folder / "settings.json"
        if not path.exists():
            if self._path.exists():
                raise UsageError(f"{self._path} is there, but no settings.json that says what it holds")
            _put(path, {**settings, "command": command})
            return
        try:
            known = json.loads(path.read_bytes())
            others = [name for name, value in settings.items() if known.get(name) != value]
        except (ValueError, AttributeError):
            raise UsageError(f"{path} does not say what this folder holds; --out takes another") from None
        if others:
            there = f" ({_brief(known.get(others[0]))}, not {_brief(settings[others[0]])})"
            raise UsageError(
                f"{self.folder} holds a run with other {others[0]}{there}; --out takes another folder"
            )


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _put(path: Path, record: Mapping[str, Any]) -> Path:
    from neurosym.files import write_whole

    return write_whole(path, (json.dumps(record, indent=2) + "\n").encode())


def _read(path: Path) -> list[EpisodeResult]:
    """The episodes of a file; what stands behind its last whole line was cut off, and is dropped."""
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)
    return [_episode(path, number, line) for number, line in enumerate(data[:whole].splitlines(), start=1)]


def _episode(path: Path, number: int, line: bytes) -> EpisodeResult:
    try:
        return EpisodeResult.from_record(json.loads(line))
    except (ValueError, TypeError, AttributeError):
        raise UsageError(f"{path}, line {number}: not an episode") from None
