"""Gymnasium's Taxi: the smallest complete domain, and the one to copy."""

from __future__ import annotations

from collections.abc import Iterator

from gymnasium.spaces import MultiDiscrete

from neurosym.kit import GymDomain, Subgoal

STANDS = {"red_stand": (0, 0), "green_stand": (0, 4), "yellow_stand": (4, 0), "blue_stand": (4, 3)}
NAMES = list(STANDS)
PICK_UP, DROP_OFF = 4, 5  # what a subgoal may be, beside driving to stands 0 to 3


class Taxi(GymDomain):
    missions = dict.fromkeys(("Taxi-v4", "Taxi-v3"), "bring the passenger to the red stand")
    action_names = ("south", "north", "east", "west", "pick up", "drop off")
    learner = "table"
    feature_space = MultiDiscrete([5, 5, 6])  # where the taxi is, what it is to do

    def mission(self, observation: int) -> str:
        *_, destination = read(observation)
        return f"bring the passenger to the {NAMES[destination].replace('_', ' ')}"

    def atoms(self, observation: int) -> Iterator[tuple[str, ...]]:
        row, column, passenger, _ = read(observation)
        at = {place: name for name, place in STANDS.items()}
        yield "at", at.get((row, column), "road")
        yield ("waits", NAMES[passenger]) if passenger < len(NAMES) else ("aboard",)

    def features(self, observation: int, subgoal: Subgoal) -> tuple[int, ...]:
        row, column, *_ = read(observation)
        deeds = {"drive": NAMES.index(subgoal.args[-1]), "pick-up": PICK_UP, "drop-off": DROP_OFF}
        return row, column, deeds[subgoal.name]


def read(observation: int) -> tuple[int, int, int, int]:
    """Row, column, the passenger's stand (4: in the taxi) and destination, as Gymnasium packs them."""
    rest, destination = divmod(int(observation), 4)
    rest, passenger = divmod(rest, 5)
    return *divmod(rest, 5), passenger, destination


DOMAIN = Taxi()
