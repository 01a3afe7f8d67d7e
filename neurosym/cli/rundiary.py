"""What a run leaves behind for reading: `metrics.jsonl`, TensorBoard events and, if asked for, Weights & Biases."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from neurosym.errors import NeurosymError

if TYPE_CHECKING:
    from neurosym.training import TrainingEvent

__all__ = ["RunDiary", "forget_after"]


class RunDiary:
    """Writes down training events. A resumed run's lines past the point of resumption are dropped.

    Args:
        folder: the run's folder; made if it is not there.
        wandb_project: of Weights & Biases, where events are logged too: offline, in the run's folder, unless WANDB_MODE
            says otherwise. None for not at all.

    Raises:
        NeurosymError: Weights & Biases is asked for and not installed.
    """

    def __init__(self, folder: Path, wandb_project: str | None = None) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "metrics.jsonl"
        self._board = EventFileWriter(str(folder))
        self._wandb = _WandbRun(folder, wandb_project) if wandb_project else None
        self._begun = False

    def __enter__(self) -> RunDiary:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._board.close()
        if self._wandb:
            self._wandb.finish(failed=kind is not None)

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
        if self._wandb:
            self._wandb.log(event)


class _WandbRun:
    """Begins with the first event, when the run's config.json is there to be told."""

    def __init__(self, folder: Path, project: str) -> None:
        try:
            import wandb
        except ImportError:
            raise NeurosymError(
                'Weights & Biases is not installed: pip install "neurosym-rl[wandb]", or leave out --wandb'
            ) from None
        self._library, self._folder, self._project = wandb, folder, project
        self._run: Any = None

    def log(self, event: TrainingEvent) -> None:
        if self._run is None:
            self._run = self._begin()
        self._run.log({**event.metrics, "seconds": event.seconds}, step=event.frames)

    def finish(self, failed: bool) -> None:
        if self._run is not None:
            self._run.finish(exit_code=int(failed))

    def _begin(self) -> Any:
        mode: Any = os.environ.get("WANDB_MODE", "offline")
        return self._library.init(
            project=self._project,
            name=self._folder.name,
            dir=self._folder,
            mode=mode,
            config=self._config(),
            settings=self._library.Settings(silent=True),
        )

    def _config(self) -> dict[str, Any]:
        path = self._folder / "config.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


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
