"""What a stage of a mission asks of a scene: the things it may mean, its ground goal, and the problem to plan.

Where the world does not say enough yet, the problem assumes the best: what was not seen may be wherever nobody looked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from neurosym.referents import agree
from neurosym.symbols import (
    Atom,
    Condition,
    Description,
    Literal,
    PlanningDomain,
    Problem,
    TypedName,
    Wanted,
)

from .codes import BOX, COLOUR_NAMES, DOOR, KEY, OPEN, TYPE_NAMES, colour_of, state_of, type_of
from .map import EMPTY_BOXES, HELD, OPENED, VISITED
from .scene import NEAREST, Scene, atom
from .situation import BESIDE, DISTANCE, LAY, MOST_EMPTY_BOXES, REACHED, SAID, graded
from .survey import NO_WAY

BIT_OF = {
    "visited": VISITED,
    "held": HELD,
    "opened": OPENED,
    "beside": BESIDE,
    "reached": REACHED,
    "matched": VISITED | LAY,
    "declared": SAID,
}
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


_typed = lru_cache(maxsize=1 << 12)(TypedName)


class Question:
    """One stage of a mission in a scene.

    Args:
        scene: what is believed now.
        stage: what is wanted first.
        later: what is wanted after it. No box that either speaks of is opened to look for something: it would be gone.

    Attributes:
        condition: the ground goal of the stage.
        sought: what the stage speaks of and nobody has seen, by name.
    """

    def __init__(self, scene: Scene, stage: Iterable[Wanted], later: Iterable[Wanted] = ()) -> None:
        self.scene, self.stage, self.later = scene, tuple(stage), tuple(later)
        self.sought: dict[str, Sought] = {}
        self.condition = self._ground()

    def candidates(self, description: Description) -> list[str]:
        """The things a description may mean: those seen, or else one that is `sought` from now on."""
        seen = [name for name, number in self.scene.things.items() if self.scene.fits(number, description)]
        if seen:
            return seen
        type_name = "item" if description.type == "thing" else description.type
        name = "_".join(("unseen", *(value for _, value in description.attributes), type_name))
        self.sought[name] = Sought(name, type_name, description.get("location") is not None)
        return [name]

    def _ground(self) -> Condition:
        """The ground goal: every choice of things that fit the descriptions."""
        choices = []
        for wanted in self.stage:
            if wanted.predicate == "matched":
                choices.append([atom("matched", (it,)) for it, _ in self._pairs_to_match()])
                continue
            things = itertools.product(*(self.candidates(argument) for argument in wanted.arguments))
            choices.append([atom(wanted.predicate, pick) for pick in things if len(set(pick)) == len(pick)])
        agreeing = (pick for pick in itertools.product(*choices) if agree(self.stage, pick))
        picks = itertools.islice(agreeing, MOST_ALTERNATIVES)
        return Condition(tuple(dict.fromkeys(frozenset(map(Literal, pick)) for pick in picks)))

    def _pairs_to_match(self) -> list[tuple[str, str]]:
        """What to go to at the end of the hallway, with the thing shown at the start that it looks like.

        As long as that one was not seen, it may be like anything; where nothing seen is like it, what is has to be
        found.
        """
        matches = self.scene.matches()
        if matches:
            return matches
        ends = [name for name in self.scene.items() if self.scene.is_ahead(name)]
        cues = [name for name in self.scene.items() if not self.scene.is_ahead(name)]
        if not cues:
            cues = ["unseen_shown_item"]
        else:
            ends = []
        ends = ends or ["unseen_alike_item"]
        for name in (*ends, *cues):
            if name not in self.scene.things:
                self.sought[name] = Sought(name, "item")
        return list(itertools.product(ends, cues))

    def problem(self, model: PlanningDomain, setbacks: Mapping[str, int]) -> Problem:
        """What is to be planned now: what is believed, what is assumed for want of knowing better, what is wanted."""
        self._seek_keys()
        assumed = self._assumed(), self._ways_on(), self._belonging(), self._likenesses()
        init = frozenset(itertools.chain(self.scene.believed(what_is_asked(self.stage)), *assumed))
        return Problem(
            domain=model,
            objects=tuple(self._objects()),
            init=init,
            goal=self.condition,
            costs=tuple(self._costs(setbacks)),
        )

    def _is_wanted(self, number: int) -> bool:
        wanted = itertools.chain(self.stage, self.later)
        return any(self.scene.fits(number, argument) for one in wanted for argument in one.arguments)

    def _seek_keys(self) -> None:
        """A locked door nobody has seen a key for: the key is somewhere."""
        locked = self.scene.locked_doors()
        owned = {colour_of(self.scene.codes[key]) for key in self.scene.numbers_of(KEY)} if locked else set()
        for door in locked:
            if colour_of(self.scene.codes[door]) not in owned:
                name = self._unseen_key(door)
                self.sought.setdefault(name, Sought(name, "key"))

    def _unseen_key(self, door: int) -> str:
        return f"unseen_{COLOUR_NAMES[colour_of(self.scene.codes[door])]}_key"

    def _objects(self) -> Iterator[TypedName]:
        for name in itertools.chain(self.scene.rooms, self.scene.beyond):
            yield _typed(name, "room")
        for name, number in self.scene.things.items():
            yield _typed(name, TYPE_NAMES[type_of(self.scene.codes[number])])
        for thing in self.sought.values():
            yield _typed(thing.name, thing.type)

    def _open_ended(self) -> list[str]:
        """The seen rooms that something unseen lies next to."""
        return [name for name, room in self.scene.rooms.items() if self.scene.survey.frontier[room] >= 0]

    def _assumed(self) -> Iterator[Atom]:
        unexplored = [*self._open_ended(), *self.scene.beyond]
        boxes = [number for number in self.scene.numbers_of(BOX) if not self._is_wanted(number)]
        start_room = self.scene.room_names.get(int(self.scene.survey.rooms[0]))
        for thing in self.sought.values():
            for room in unexplored:
                if not thing.only_in_start_room or room == start_room:
                    yield atom("may-be", (thing.name, room))
            if thing.may_be_in_a_box:
                for box in boxes:
                    yield atom("hides", (self.scene.names[box], thing.name))
            if thing.type == "key":
                for door in self.scene.locked_doors():
                    if thing.name == self._unseen_key(door):
                        yield atom("fits", (thing.name, self.scene.names[door]))

    def _belonging(self) -> Iterator[Atom]:
        """What is to lie beside what, by the ground goal."""
        for literal in itertools.chain(*self.condition.alternatives):
            if literal.atom.predicate == "beside":
                yield atom("belongs", literal.atom.args)

    def _likenesses(self) -> Iterator[Atom]:
        if any(wanted.predicate == "matched" for wanted in self.stage):
            for pair in self._pairs_to_match():
                yield atom("alike", pair)

    def _ways_on(self) -> Iterator[Atom]:
        """Unexplored rooms that no known door joins may turn out to be one."""
        open_ended = self._open_ended()
        if len(open_ended) < 2:
            return
        part = {room: room for room in itertools.chain(self.scene.rooms, self.scene.beyond)}

        def root(room: str) -> str:
            while part[room] != room:
                room = part[room]
            return room

        for number in self.scene.numbers_of(DOOR):
            sides = self.scene.rooms_of(number)
            if len(sides) == 2:
                part[root(sides[0])] = root(sides[1])
        for one, other in itertools.permutations(open_ended, 2):
            if root(one) != root(other):
                yield atom("may-lead", (one, other))

    def _costs(self, setbacks: Mapping[str, int]) -> Iterator[tuple[Atom, float]]:
        def dearer(name: str, cost: float) -> float:
            return cost + SETBACK_COST * setbacks.get(name, 0)

        doubt = DOUBT * min(int(self.scene.world.agent[self.scene.index, EMPTY_BOXES]), MOST_EMPTY_BOXES)
        way_steps = self.scene.survey.way_steps[: len(self.scene.codes)].tolist()
        for name, number in self.scene.things.items():
            code = self.scene.codes[number]
            steps = graded(abs(way_steps[number])) if self.scene.place[number] >= 0 else 1.0
            yield atom("reach", (name,)), dearer(name, steps)
            kind = type_of(code)
            if kind == DOOR:
                is_open = state_of(code) == OPEN
                yield atom("toll", (name,)), dearer(name, steps + OPEN_TOLL if is_open else OPEN_TOLL)
            elif kind == BOX:
                yield atom("rummage", (name,)), dearer(name, steps + RUMMAGE + doubt)
        for thing in self.sought.values():
            yield atom("reach", (thing.name,)), UNKNOWN_REACH
            if thing.type == "door":
                yield atom("toll", (thing.name,)), OPEN_TOLL
            if thing.type == "box":
                yield atom("rummage", (thing.name,)), RUMMAGE
        for name, room in self.scene.rooms.items():
            found = (
                self.scene.survey.frontier[room] >= 0
                and self.scene.survey.frontier_cost[room] < NO_WAY * 1000
            )
            steps = graded(float(self.scene.survey.frontier_steps[room])) + 1 if found else UNKNOWN_SEARCH
            yield atom("search", (name,)), dearer(name, steps)
            yield (
                atom("haul", (name,)),
                dearer(name, HAUL if self.scene.survey.roomy[room] else HAUL_IN_A_TIGHT_PLACE),
            )
        for name in self.scene.beyond:
            yield atom("search", (name,)), dearer(name, UNKNOWN_SEARCH)
            yield atom("haul", (name,)), dearer(name, HAUL)


__all__ = ["Question", "Sought", "what_is_asked"]
