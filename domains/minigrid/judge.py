"""Whether a goal that somebody else asks for was reached, judged on the true state of `minigrid` by its own verifiers.

The agent sees none of this: it gets what the environment returns, with the other words in place of the mission.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium as gym
from minigrid.core.roomgrid import RoomGrid
from minigrid.core.world_object import Box, WorldObj
from minigrid.envs.babyai.core.verifier import (
    ActionInstr,
    GoToInstr,
    ObjDesc,
    OpenInstr,
    PickupInstr,
    PutNextInstr,
)

from neurosym.errors import DomainError, MissionError
from neurosym.symbols import Description, Goal, Wanted

from .codes import HEADING_X, HEADING_Y

TYPES_MEANT = {"thing": ("door", "key", "ball", "box"), "item": ("key", "ball", "box")}
SUCCESS, CONTINUE = "success", "continue"  # what `minigrid` calls them
MOST_READINGS = 256  # choices of the things that a goal speaks of more than once


class Meant(ObjDesc):
    """Things that are known already, described as `minigrid` wants it."""

    def __init__(self, things: Sequence[WorldObj], is_door: bool) -> None:
        super().__init__("door" if is_door else None)
        self.things = things

    def find_matching_objs(self, env: Any, use_location: bool = True) -> tuple[list[Any], list[Any]]:
        """Where the things lie now."""
        self.obj_set = list(self.things)
        self.obj_poss = [place for place, thing in _cells(env) if any(thing is one for one in self.things)]
        return self.obj_set, self.obj_poss


class ReachInstr(ActionInstr):
    """Stand on a goal square; `minigrid` has no instruction for that."""

    def __init__(self, squares: Meant) -> None:
        super().__init__()
        self.desc = squares

    def surface(self, env: Any) -> str:
        return "reach a goal square"

    def reset_verifier(self, env: Any) -> None:
        super().reset_verifier(env)
        self.desc.find_matching_objs(env)

    def verify_action(self, action: Any = None) -> str:
        here = tuple(int(value) for value in self.env.agent_pos)
        return SUCCESS if here in self.desc.obj_poss else CONTINUE


INSTRUCTIONS: Mapping[str, Callable[..., ActionInstr]] = {
    "visited": GoToInstr,
    "held": PickupInstr,
    "opened": OpenInstr,
    "beside": PutNextInstr,
    "reached": ReachInstr,
}
ATTRIBUTES = ("colour", "location")


def check_goal(goal: Goal) -> None:
    """Refuse what cannot be judged.

    Raises:
        DomainError: names the part.
    """
    for wanted in itertools.chain(*goal.stages):
        if wanted.predicate not in INSTRUCTIONS:
            raise DomainError(
                f"minigrid cannot judge whether {wanted} was reached: no instruction checks that"
            )
    for thing in goal.descriptions:
        if foreign := [name for name, _ in thing.attributes if name not in ATTRIBUTES]:
            raise DomainError(
                f"minigrid cannot judge which thing is {thing}: the level knows no {foreign[0]}"
            )


class Reading:
    """One reading of a goal, with all things chosen, and how far it has come.

    Stages come one after the other, as `BeforeInstr` has it; what a stage wants comes in any order, as in `AndInstr`.
    """

    def __init__(self, env: Any, stages: Sequence[Sequence[ActionInstr]]) -> None:
        self._pending = [list(stage) for stage in stages]
        for instruction in itertools.chain(*stages):
            instruction.reset_verifier(env)

    def verify(self, action: Any) -> bool:
        """Whether everything is done after this action; to be asked after each one."""
        while self._pending:
            self._pending[0] = [one for one in self._pending[0] if one.verify(action) != SUCCESS]
            if self._pending[0]:
                return False
            del self._pending[0]
        return True

    def look_again(self) -> None:
        """Things have been moved."""
        for instruction in itertools.chain(*self._pending):
            instruction.update_objs_poss()


def read_goal(env: Any, goal: Goal) -> list[Reading]:
    """Every way to read a goal in the level that has just begun; one that is done will do.

    Raises:
        MissionError: nothing in the level is what the goal speaks of, or there are too many ways.
    """
    level = _Level(env)
    meant = {thing: level.find(thing) for thing in goal.descriptions}
    for thing, found in meant.items():
        if not found:
            plain = replace(thing, referent=0)
            raise MissionError(f"there is no such thing in this level: {plain}", fragment=str(plain))
    again = sorted({thing.referent: thing for thing in meant if thing.referent}.items())
    choices = list(itertools.product(*(meant[thing] for _, thing in again)))
    if len(choices) > MOST_READINGS:
        raise MissionError(f"it can mean too many things in this level: {goal}", fragment=str(goal))

    def instruct(wanted: Wanted, chosen: Mapping[int, WorldObj]) -> ActionInstr:
        things = (
            ([chosen[one.referent]] if one.referent else meant[one], one.type == "door")
            for one in wanted.arguments
        )
        return INSTRUCTIONS[wanted.predicate](*itertools.starmap(Meant, things))

    readings = []
    for choice in choices:
        chosen = dict(zip((number for number, _ in again), choice, strict=True))
        readings.append(Reading(env, [[instruct(one, chosen) for one in stage] for stage in goal.stages]))
    return readings


class JudgedEnv(gym.Wrapper):
    """The same world with another mission. An episode ends when that is accomplished, when the world is fatal (lava, a
    moving ball that was run into), or at the task's own limit of steps; what its own mission asked for ends nothing.
    """

    def __init__(self, env: gym.Env, goal: Goal, mission: str) -> None:
        super().__init__(env)
        self._goal, self._words = goal, mission
        self._readings: list[Reading] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """As ever.

        Raises:
            MissionError: nothing in the level is what the goal speaks of.
        """
        observation, info = self.env.reset(seed=seed, options=options)
        self._readings = read_goal(self.env.unwrapped, self._goal)
        return {**observation, "mission": self._words}, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        world: Any = self.env.unwrapped
        opens_box = action == world.actions.toggle and isinstance(world.grid.get(*world.front_pos), Box)
        observation, reward, terminated, truncated, info = self.env.step(action)
        ground = world.grid.get(*world.agent_pos)
        fatal = bool(terminated) and (float(reward) < 0 or (ground is not None and ground.type == "lava"))
        solved = not fatal and self._verify(action, opens_box or action == world.actions.drop)
        paid = float(world._reward()) if solved else min(float(reward), 0.0)
        return {**observation, "mission": self._words}, paid, solved or fatal, truncated, info

    def _verify(self, action: Any, moved: bool) -> bool:
        if moved:
            for reading in self._readings:
                reading.look_again()
        verdicts = [reading.verify(action) for reading in self._readings]  # each has to see every action
        return any(verdicts)


class _Level:
    """What there is in a level that has just begun, and where it lies as seen from the agent."""

    def __init__(self, env: Any) -> None:
        self.x, self.y = (int(value) for value in env.agent_pos)
        self.heading = int(env.agent_dir)
        self.places: list[tuple[WorldObj, tuple[int, int] | None]] = list(_all_things(env))
        self.room = _start_room(env, self.x, self.y)

    def find(self, description: Description) -> list[WorldObj]:
        """The things that a description may mean."""
        types = TYPES_MEANT.get(description.type, (description.type,))
        colour, location = description.get("colour"), description.get("location")
        found = [
            (thing, place)
            for thing, place in self.places
            if thing.type in types and colour in (None, thing.color)
        ]
        if location is None:
            return [thing for thing, _ in found]
        near = [(thing, place) for thing, place in found if place in self.room]
        if location == "start":
            least = min((self._distance(place) for _, place in near), default=0)
            return [thing for thing, place in near if self._distance(place) == least]
        return [thing for thing, place in near if self._lies(place, location)]

    def _distance(self, place: tuple[int, int]) -> int:
        return abs(place[0] - self.x) + abs(place[1] - self.y)

    def _lies(self, place: tuple[int, int], location: str) -> bool:
        dx, dy = place[0] - self.x, place[1] - self.y
        ahead = dx * HEADING_X[self.heading] + dy * HEADING_Y[self.heading]
        aside = dy * HEADING_X[self.heading] - dx * HEADING_Y[self.heading]
        return {"front": ahead > 0, "behind": ahead < 0, "right": aside > 0, "left": aside < 0}[location]


def _cells(env: Any) -> Iterator[tuple[tuple[int, int], WorldObj]]:
    for x, y in itertools.product(range(env.grid.width), range(env.grid.height)):
        thing = env.grid.get(x, y)
        if thing is not None:
            yield (x, y), thing


def _all_things(env: Any) -> Iterator[tuple[WorldObj, tuple[int, int] | None]]:
    """Everything that lies somewhere, is carried, or is hidden in a box; what is hidden has no place yet."""
    if env.carrying is not None:
        yield env.carrying, None
    for place, thing in _cells(env):
        yield thing, place
        while isinstance(thing, Box) and thing.contains is not None:
            thing = thing.contains
            yield thing, None


def _start_room(env: Any, x: int, y: int) -> set[tuple[int, int]]:
    """The places of the room in which the agent starts, its walls and doors included."""
    if isinstance(env, RoomGrid):
        room = env.room_from_pos(x, y)
        everywhere = itertools.product(range(env.grid.width), range(env.grid.height))
        return {place for place in everywhere if room.pos_inside(*place)}
    room, edge = {(x, y)}, [(x, y)]
    while edge:
        here = edge.pop()
        thing = env.grid.get(*here)
        if here != (x, y) and thing is not None and thing.type in ("wall", "door"):
            continue
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            place = here[0] + dx, here[1] + dy
            inside = 0 <= place[0] < env.grid.width and 0 <= place[1] < env.grid.height
            if inside and place not in room:
                room.add(place)
                edge.append(place)
    return room


__all__ = ["JudgedEnv", "check_goal", "read_goal"]
