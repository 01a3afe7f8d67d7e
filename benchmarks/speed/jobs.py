"""Measurements as jobs with names, and the file of their results, so that a long run can go on where it stopped."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.files import write_whole
from neurosym.provenance import commit_here

__all__ = ["FOUR", "Job", "Settings", "Store", "run_jobs"]

Result = dict[str, Any]

FOUR = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-KeyCorridorS6R3-v0",
    "MiniGrid-ObstructedMaze-Full-v1",
    "BabyAI-BossLevel-v0",
)


@dataclass(frozen=True)
class Settings:
    """How much is measured; the defaults are what the page reports.

    Attributes:
        tasks: those the engine and the belief are measured on.
        worlds: N of the engine and the belief.
        steps: of each world in one round; 0 for as many as the task's step limit (its mean over levels), so that a
            round of every contender holds the end of an episode in each of its worlds.
        warm_up: steps played before the belief is timed.
        repeats: rounds of each contender, taken in turn; a median over them is reported.
        levels: of each task, that worlds start from.
        practice_task: the one whose training is timed.
        frames: of one timed training run; the first third is left out of the steady state.
        device: of our learner in those runs.
        runs: of each learner, in turn.
        iterations: of the other learner in one run, 16,384 frames each; the first is left out.
        goals: tasks of time to success.
        cap_s: seconds after which a learner that has not succeeded is stopped.
        confirming: unseen levels of the original that a success is confirmed on.
        world_counts, grid_sizes, task_counts: the sizes of the scaling tables.
    """

    tasks: tuple[str, ...] = FOUR
    worlds: int = 1024
    steps: int = 0
    warm_up: int = 96
    repeats: int = 5
    levels: int = 500
    practice_task: str = FOUR[0]
    frames: int = 3_000_000
    device: str = "cpu"
    runs: int = 3
    iterations: int = 4
    goals: tuple[str, ...] = (FOUR[0], "MiniGrid-KeyCorridorS3R3-v0", "MiniGrid-MultiRoom-N6-v0")
    cap_s: float = 600.0
    confirming: int = 100
    world_counts: tuple[int, ...] = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
    grid_sizes: tuple[int, ...] = (8, 11, 16, 20, 25)
    task_counts: tuple[int, ...] = (1, 4, 16, 64, 171)


@dataclass(frozen=True)
class Job:
    """One measurement.

    Attributes:
        name: part and details, separated by slashes, as in "engine/MiniGrid-DoorKey-8x8-v0".
        run: measures; its result can be written as JSON.
    """

    name: str
    run: Callable[[], Result]


class Store:
    """Results by the name of their job, written to a file, if there is one, whenever there is a new one."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.entries: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            self.entries = json.loads(path.read_text(encoding="utf-8"))["jobs"]

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def keep(self, name: str, result: Result, seconds: float) -> None:
        """Take in a result, with the commit it was measured at and how long that took."""
        self.entries[name] = {"result": result, "commit": commit_here(), "seconds": round(seconds, 1)}
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, (json.dumps({"jobs": self.entries}, indent=1) + "\n").encode())

    def results(self, part: str) -> dict[str, Result]:
        """The results below a part, by the rest of their names."""
        start = f"{part}/"
        return {
            name.removeprefix(start): entry["result"]
            for name, entry in self.entries.items()
            if name.startswith(start)
        }

    def commits(self, part: str) -> list[str]:
        """The commits that a part's results were measured at."""
        found = (entry["commit"] for name, entry in self.entries.items() if name.startswith(f"{part}/"))
        return sorted({str(commit) for commit in found})


def run_jobs(jobs: Iterable[Job], store: Store, chosen: Sequence[str]) -> None:
    """Run those whose name begins with a chosen one and that have no result yet; progress on standard error."""
    for job in jobs:
        if job.name in store or not any(f"{job.name}/".startswith(f"{name}/") for name in chosen):
            continue
        print(f"{job.name} …", end=" ", file=sys.stderr, flush=True)
        start = time.perf_counter()
        store.keep(job.name, job.run(), time.perf_counter() - start)
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
