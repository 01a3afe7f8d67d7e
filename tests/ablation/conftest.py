"""Cells so small that each takes a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from neurosym.ablation.methods import Trial
from neurosym.ablation.records import CellKey, CellOrder, CellRecord
from neurosym.options import PPOConfig
from neurosym.training import TrainingConfig
from tests.worlds import ALLEY, ALLEY_FOLDER, alley

SMALL = {"worlds": 8, "steps": 8, "hidden": (8,), "levels": 10, "ppo": PPOConfig(minibatch=64)}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alleys are practised in few worlds, by a small network."""
    monkeypatch.setattr(type(ALLEY), "training", SMALL)


@pytest.fixture
def order() -> Callable[..., CellOrder]:
    def make(method: str, **changes: Any) -> CellOrder:
        key = CellKey(method, "Alley-v0", changes.pop("seed", 0))
        settings = {"frames": 128, "points": 2, "curve_episodes": 2, "episodes": 3, **changes}
        return CellOrder(key, str(ALLEY_FOLDER), **settings)

    return make


@pytest.fixture
def trial() -> Trial:
    levels = [alley.random_level(seed) for seed in range(10)]
    return Trial(ALLEY, "Alley-v0", 0, 128, TrainingConfig(**SMALL), lambda: levels)


def untimed(record: CellRecord) -> CellRecord:
    """All that must be the same whenever a cell is played."""
    still = {"seconds": 0.0, "planning_seconds": 0.0}
    return replace(
        record,
        curve=tuple(replace(point, seconds=0.0) for point in record.curve),
        episodes=tuple(replace(one, plan_cache_hits=0, **still) for one in record.episodes),
        spent=replace(record.spent, learning_seconds=0.0, **still),
    )
