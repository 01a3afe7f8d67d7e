"""Cells of a made-up ablation, for tests that need no learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from neurosym.ablation.records import CellKey, CellOrder, CellRecord, CurvePoint, Spent
from neurosym.ablation.report import ReportFacts
from neurosym.ablation.store import write_cell
from neurosym.evaluation import EpisodeResult

__all__ = ["FACTS", "METHODS", "TASKS", "make_cell", "make_cells", "save"]

TASKS = ("Corridor-S3", "Rooms-N6")
# When a method has learned half of what it ever will, its budget, and how far it gets on each task.
METHODS: dict[str, tuple[float, float, tuple[float, float]]] = {
    "full": (1.2e5, 1e6, (0.99, 0.97)),
    "flat": (2.4e6, 5e6, (0.62, 0.98)),
    "random-order": (3e5, 1e6, (0.8, 0.55)),
    "scripted": (0, 0, (0.96, 0.9)),
}
FACTS = ReportFacts(
    command="neurosym ablate --tasks Corridor-S3 Rooms-N6 --methods full flat random-order scripted --seeds 5",
    commit="0123456789abcdef",
    version="0.1.0",
    started="2026-01-02 03:04",
    versions={"python": "3.11", "numpy": "2.0"},
    question="Does the plan help?",
    baseline="flat",
    changes={
        "full": "nothing",
        "flat": "no plan, no options",
        "random-order": "the plan's steps are shuffled",
    },
)


def make_cells(
    seeds: int = 5, methods: Sequence[str] = tuple(METHODS), tasks: Sequence[str] = TASKS
) -> list[CellRecord]:
    return [make_cell(method, task, seed) for method in methods for task in tasks for seed in range(seeds)]


def make_cell(method: str, task: str, seed: int) -> CellRecord:
    """A cell whose curve is a noisy sigmoid of the logarithm of the frames."""
    half, budget, heights = METHODS[method]
    height = heights[TASKS.index(task)]
    rng = np.random.default_rng([seed, TASKS.index(task), list(METHODS).index(method)])
    half *= 2.0 ** rng.normal(0, 0.35)
    curve = [
        _point(frames, half, height, rng)
        for frames in ([budget * (k + 1) / 20 for k in range(20)] if budget else [0])
    ]
    share = float(curve[-1].success)
    episodes = tuple(_episode(task, 1_000_000 + k, k >= 40 * share, k) for k in range(40))
    order = CellOrder(CellKey(method, task, seed), "alley", int(budget))
    return CellRecord(
        order,
        "done",
        curve=tuple(curve),
        episodes=episodes,
        spent=Spent(
            int(budget), 9000, 0 if method == "flat" else 5200, 3.2, 0, 61.0 + budget / 2e4, budget / 2e4
        ),
        replays=("replay-1000000.html",) if seed == 0 else (),
        settings={"learner": {"hidden": [64], "rate": 3e-4}, "plan": method != "flat"},
    )


def _point(frames: float, half: float, height: float, rng: np.random.Generator) -> CurvePoint:
    learned = 1 / (1 + (half / frames) ** 3) if half else 1.0
    success = float(np.clip(round((height * learned + rng.normal(0, 0.025)) * 20) / 20, 0, 1))
    return CurvePoint(int(frames), success, success * 0.9, 40.0, 20, frames / 2e4)


def _episode(task: str, seed: int, failed: bool, number: int) -> EpisodeResult:
    cause = ("option", "time_limit", "option", "planner")[number % 4] if failed else ""
    return EpisodeResult(task, seed, not failed, 40, 0.0 if failed else 0.9, cause, "", 3, 1, 0.01, 0.1)


def fail(cell: CellRecord, reason: str) -> CellRecord:
    return replace(cell, status="failed", reason=reason, curve=(), episodes=())


def save(cells: Sequence[CellRecord], folder: Path) -> None:
    """Cells with all that they left, in their places."""
    for cell in cells:
        place = folder / cell.key.folder
        place.mkdir(parents=True)
        for name in cell.replays:
            (place / name).touch()
        write_cell(place, cell)
