"""A carrier robot's planning domain, bound to MiniGrid: tables, and nothing else. See docs/bindings.md."""

from __future__ import annotations

from pathlib import Path

from neurosym.domain import load_domain

load_domain("minigrid")  # from here on its modules can be imported
from neurosym_domains.minigrid.bound import BoundDomain  # noqa: E402  # pyright: ignore

TASKS = (
    *(f"MiniGrid-Empty-{size}-v0" for size in ("5x5", "8x8", "16x16", "Random-6x6")),
    "MiniGrid-FourRooms-v0",
    *(f"MiniGrid-SimpleCrossing{size}-v0" for size in ("S9N1", "S9N2", "S9N3", "S11N5")),
    *(f"MiniGrid-LavaGap{size}-v0" for size in ("S5", "S6", "S7")),
    *(f"MiniGrid-LavaCrossing{size}-v0" for size in ("S9N1", "S9N2", "S9N3", "S11N5")),
    *(f"MiniGrid-DoorKey-{size}-v0" for size in ("5x5", "6x6", "8x8", "16x16")),
    *(f"MiniGrid-MultiRoom-{size}-v0" for size in ("N2-S4", "N4-S5", "N6")),
    "MiniGrid-LockedRoom-v0",
    "MiniGrid-Unlock-v0",
    "MiniGrid-UnlockPickup-v0",
    *(f"MiniGrid-KeyCorridor{size}-v0" for size in ("S3R1", "S3R2", "S3R3", "S4R3", "S5R3", "S6R3")),
    *(f"MiniGrid-Fetch-{size}-v0" for size in ("5x5-N2", "8x8-N3")),
    *(f"BabyAI-{task}-v0" for task in ("Pickup", "PickupLoc", "UnlockLocal", "UnlockPickup")),
)

# What MiniGrid believes, in the robot's words. A goal square is to it a room of its own, entered by `rest_of_…`.
ATOMS = {
    "in ?room": ["in-room ?room"],
    "reached ?goal": ["in-room ?goal"],
    "links ?door ?a ?b and free ?door ?b": ["connects ?door ?a ?b"],
    # what lies right behind an open door is taken from the doorway, and nobody gets past it
    "links ?door ?a ?b and open ?door and behind ?item ?door ?b": ["item-in ?item ?a"],
    "locked ?door": ["locked ?door"],
    "opened ?door": ["unlocked ?door"],
    "fits ?key ?door": ["matches ?key ?door"],
    "at ?item:item ?room": ["item-in ?item ?room"],
    "at ?goal:goal ?room": ["connects rest_of_?room ?room ?goal"],
    "carrying ?item": ["holding ?item"],
    "empty-handed": ["handempty"],
    # what was not seen: things, ways and goals in the rest of a room, and a door with all that belongs to it
    "may-be ?item:item ?room": ["item-in ?item ?room"],
    "may-be ?goal:goal ?room": ["connects rest_of_?room ?room ?goal"],
    "may-lead ?a ?b": ["connects rest_of_?a ?a ?b"],
    "may-be ?door:door ?room": [
        "connects ?door ?room beyond_?door",
        "locked ?door",
        "matches key_of_?door ?door",
        "item-in key_of_?door ?room",
    ],
}

# What its steps are to MiniGrid: the first sequence that speaks of what is there.
OPERATORS = {
    "move-room ?door ?a ?b": [
        ["open-door ?door ?a", "pass-door ?door ?a ?b"],
        ["pass-door ?door ?a ?b"],
        ["step-on ?b ?a"],
        ["explore ?a ?b"],
    ],
    "pickup ?item ?room": [["pick-up ?item ?room"], ["explore ?room ?item"]],
    "drop ?item ?room": [["put-down ?item ?room"]],
    "unlock ?door ?key ?a ?b": [["unlock-door ?door ?key ?a"], ["explore ?a ?door"]],
}

TYPES = {"goal": "room"}
GOALS = {"in-room": "reached", "holding": "carrying", "unlocked": "opened"}
OPPOSITES = {"locked": "unlocked"}
EFFORTS = {"reach ?thing": "?thing", "toll ?door": "?door", "search ?room": "rest_of_?room"}


class RoomsDomain(BoundDomain):
    """`domain.pddl` as it is, played in MiniGrid by MiniGrid's own controllers."""

    name = "rooms"
    folder = Path(__file__).parent
    task_ids = TASKS
    types, atoms, opposites = TYPES, ATOMS, OPPOSITES
    goals, operators, efforts = GOALS, OPERATORS, EFFORTS


DOMAIN = RoomsDomain()
