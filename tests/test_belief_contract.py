"""Every domain there is, and the tests' own, keeps the laws of `neurosym.testing`."""

from __future__ import annotations

from pathlib import Path

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
    "rooms": ("MiniGrid-DoorKey-5x5-v0", "MiniGrid-UnlockPickup-v0"),
}


class TestAlley(DomainConformance):
    domain = ALLEY


def conformance(name: str, domain: str | Path) -> type[DomainConformance]:
    """The tests of one domain."""
    settings = {"domain": domain, "tasks": TASKS.get(name, ()), "__module__": __name__}
    return type(f"Test{name.title()}", (DomainConformance,), settings)


# `examples/new_operator` is MiniGrid's model and more, of which its two tasks show little: tests/examples.
ROOMS = Path(__file__).parents[1] / "examples" / "rooms"
for name, domain in {**{name: name for name in domain_names()}, "rooms": ROOMS}.items():
    globals()[f"Test{name.title()}"] = conformance(name, domain)
