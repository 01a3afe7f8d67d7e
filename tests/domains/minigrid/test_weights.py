"""The weights that ship solve the eight tasks they are measured on, on levels never met in training."""

from __future__ import annotations

import json
from typing import Any

import pytest

import neurosym
from neurosym.evaluation import TaskResult, evaluate
from neurosym.seeds import EVALUATION_SEED
from tests.domains.minigrid.play import DOMAIN

MEASURED = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-DoorKey-16x16-v0",
    "MiniGrid-MultiRoom-N6-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-BlockedUnlockPickup-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "BabyAI-GoToLocal-v0",
    "BabyAI-PickupLoc-v0",
)


def success_rates(episodes: int) -> dict[str, float]:
    results = evaluate(neurosym.load("minigrid"), DOMAIN, MEASURED, episodes, EVALUATION_SEED)
    return {result.task: result.success_rate for result in results if isinstance(result, TaskResult)}


def test_a_few_levels_of_each_task() -> None:
    rates = success_rates(5)
    assert set(rates) == set(MEASURED)
    assert sum(rates.values()) / len(rates) >= 0.95, rates


@pytest.mark.slow
def test_a_hundred_levels_of_each_task() -> None:
    rates = success_rates(100)
    assert min(rates.values()) >= 0.97, rates


def test_the_record_says_how_they_were_made() -> None:
    meta: dict[str, Any] = json.loads((DOMAIN.weights / "checkpoint.json").read_text())["meta"]
    assert tuple(meta["tasks"]) == DOMAIN.training_tasks
    assert meta["command"].startswith("neurosym train minigrid")
    assert "dirty" not in meta["commit"]
    assert sum(path.stat().st_size for path in DOMAIN.weights.iterdir()) < 5_000_000
