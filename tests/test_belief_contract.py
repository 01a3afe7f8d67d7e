"""Every domain there is, and the tests' own, keeps the laws of `neurosym.testing`."""

from __future__ import annotations

from neurosym.domain import domain_names
from neurosym.testing import DomainConformance
from tests.worlds import ALLEY

# Where tasks differ so much that a few at random show little of the model, these show most of it.
TASKS = {
    "minigrid": (
        "MiniGrid-DoorKey-5x5-v0",
        "MiniGrid-LavaCrossingS9N2-v0",
        "MiniGrid-MemoryS7-v0",
        "MiniGrid-BlockedUnlockPickup-v0",
        "MiniGrid-ObstructedMaze-2Dlhb-v1",
        "MiniGrid-PutNear-6x6-N2-v0",
        "BabyAI-BossLevel-v0",
    ),
}


class TestAlley(DomainConformance):
    domain = ALLEY


def conformance(name: str) -> type[DomainConformance]:
    """The tests of a built-in domain."""
    settings = {"domain": name, "tasks": TASKS.get(name, ()), "__module__": __name__}
    return type(f"Test{name.title()}", (DomainConformance,), settings)


globals().update({kind.__name__: kind for kind in map(conformance, domain_names())})
