"""Every domain there is, and the tests' own, keeps the laws."""

from __future__ import annotations

from neurosym.testing import DomainConformance
from tests.worlds import ALLEY


class TestAlley(DomainConformance):
    domain = ALLEY


class TestMinigrid(DomainConformance):
    domain = "minigrid"
    tasks = (
        "MiniGrid-DoorKey-5x5-v0",
        "MiniGrid-MemoryS7-v0",
        "MiniGrid-BlockedUnlockPickup-v0",
        "MiniGrid-ObstructedMaze-2Dlhb-v1",
        "MiniGrid-PutNear-6x6-N2-v0",
        "MiniGrid-RedBlueDoors-6x6-v0",
        "BabyAI-BossLevel-v0",
    )
