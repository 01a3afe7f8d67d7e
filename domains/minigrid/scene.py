"""One believed world in symbols: the names of its rooms and things, the atoms that hold; what words mean among them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from neurosym.symbols import (
    Atom,
    Description,
    State,
)

from .codes import (
    BALL,
    BOX,
    CLOSED,
    COLOUR_NAMES,
    DOOR,
    GOAL,
    HEADING_X,
    HEADING_Y,
    KEY,
    LOCKED,
    OPEN,
    colour_of,
    state_of,
    type_of,
)
from .map import (
    CARRIED,
    DECLARED,
    HELD,
    IN_HAND,
    MOST_PAIRS,
    OPENED,
    PAIRS,
    START_HEADING,
    THINGS,
    VISITED,
    BeliefMap,
)
from .situation import (
    BEHIND,
    BESIDE,
    FRONT,
    IN_START_ROOM,
    LAY,
    REACHED,
    SAID,
    TO_THE_LEFT,
    TO_THE_RIGHT,
    RoomNames,
    distance_from_start,
    lay_of,
    survey_and_name,
)
from .survey import Survey

atom = lru_cache(maxsize=1 << 16)(Atom)  # one object for equal atoms: states compare quickly

ITEMS = (KEY, BALL, BOX)
TYPES_MEANT = {
    "door": (DOOR,),
    "key": (KEY,),
    "ball": (BALL,),
    "box": (BOX,),
    "goal": (GOAL,),
    "item": ITEMS,
    "thing": (DOOR, *ITEMS),
}
SIDE_OF = {"front": FRONT, "behind": BEHIND, "right": TO_THE_RIGHT, "left": TO_THE_LEFT}
NEAREST = (
    "start"  # a location that is none of the sides: of the things in the start room, the nearest to the start
)


def _way_to(name: str, blocker: str | None) -> Atom:
    return atom("obstructs", (blocker, name)) if blocker else atom("clear", (name,))


@lru_cache(maxsize=1 << 16)  # the same things stand in the same places in plan after plan
def _thing(name: str, rooms: tuple[str, ...], blocker: str | None) -> tuple[Atom, ...]:
    """Where a thing is and what bars the way to it."""
    return (*(atom("at", (name, room)) for room in rooms), _way_to(name, blocker))


@lru_cache(maxsize=1 << 16)
def _door(name: str, state: int, rooms: tuple[str, ...], behind: tuple[str | None, ...]) -> tuple[Atom, ...]:
    """What a door is like: whether it is open, what it joins and what lies right behind it on each side."""
    told = () if state == CLOSED else (atom("open" if state == OPEN else "locked", (name,)),)
    if len(rooms) < 2:
        return told
    links = (atom("links", (name, *rooms)), atom("links", (name, *reversed(rooms))))
    passing = (
        atom("behind", (item, name, room)) if item else atom("free", (name, room))
        for room, item in zip(rooms, behind, strict=True)
    )
    return (*told, *links, *passing)


class Scene:
    """The symbols of the world at `index`, which is surveyed now.

    Attributes:
        things: the name of each thing that is somewhere, with its number.
        rooms: the name of each seen room, with its number in the survey; name_of_room: the numbers in the names.
        beyond: the name of each unseen space behind a door, with the door's number.
        names: those of all things by number, also of those that are gone.
    """

    def __init__(self, world: BeliefMap, index: int, survey: Survey, names: RoomNames) -> None:
        survey_and_name(index, world.tables, survey, names)
        self.world, self.index, self.survey = world, index, survey
        count = int(world.agent[index, THINGS])
        self.codes: list[int] = world.codes[index, :count].tolist()
        self.place: list[int] = world.place[index, :count].tolist()
        self.sides: list[list[int]] = survey.sides[:count].tolist()
        self.names = [world.name(index, number) for number in range(count)]
        self.things = {
            self.names[number]: number
            for number, cell in enumerate(self.place)
            if cell >= 0 or cell == IN_HAND
        }
        self.name_of_room = names.name_of[: survey.count_rooms + 1].tolist()
        named = sorted((name, room) for room, name in enumerate(self.name_of_room) if room)
        self.rooms = {f"room_{name}": room for name, room in named}
        self.room_names = {number: name for name, number in self.rooms.items()}
        self.beyond = {
            f"beyond_{name}": number
            for name, number in self.things.items()
            if type_of(self.codes[number]) == DOOR and self.sides[number][0] > 0 and self.sides[number][1] < 0
        }

    def rooms_of(self, number: int) -> tuple[str, ...]:
        """The rooms a thing can be reached from; for a door also the unseen space behind it."""
        near, far = self.sides[number]
        rooms = (self.room_names[near],) if near > 0 else ()
        if far > 0 and far != near:
            return (*rooms, self.room_names[far])
        return (*rooms, f"beyond_{self.names[number]}") if far < 0 < near else rooms

    def state(self) -> State:
        """Every atom that is believed to hold."""
        return frozenset(self.believed(~0))

    def believed(self, asked: int) -> Iterator[Atom]:
        """The atoms that are believed to hold; of what was accomplished those `asked` about, in bits."""
        yield from self._whereabouts()
        yield from self._rooms()
        yield from self._things()
        yield from self._accomplished(asked)

    def _whereabouts(self) -> Iterator[Atom]:
        if self.survey.here:
            yield atom("in", (self.room_names[self.survey.here],))
        held = int(self.world.agent[self.index, CARRIED])
        yield atom("carrying", (self.names[held - 1],)) if held else atom("empty-handed")

    def _rooms(self) -> Iterator[Atom]:
        """What bars what was not seen of the rooms."""
        for name, room in self.rooms.items():
            if self.survey.frontier[room] >= 0:
                yield _way_to(name, self._item(int(self.survey.frontier_blocker[room])))
        for name in self.beyond:
            yield atom("clear", (name,))

    def _item(self, item: int) -> str | None:
        """The name of an item as the survey says it: 1 + its number, or 0 for none."""
        return self.names[item - 1] if item else None

    def _things(self) -> Iterator[Atom]:
        blocker = self.survey.blocker[: len(self.names)].tolist()
        for name, number in self.things.items():
            if self.place[number] == IN_HAND:
                continue
            rooms = self.rooms_of(number)
            yield from _thing(name, rooms, self._item(blocker[number]))
            if type_of(self.codes[number]) == DOOR:
                near, far = self.survey.behind[number].tolist()
                yield from _door(
                    name, state_of(self.codes[number]), rooms, (self._item(near), self._item(far))
                )
        yield from self._fitting_keys()

    def _fitting_keys(self) -> Iterator[Atom]:
        locked = self.locked_doors()
        for door, key in itertools.product(locked, self.numbers_of(KEY) if locked else ()):
            if colour_of(self.codes[door]) == colour_of(self.codes[key]):
                yield atom("fits", (self.names[key], self.names[door]))

    def numbers_of(self, kind: int) -> list[int]:
        return [number for number in self.things.values() if type_of(self.codes[number]) == kind]

    def locked_doors(self) -> list[int]:
        return [door for door in self.numbers_of(DOOR) if state_of(self.codes[door]) == LOCKED]

    def _accomplished(self, asked: int) -> Iterator[Atom]:
        """What has been accomplished, as far as it is asked about."""
        marks = self.world.marks[self.index, : len(self.names)].tolist()
        for name, number in self.things.items():
            mark = marks[number] & asked
            if mark & VISITED:
                yield atom("visited", (name,))
            if mark & HELD:
                yield atom("held", (name,))
            if mark & OPENED:
                yield atom("opened", (name,))
            on_goal = type_of(self.codes[number]) == GOAL and self.place[number] == self.survey.start
            if asked & REACHED and on_goal:
                yield atom("reached", (name,))
        if asked & BESIDE:
            yield from self._put_beside()
        if asked & VISITED and asked & LAY:
            for it, _ in self.matches():
                if marks[self.things[it]] & VISITED:
                    yield atom("matched", (it,))
        if asked & SAID and self.world.agent[self.index, DECLARED]:
            yield atom("declared")

    def _put_beside(self) -> Iterator[Atom]:
        """What was put down next to what, wherever both are by now: BabyAI does not take back what was done.

        What is gone, such as a box that was opened, is no object any more, and nothing is said of it.
        """
        count = min(int(self.world.agent[self.index, PAIRS]), MOST_PAIRS)
        for pair in self.world.pairs[self.index, :count].tolist():
            names = tuple(self.names[number - 1] for number in pair)
            if all(name in self.things for name in names):
                yield atom("beside", names)

    def matches(self) -> list[tuple[str, str]]:
        """Things ahead of where the agent started, each with one elsewhere that looks the same."""
        ahead = [name for name in self.items() if self.is_ahead(name)]
        shown = [name for name in self.items() if not self.is_ahead(name)]
        return [(it, cue) for it, cue in itertools.product(ahead, shown) if self._alike(it, cue)]

    def items(self) -> list[str]:
        return [name for name, number in self.things.items() if type_of(self.codes[number]) in ITEMS]

    def is_ahead(self, name: str) -> bool:
        return bool(self._lay(self.things[name]) & FRONT)

    def _alike(self, one: str, other: str) -> bool:
        return self.codes[self.things[one]] == self.codes[self.things[other]]

    # what words mean here ---------------------------------------------------------------------------------------

    def fits(self, number: int, description: Description) -> bool:
        """Whether a thing is what a description speaks of."""
        if description.name:
            return self.names[number] == description.name
        code = self.codes[number]
        if type_of(code) not in TYPES_MEANT.get(description.type, ()):
            return False
        colour, location = description.get("colour"), description.get("location")
        if colour is not None and COLOUR_NAMES[colour_of(code)] != colour:
            return False
        ordinal = description.get("ordinal")
        if ordinal is not None and not self.names[number].endswith(f"_{ordinal}"):
            return False
        if location == NEAREST:
            return self._is_nearest(number, description)
        if location is None:
            return True
        lay = self._lay(number)
        return bool(lay & IN_START_ROOM) and bool(lay & SIDE_OF[location])

    def _lay(self, number: int) -> int:
        """On which sides of where the agent started a thing lay, and whether it was in the same room."""
        heading = int(self.world.agent[self.index, START_HEADING])
        home = int(self.world.home[self.index, number])
        return int(lay_of(home, self.survey.rooms, heading, HEADING_X, HEADING_Y))

    def _is_nearest(self, number: int, description: Description) -> bool:
        """Whether no other thing of the start room that fits otherwise lay nearer to where the agent started."""
        others = tuple(said for said in description.attributes if said[0] != "location")
        alike = replace(description, attributes=others)
        rivals = [
            one for one in self.things.values() if self._lay(one) & IN_START_ROOM and self.fits(one, alike)
        ]
        homes = self.world.home[self.index]
        return number == min(rivals, key=lambda one: (distance_from_start(int(homes[one])), one), default=-1)


__all__ = ["NEAREST", "Scene", "atom"]
