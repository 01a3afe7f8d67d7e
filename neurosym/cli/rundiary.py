"""What a run leaves behind for reading: `metrics.jsonl` and TensorBoard events."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosym.training import TrainingEvent

__all__ = ["RunDiary", "forget_after"]


class RunDiary:
    """Writes down training events. A resumed run's lines past the point of resumption are dropped.

    Args:
        folder: the run's folder; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "metrics.jsonl"
        self._board = EventFileWriter(str(folder))
        self._begun = False

    def __enter__(self) -> RunDiary:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._board.close()

    def write(self, event: TrainingEvent) -> None:
        """Append one event; what is written can be read at once."""
        if not self._begun:
            forget_after(self._path, event.frames)
            self._begun = True
        line = {"frames": event.frames, "seconds": round(event.seconds, 3), **event.metrics}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._board.add_event(_board_event(event))
        self._board.flush()


def forget_after(path: Path, frames: int) -> None:
    """Drop the lines of `metrics.jsonl` at or past `frames`, and a last line that was cut off."""
    if not path.exists():
        return
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if _frames(line) < frames]
    path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def _frames(line: str) -> float:
    try:
        return float(json.loads(line)["frames"])
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _board_event(event: TrainingEvent) -> Any:
    from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[attr-defined]
    from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[attr-defined]

    values = [Summary.Value(tag=name, simple_value=value) for name, value in sorted(event.metrics.items())]
    values.append(Summary.Value(tag="seconds", simple_value=event.seconds))
    return Event(wall_time=time.time(), step=event.frames, summary=Summary(value=values))
