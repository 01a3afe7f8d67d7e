"""One believed world in symbols: the names of its rooms and things, the atoms that hold, and what may be where."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from neurosym.referents import agree
from neurosym.symbols import (
    Atom,
    Condition,
    Description,
    Literal,
    PlanningDomain,
    Problem,
    State,
    TypedName,
    Wanted,
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
    TYPE_NAMES,
    colour_of,
    state_of,
    type_of,
)
from .map import (
    CARRIED,
    DECLARED,
    EMPTY_BOXES,
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
    DISTANCE,
    FRONT,
    IN_START_ROOM,
    LAY,
    MOST_EMPTY_BOXES,
    REACHED,
    SAID,
    TO_THE_LEFT,
    TO_THE_RIGHT,
    RoomNames,
    distance_from_start,
    graded,
    lay_of,
    survey_and_name,
)
from .survey import NO_WAY, Survey

_atom = lru_cache(maxsize=1 << 16)(Atom)  # one object for equal atoms: states compare quickly

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
BIT_OF = {
    "visited": VISITED,
    "held": HELD,
    "opened": OPENED,
    "beside": BESIDE,
    "reached": REACHED,
    "matched": VISITED | LAY,
    "declared": SAID,
}
NEAREST = (
    "start"  # a location that is none of the sides: of the things in the start room, the nearest to the start
)
MOST_ALTERNATIVES = 128
SETBACK_COST = (
    40.0  # steps that an operator is dearer for each time it failed here, so that a way around is tried
)
UNKNOWN_REACH, UNKNOWN_SEARCH, OPEN_TOLL, RUMMAGE = 4.0, 8.0, 2.0, 12.0
DOUBT = 20.0  # steps that looking into a box is dearer for each one that was empty
HAUL, HAUL_IN_A_TIGHT_PLACE = 3.0, 30.0


def what_is_asked(stage: Iterable[Wanted], later: Iterable[Wanted] = ()) -> int:
    """What a stage of a mission asks about, in the bits of `map`'s marks and of `situation`.

    Of what is wanted `later` it matters only which things are meant.
    """
    asked = 0
    for wanted in stage:
        asked |= BIT_OF.get(wanted.predicate, 0)
    for wanted in itertools.chain(stage, later):
        locations = {argument.get("location") for argument in wanted.arguments if not argument.name} - {None}
        if locations:
            asked |= LAY
        if NEAREST in locations:
            asked |= DISTANCE
    return asked


@dataclass(frozen=True)
class Sought:
    """A thing that is wanted and was not seen: an optimistic assumption with a name."""

    name: str
    type: str
    only_in_start_room: bool = False

    @property
    def may_be_in_a_box(self) -> bool:
        return self.type in ("key", "ball", "item") and not self.only_in_start_room


class Scene:
    """The symbols of the world at `index`, which is surveyed now.

    Attributes:
        things: the name of each thing that is somewhere, with its number.
        rooms: the name of each seen room, with its number in the survey; name_of_room: the numbers in the names.
        beyond: the name of each unseen space behind a door, with the door's number.
    """

    def __init__(self, world: BeliefMap, index: int, survey: Survey, names: RoomNames) -> None:
        survey_and_name(index, world.tables, survey, names)
        self.world, self.index, self.survey = world, index, survey
        self.codes = [int(code) for code in world.codes[index, : world.agent[index, THINGS]]]
        self.place = [int(cell) for cell in world.place[index, : len(self.codes)]]
        self.sides = survey.sides[: len(self.codes)].tolist()
        self.things = {
            world.name(index, number): number
            for number, cell in enumerate(self.place)
            if cell >= 0 or cell == IN_HAND
        }
        self.name_of_room = names.name_of[: survey.count_rooms + 1].tolist()
        named = sorted((name, room) for room, name in enumerate(self.name_of_room) if room)
        self.rooms = {f"room_{name}": room for name, room in named}
        self._room_names = {number: name for name, number in self.rooms.items()}
        self.beyond = {
            f"beyond_{name}": number
            for name, number in self.things.items()
            if type_of(self.codes[number]) == DOOR and self.sides[number][0] > 0 and self.sides[number][1] < 0
        }

    def thing_name(self, number: int) -> str:
        return self.world.name(self.index, number)

    def rooms_of(self, name: str, number: int) -> Iterator[str]:
        """The rooms a thing can be reached from; for a door also the unseen space behind it."""
        near, far = self.sides[number]
        if near > 0:
            yield self._room_names[near]
        if far > 0 and far != near:
            yield self._room_names[far]
        elif far < 0 < near:
            yield f"beyond_{name}"

    def state(self) -> State:
        """Every atom that is believed to hold."""
        return frozenset(
            itertools.chain(self._whereabouts(), self._rooms(), self._things(), self._accomplished(~0))
        )

    def _whereabouts(self) -> Iterator[Atom]:
        if self.survey.here:
            yield _atom("in", (self._room_names[self.survey.here],))
        held = int(self.world.agent[self.index, CARRIED])
        yield _atom("carrying", (self.thing_name(held - 1),)) if held else _atom("empty-handed")

    def _rooms(self) -> Iterator[Atom]:
        """What bars what was not seen of the rooms."""
        for name, room in self.rooms.items():
            if self.survey.frontier[room] >= 0:
                yield self._way_to(name, int(self.survey.frontier_blocker[room]))
        for name in self.beyond:
            yield _atom("clear", (name,))

    def _way_to(self, name: str, blocker: int) -> Atom:
        return (
            _atom("obstructs", (self.thing_name(blocker - 1), name)) if blocker else _atom("clear", (name,))
        )

    def _things(self) -> Iterator[Atom]:
        for name, number in self.things.items():
            if self.place[number] == IN_HAND:
                continue
            rooms = list(self.rooms_of(name, number))
            for room in rooms:
                yield _atom("at", (name, room))
            yield self._way_to(name, int(self.survey.blocker[number]))
            if type_of(self.codes[number]) == DOOR:
                yield from self._door(name, number, rooms)
        yield from self._fitting_keys()

    def _door(self, name: str, number: int, rooms: list[str]) -> Iterator[Atom]:
        state = state_of(self.codes[number])
        if state != CLOSED:
            yield _atom("open" if state == OPEN else "locked", (name,))
        if len(rooms) == 2:
            yield _atom("links", (name, rooms[0], rooms[1]))
            yield _atom("links", (name, rooms[1], rooms[0]))
            for room, item in zip(rooms, self.survey.behind[number].tolist(), strict=True):
                yield (
                    _atom("behind", (self.thing_name(item - 1), name, room))
                    if item
                    else _atom("free", (name, room))
                )

    def _fitting_keys(self) -> Iterator[Atom]:
        for door, key in itertools.product(self._numbers(DOOR), self._numbers(KEY)):
            alike = colour_of(self.codes[door]) == colour_of(self.codes[key])
            if alike and state_of(self.codes[door]) == LOCKED:
                yield _atom("fits", (self.thing_name(key), self.thing_name(door)))

    def _numbers(self, kind: int) -> list[int]:
        return [number for number in self.things.values() if type_of(self.codes[number]) == kind]

    def _accomplished(self, asked: int) -> Iterator[Atom]:
        """What has been accomplished, as far as it is asked about."""
        marks = self.world.marks[self.index]
        for name, number in self.things.items():
            mark = int(marks[number]) & asked
            if mark & VISITED:
                yield _atom("visited", (name,))
            if mark & HELD:
                yield _atom("held", (name,))
            if mark & OPENED:
                yield _atom("opened", (name,))
            on_goal = type_of(self.codes[number]) == GOAL and self.place[number] == self.survey.start
            if asked & REACHED and on_goal:
                yield _atom("reached", (name,))
        if asked & BESIDE:
            yield from self._put_beside()
        if asked & VISITED and asked & LAY:
            for it, _ in self._matches():
                if marks[self.things[it]] & VISITED:
                    yield _atom("matched", (it,))
        if asked & SAID and self.world.agent[self.index, DECLARED]:
            yield _atom("declared")

    def _put_beside(self) -> Iterator[Atom]:
        """What was put down next to what, wherever both are by now: BabyAI does not take back what was done.

        What is gone, such as a box that was opened, is no object any more, and nothing is said of it.
        """
        count = min(int(self.world.agent[self.index, PAIRS]), MOST_PAIRS)
        for pair in self.world.pairs[self.index, :count].tolist():
            names = tuple(self.thing_name(number - 1) for number in pair)
            if all(name in self.things for name in names):
                yield _atom("beside", names)

    def _matches(self) -> list[tuple[str, str]]:
        """Things ahead of where the agent started, each with one elsewhere that looks the same."""
        ahead = [name for name in self._items() if self._ahead(name)]
        shown = [name for name in self._items() if not self._ahead(name)]
        return [(it, cue) for it, cue in itertools.product(ahead, shown) if self._alike(it, cue)]

    def _items(self) -> list[str]:
        return [name for name, number in self.things.items() if type_of(self.codes[number]) in ITEMS]

    def _ahead(self, name: str) -> bool:
        return bool(self._lay(self.things[name]) & FRONT)

    def _alike(self, one: str, other: str) -> bool:
        return self.codes[self.things[one]] == self.codes[self.things[other]]

    # what words mean here ---------------------------------------------------------------------------------------

    def fits(self, number: int, description: Description) -> bool:
        """Whether a thing is what a description speaks of."""
        if description.name:
            return self.thing_name(number) == description.name
        code = self.codes[number]
        if type_of(code) not in TYPES_MEANT.get(description.type, ()):
            return False
        colour, location = description.get("colour"), description.get("location")
        if colour is not None and COLOUR_NAMES[colour_of(code)] != colour:
            return False
        ordinal = description.get("ordinal")
        if ordinal is not None and not self.thing_name(number).endswith(f"_{ordinal}"):
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

    def candidates(self, description: Description, sought: dict[str, Sought]) -> list[str]:
        """The things a description may mean: those seen, or else one that is sought and entered in `sought`."""
        seen = [name for name, number in self.things.items() if self.fits(number, description)]
        if seen:
            return seen
        type_name = "item" if description.type == "thing" else description.type
        name = "_".join(("unseen", *(value for _, value in description.attributes), type_name))
        sought[name] = Sought(name, type_name, description.get("location") is not None)
        return [name]

    def condition(self, stage: Iterable[Wanted], sought: dict[str, Sought]) -> Condition:
        """The ground goal of one stage: every choice of things that fit its descriptions."""
        stage, choices = tuple(stage), []
        for wanted in stage:
            if wanted.predicate == "matched":
                choices.append([_atom("matched", (it,)) for it, _ in self._pairs_to_match(sought)])
                continue
            things = itertools.product(*(self.candidates(argument, sought) for argument in wanted.arguments))
            choices.append([_atom(wanted.predicate, pick) for pick in things if len(set(pick)) == len(pick)])
        agreeing = (pick for pick in itertools.product(*choices) if agree(stage, pick))
        picks = itertools.islice(agreeing, MOST_ALTERNATIVES)
        return Condition(tuple(dict.fromkeys(frozenset(map(Literal, pick)) for pick in picks)))

    def _pairs_to_match(self, sought: dict[str, Sought]) -> list[tuple[str, str]]:
        """What to go to at the end of the hallway, with the thing shown at the start that it looks like.

        As long as that one was not seen, it may be like anything; where nothing seen is like it, what is has to be
        found.
        """
        matches = self._matches()
        if matches:
            return matches
        ends = [name for name in self._items() if self._ahead(name)]
        cues = [name for name in self._items() if not self._ahead(name)]
        if not cues:
            cues = ["unseen_shown_item"]
        else:
            ends = []
        ends = ends or ["unseen_alike_item"]
        for name in (*ends, *cues):
            if name not in self.things:
                sought[name] = Sought(name, "item")
        return list(itertools.product(ends, cues))

    # the problem ------------------------------------------------------------------------------------------------

    def problem(
        self,
        model: PlanningDomain,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        """What is to be planned now: what is believed, what is assumed for want of knowing better, what is wanted."""
        sought: dict[str, Sought] = {}
        condition = self.condition(stage, sought)
        self._seek_keys(sought)
        boxes = [number for number in self._numbers(BOX) if not self._is_wanted(number, stage + later)]
        asked = what_is_asked(stage)
        believed = (self._whereabouts(), self._rooms(), self._things(), self._accomplished(asked))
        assumed = (
            self._assumed(sought, boxes),
            self._ways_on(),
            _belonging(condition),
            self._likenesses(stage),
        )
        init = frozenset(itertools.chain(*believed, *assumed))
        return Problem(
            domain=model,
            objects=tuple(self._objects(sought)),
            init=init,
            goal=condition,
            costs=tuple(self._costs(sought, setbacks)),
        )

    def _is_wanted(self, number: int, stage: tuple[Wanted, ...]) -> bool:
        return any(self.fits(number, argument) for wanted in stage for argument in wanted.arguments)

    def _seek_keys(self, sought: dict[str, Sought]) -> None:
        """A locked door nobody has seen a key for: the key is somewhere."""
        owned = {colour_of(self.codes[key]) for key in self._numbers(KEY)}
        for door in self._numbers(DOOR):
            colour = colour_of(self.codes[door])
            if state_of(self.codes[door]) == LOCKED and colour not in owned:
                name = f"unseen_{COLOUR_NAMES[colour]}_key"
                sought.setdefault(name, Sought(name, "key"))

    def _objects(self, sought: Mapping[str, Sought]) -> Iterator[TypedName]:
        for name in itertools.chain(self.rooms, self.beyond):
            yield TypedName(name, "room")
        for name, number in self.things.items():
            yield TypedName(name, TYPE_NAMES[type_of(self.codes[number])])
        for thing in sought.values():
            yield TypedName(thing.name, thing.type)

    def _unexplored(self) -> Iterator[str]:
        for name, room in self.rooms.items():
            if self.survey.frontier[room] >= 0:
                yield name
        yield from self.beyond

    def _assumed(self, sought: Mapping[str, Sought], boxes: list[int]) -> Iterator[Atom]:
        start_room = self._room_names.get(int(self.survey.rooms[0]))
        for thing in sought.values():
            for room in self._unexplored():
                if not thing.only_in_start_room or room == start_room:
                    yield _atom("may-be", (thing.name, room))
            if thing.may_be_in_a_box:
                for box in boxes:
                    yield _atom("hides", (self.thing_name(box), thing.name))
            if thing.type == "key":
                for door in self._numbers(DOOR):
                    wanted = f"unseen_{COLOUR_NAMES[colour_of(self.codes[door])]}_key"
                    if thing.name == wanted and state_of(self.codes[door]) == LOCKED:
                        yield _atom("fits", (thing.name, self.thing_name(door)))

    def _likenesses(self, stage: tuple[Wanted, ...]) -> Iterator[Atom]:
        if any(wanted.predicate == "matched" for wanted in stage):
            for pair in self._pairs_to_match({}):
                yield _atom("alike", pair)

    def _ways_on(self) -> Iterator[Atom]:
        """Unexplored rooms that no known door joins may turn out to be one."""
        part = {room: room for room in itertools.chain(self.rooms, self.beyond)}

        def root(room: str) -> str:
            while part[room] != room:
                room = part[room]
            return room

        for name, number in self.things.items():
            if type_of(self.codes[number]) == DOOR:
                sides = list(self.rooms_of(name, number))
                if len(sides) == 2:
                    part[root(sides[0])] = root(sides[1])
        open_ended = [room for room in self.rooms if self.survey.frontier[self.rooms[room]] >= 0]
        for one, other in itertools.permutations(open_ended, 2):
            if root(one) != root(other):
                yield _atom("may-lead", (one, other))

    def _costs(
        self, sought: Mapping[str, Sought], setbacks: Mapping[str, int]
    ) -> Iterator[tuple[Atom, float]]:
        def dearer(name: str, cost: float) -> float:
            return cost + SETBACK_COST * setbacks.get(name, 0)

        doubt = DOUBT * min(int(self.world.agent[self.index, EMPTY_BOXES]), MOST_EMPTY_BOXES)
        for name, number in self.things.items():
            steps = graded(abs(int(self.survey.way_steps[number]))) if self.place[number] >= 0 else 1.0
            yield _atom("reach", (name,)), dearer(name, steps)
            kind = type_of(self.codes[number])
            if kind == DOOR:
                is_open = state_of(self.codes[number]) == OPEN
                yield _atom("toll", (name,)), dearer(name, steps + OPEN_TOLL if is_open else OPEN_TOLL)
            elif kind == BOX:
                yield _atom("rummage", (name,)), dearer(name, steps + RUMMAGE + doubt)
        for thing in sought.values():
            yield _atom("reach", (thing.name,)), UNKNOWN_REACH
            if thing.type == "door":
                yield _atom("toll", (thing.name,)), OPEN_TOLL
            if thing.type == "box":
                yield _atom("rummage", (thing.name,)), RUMMAGE
        for name, room in self.rooms.items():
            found = self.survey.frontier[room] >= 0 and self.survey.frontier_cost[room] < NO_WAY * 1000
            steps = graded(float(self.survey.frontier_steps[room])) + 1 if found else UNKNOWN_SEARCH
            yield _atom("search", (name,)), dearer(name, steps)
            yield (
                _atom("haul", (name,)),
                dearer(name, HAUL if self.survey.roomy[room] else HAUL_IN_A_TIGHT_PLACE),
            )
        for name in self.beyond:
            yield _atom("search", (name,)), dearer(name, UNKNOWN_SEARCH)
            yield _atom("haul", (name,)), dearer(name, HAUL)


def _belonging(condition: Condition) -> Iterator[Atom]:
    """What is to lie beside what, by the ground goal."""
    for literal in itertools.chain(*condition.alternatives):
        if literal.atom.predicate == "beside":
            yield _atom("belongs", literal.atom.args)


__all__ = ["Scene", "Sought"]
