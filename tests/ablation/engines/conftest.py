from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from neurosym.ablation.records import CellKey, CellOrder
from tests.ablation.players import DIARY


def order(seed: int = 0, method: str = "full", **changes: int) -> CellOrder:
    return CellOrder(CellKey(method, "Walk-v0", seed), "walk", **{"frames": 1000, **changes})


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What players have noted."""
    path = tmp_path / "diary"
    monkeypatch.setenv(DIARY, str(path))
    return lambda: path.read_text().splitlines() if path.exists() else []
