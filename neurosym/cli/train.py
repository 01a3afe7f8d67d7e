"""`neurosym train`: watches the training, shows how it goes and writes it down."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from neurosym.cli.command import DONE, INTERRUPTED, UsageError
from neurosym.cli.trust import InDomain
from neurosym.cli.voice import Voice
from neurosym.provenance import provenance

if TYPE_CHECKING:
    from neurosym.cli.names import Chosen
    from neurosym.cli.progress import Bar
    from neurosym.cli.rundiary import RunDiary
    from neurosym.training import TrainingEvent

__all__ = ["Train"]


@dataclass(kw_only=True)
class Train(InDomain):
    """Learn a domain's options by reinforcement. Ctrl-C stops and keeps what was learned."""

    tasks: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="DOMAIN|TASK...")] = ()
    """A domain, or tasks of one domain."""
    frames: int = 5_000_000
    """Primitive steps to train for, over all worlds together."""
    out: Path | None = None
    """Folder of the run; runs/DOMAIN unless told otherwise."""
    resume: bool = False
    """Go on with the run in that folder."""
    seed: int = 0
    """Of all chance in training: levels, initial weights, exploration."""
    controller: Literal["typed", "text"] = "typed"
    """What options are told: typed arguments, or the instruction's text alone."""
    snapshots: tuple[int, ...] = ()
    """Frames after which the weights are kept as they are then, each in a folder of the run's own."""
    device: str = "cpu"
    """Where the learner works: cpu, or an accelerator by torch's name for it, such as cuda."""
    wandb: str | None = None
    """Log to this project of Weights & Biases too; offline unless WANDB_MODE says otherwise."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.names import choose

        if self.frames < 1:
            raise UsageError(f"--frames must be at least 1, got {self.frames}")
        chosen = choose(self.tasks, self.warrant(voice), self.domain)
        if len(chosen) > 1:
            names = " and ".join(entry.domain.name for entry in chosen)
            raise UsageError(f"one network serves one domain, but these tasks belong to {names}")
        entry = chosen[0]
        for task in entry.skipped if not entry.whole else ():
            voice.complain(f"skipping {task.id}: {task.reason}")
        folder = self.out or Path("runs") / entry.domain.name
        self._check_folder(folder)
        return self._train(entry, folder, voice, given)

    def _check_folder(self, folder: Path) -> None:
        begun = (folder / "config.json").exists()
        if self.resume and not begun:
            raise UsageError(f"{folder}: there is no run to resume")
        if begun and not self.resume:
            raise UsageError(
                f"{folder} holds a run already; --resume goes on with it, --out takes another folder"
            )

    def _train(self, entry: Chosen, folder: Path, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.patience import asking_for_patience
        from neurosym.cli.rundiary import RunDiary
        from neurosym.options import find_device
        from neurosym.training import TrainingConfig, train

        find_device(self.device)
        _ = entry.domain.model, entry.domain.vocabulary  # broken files are better told before levels are made
        tasks = entry.domain.training_tasks if entry.whole else [task.id for task in entry.tasks]
        events = train(
            entry.domain,
            tasks,
            frames=self.frames,
            out=folder,
            resume=self.resume,
            seed=self.seed,
            config=TrainingConfig(
                **{**entry.domain.training, "snapshots": self.snapshots, "controller": self.controller}
            ),
            device=self.device,
            provenance=provenance(given),
        )
        with RunDiary(folder, self.wandb) as diary, asking_for_patience(voice):
            last, interrupted = _follow(events, diary, voice, self.frames)
        if interrupted:
            voice.complain(_farewell(folder, given, begun=last is not None))
        self._report(voice, given, folder, entry.domain.name, last, interrupted)
        return INTERRUPTED if interrupted else DONE

    def _report(
        self,
        voice: Voice,
        given: list[str],
        folder: Path,
        domain: str,
        last: TrainingEvent | None,
        interrupted: bool,
    ) -> None:
        record: dict[str, Any] = {
            "domain": domain,
            "out": str(folder),
            "frames": last.frames if last else 0,
            "seconds": last.seconds if last else 0.0,
            "metrics": dict(last.metrics) if last else {},
            "interrupted": interrupted,
        }
        if voice.json:
            voice.answer({**record, **provenance(given)})
        else:
            told = f", {_remark(last)}" if last else ""
            voice.show(f"{record['frames']:,} frames in {record['seconds']:.0f} s, saved in {folder}{told}")


def _farewell(folder: Path, given: list[str], begun: bool) -> str:
    if not begun:
        return "interrupted before training began; nothing was learned yet"
    again = shlex.join(["neurosym", *(word for word in given if word != "--resume"), "--resume"])
    return f"interrupted; saved in {folder}, go on with: {again}"


def _follow(
    events: Iterator[TrainingEvent], diary: RunDiary, voice: Voice, total: int
) -> tuple[TrainingEvent | None, bool]:
    """Consume the training; return its last event, None if it never began, and whether it was interrupted.

    The training is stopped between two events, so that it can put its work in order.
    """
    from neurosym.cli.progress import Bar

    last: TrainingEvent | None = None
    with _interruptible() as asked, Bar(voice, "training", total) as bar:
        try:
            for event in events:
                _show(bar, event)
                if not event.status:
                    last = event
                    diary.write(event)
                if asked:
                    break
        finally:
            if isinstance(events, Generator):
                events.close()
    return last, bool(asked) and (last is None or last.frames < total)


def _show(bar: Bar, event: TrainingEvent) -> None:
    if event.status:
        done, total = event.prepared
        bar.turn_to("preparing", total)
        bar.show(done, event.status)
    else:
        bar.turn_to("training", event.total_frames)
        bar.show(event.frames, _remark(event))


def _remark(event: TrainingEvent) -> str:
    metrics = event.metrics
    parts = [f"{metrics['success_rate']:.1%} solved"] if "success_rate" in metrics else []
    if "frames_per_second" in metrics:
        parts.append(f"{metrics['frames_per_second']:,.0f} frames/s")
    if "planning_share" in metrics:
        parts.append(f"{metrics['planning_share']:.0%} planning")
    return ", ".join(parts)


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """A list that Ctrl-C makes non-empty; the second one raises KeyboardInterrupt at once."""
    asked: list[int] = []

    def take_note(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, take_note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
