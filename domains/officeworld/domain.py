"""OfficeWorld: four tasks in one office, which share the options of getting from place to place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from gymnasium.spaces import MultiDiscrete
from numpy.typing import NDArray

from neurosym.kit import GymDomain, Subgoal
from neurosym.symbols import State

from .pictures import draw_office
from .world import ACTION_NAMES, EVENTS, HEIGHT, PLACES, TASKS, WIDTH

MARKS = ("a", "b", "c", "d")
ITEMS = ("coffee", "mail")
SPOTS = {
    "east_machine": PLACES["coffee"][0],
    "west_machine": PLACES["coffee"][1],
    "mail_room": PLACES["mail"][0],
    "office": PLACES["office"][0],
    **{f"{letter}_mark": PLACES[letter][0] for letter in MARKS},
}
NAMES = {cell: name for name, cell in SPOTS.items()}
LIES = (("coffee", "east_machine"), ("coffee", "west_machine"), ("mail", "mail_room"))


class Office(GymDomain):
    missions = {name: task.mission for name, task in TASKS.items()}
    action_names = ACTION_NAMES
    learner = "table"
    feature_space = MultiDiscrete([WIDTH, HEIGHT, len(SPOTS)])  # where the agent is, where it is to be

    def atoms(self, observation: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
        x, y = observation["position"].tolist()
        place = NAMES.get((x, y), "hall")
        done = [event for event, on in zip(EVENTS, observation["progress"], strict=True) if on]
        held = [item for item in ITEMS if item in done]
        yield "at", place
        yield from (("lies", *pair) for pair in LIES)
        yield from (("has", item) for item in held)
        yield from (("visited", f"{letter}_mark") for letter in MARKS if letter in done)
        if place == "office":
            yield from (("brought", item) for item in held)
            yield from (("brought-both", *pair) for pair in (ITEMS, ITEMS[::-1]) if len(held) == len(ITEMS))

    def features(self, observation: Mapping[str, Any], subgoal: Subgoal) -> tuple[int, ...]:
        x, y = observation["position"].tolist()
        return x, y, list(SPOTS).index(subgoal.args[-1])

    def achieved(self, observation: Mapping[str, Any], state: State, subgoal: Subgoal) -> bool:
        """Being there is all that an option has to see to: so the tasks share what is learned of ways."""
        return tuple(observation["position"].tolist()) == SPOTS[subgoal.args[-1]]

    def view(self, observation: Mapping[str, Any]) -> NDArray[np.uint8]:
        x, y = observation["position"].tolist()
        return draw_office((x, y))


DOMAIN = Office()
