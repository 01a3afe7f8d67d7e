"""The belief in plain Python: one world, dictionaries and lists, slow and obvious.

It is what the compiled belief is held against. A place is (x, y), counted from where the agent began; a look is
(type, colour, state), as MiniGrid writes a cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from tests.domains.minigrid.play import codes
from tests.domains.minigrid.test_survey import Place, Seen, bars_nothing, beside

Look = tuple[int, int, int]

DIRECTIONS = ((1, 0), (0, 1), (-1, 0), (0, -1))
ITEMS = (codes.KEY, codes.BALL, codes.BOX)
NAMED = (codes.DOOR, codes.GOAL, *ITEMS)
FREE: Look = (codes.EMPTY, 0, 0)
MOST_THINGS = 400
SIGHT, ROOM_IN_A_ROW = 10, 128


@dataclass(eq=False)
class Thing:
    """Something with an identity. It lies at a place, is in the agent's hand, or is gone."""

    look: Look
    place: Place | None
    home: Place
    in_hand: bool = False
    deeds: set[str] = field(default_factory=set)

    @property
    def gone(self) -> bool:
        return self.place is None and not self.in_hand


@dataclass(frozen=True)
class Aim:
    """A subgoal: what to do, to which thing or place, and what comes next."""

    kind: str
    thing: Thing | None = None
    place: Place | None = None
    item: Thing | None = None
    things_before: int = 0
    anywhere: bool = False
    sort: str = ""

    def target(self) -> Place | None:
        return self.thing.place if self.thing else self.place


class Reference:
    """What an agent believes that has seen `image` (nested lists) on its first look, facing `heading`."""

    def __init__(self, image: Any, heading: int) -> None:
        self.here: Place = (0, 0)
        self.heading = heading
        self.walked = [self.here]
        self.seen: dict[Place, Look] = {self.here: FREE}
        self.things: list[Thing] = []
        self.lying: dict[Place, Thing] = {}
        self.carried: Thing | None = None
        self.pairs: list[tuple[Thing, Thing]] = []
        self.empty_boxes = 0
        self.restless = self.surprised = self.declared = False
        self.taken_from: Place | None = None
        self._mind_the_hand(None, self.front, image)
        self._look_around(image)

    def update(self, action: int, image: Any, heading: int) -> None:
        """Take in what an action led to."""
        front = self.front
        toggled_box = action == codes.TOGGLE and self.kind(front) == codes.BOX
        self.surprised, self.declared = False, self.declared or action == codes.DONE
        if action == codes.FORWARD and self._can_enter(front) and not self._barred(image):
            self.here = front
            self.walked.append(front)
        self.heading = heading
        self._mind_the_hand(action, front, image)
        self._look_around(image)
        toggled = self.lying.get(front)
        if action == codes.TOGGLE and toggled and toggled.look[0] == codes.DOOR and is_open(toggled.look):
            toggled.deeds.add("opened")
        if toggled_box and self.seen[front] == FREE:
            self.empty_boxes += 1

    def ahead(self, steps: int, aside: int = 0, start: Place | None = None) -> Place:
        """The place so many cells ahead and to the right of the agent."""
        x, y = start or self.here
        fx, fy = DIRECTIONS[self.heading]
        rx, ry = DIRECTIONS[(self.heading + 1) % 4]
        return x + steps * fx + aside * rx, y + steps * fy + aside * ry

    @property
    def front(self) -> Place:
        return self.ahead(1)

    def kind(self, place: Place) -> int:
        return self.seen[place][0] if place in self.seen else codes.UNSEEN

    def passable(self, place: Place) -> bool:
        """Whether one can stand there and live."""
        kind = self.kind(place)
        return kind in (codes.EMPTY, codes.FLOOR, codes.GOAL) or (
            kind == codes.DOOR and is_open(self.seen[place])
        )

    def _can_enter(self, place: Place) -> bool:
        return self.passable(place) or self.kind(place) == codes.LAVA

    # what a view tells ------------------------------------------------------------------------------------------

    def _view(self, image: Any) -> list[tuple[int, int, Look]]:
        """Cells ahead, cells aside and the look of each cell of a view but the agent's own, far ones first."""
        cells = []
        for ahead in range(6, -1, -1):
            for aside in range(-3, 4):
                look = tuple(image[aside + 3][6 - ahead])
                if (ahead, aside) != (0, 0) and look[0] != codes.UNSEEN:
                    cells.append((ahead, aside, look))
        return cells

    def _look_around(self, image: Any) -> None:
        for ahead, aside, look in self._view(image):
            place = self.ahead(ahead, aside)
            if self.seen.get(place) != look:
                self._notice(place, look)
        if self.front in self.lying:
            self.lying[self.front].deeds.add("visited")

    def _notice(self, place: Place, look: Look) -> None:
        """Something new at a place: a door has moved, or one thing has gone and another may have come."""
        self.seen[place] = look
        before = self.lying.get(place)
        if before and before.look[:2] == look[:2]:
            before.look = look
            return
        if before:
            before.place = None
            del self.lying[place]
            if before.look[0] == codes.BALL and not self.restless:
                self.restless = self.surprised = True
        if look[0] in NAMED:
            thing = self._meet(look, place)
            if thing:
                thing.place = place
                self.lying[place] = thing

    def _meet(self, look: Look, place: Place) -> Thing | None:
        """A thing not known to be there: a lost ball found again, or a new one, unless there are too many."""
        if look[0] == codes.BALL:
            for thing in self.things:
                if thing.gone and thing.look == look:
                    thing.home = place
                    return thing
        if len(self.things) == MOST_THINGS:
            return None
        self.things.append(Thing(look, None, place))
        return self.things[-1]

    def _barred(self, image: Any) -> bool:
        """A step forward that failed, for something came in the way: the view fits better from where the agent was."""
        if image[3][5][0] not in ITEMS:
            return False
        return self._misfit(image, self.here) < self._misfit(image, self.front)

    def _misfit(self, image: Any, start: Place) -> int:
        """Cells that look different from there; one that cannot have changed by itself outweighs all that can."""
        total = 0
        for ahead, aside, look in self._view(image):
            known = self.kind(self.ahead(ahead, aside, start))
            if known not in (codes.UNSEEN, look[0]):
                total += 1 if {known, look[0]} <= {codes.EMPTY, *ITEMS} else 49
        return total

    # the hand ---------------------------------------------------------------------------------------------------

    def _mind_the_hand(self, action: int | None, front: Place, image: Any) -> None:
        """The agent's own cell shows what it carries."""
        kind, colour, _ = image[3][6]
        if kind in ITEMS and self.carried is None:
            self.carried = self._taken((kind, colour, 0), front)
            if self.carried:
                self.carried.place, self.carried.in_hand = None, True
                self.taken_from = self.taken_from if action is None else front
                if action == codes.PICK_UP:
                    self.carried.deeds.add("held")
        elif kind not in ITEMS and self.carried is not None:
            self.carried.place, self.carried.in_hand = front, False
            self.lying[front], self.seen[front] = self.carried, self.carried.look
            x, y = front
            near = ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1))
            self.pairs += [(self.carried, self.lying[place]) for place in near if place in self.lying]
            self.carried = None

    def _taken(self, look: Look, front: Place) -> Thing | None:
        """What is now in the hand: what lay in front; or else the first thing that looks like it; or something new."""
        alike = [thing for thing in self.things if thing.place is not None and thing.look == look]
        alike.sort(key=lambda thing: thing is not self.lying.get(front))
        if not alike:
            return self._meet(look, self.here)
        del self.lying[alike[0].place]
        self.seen[alike[0].place] = FREE
        return alike[0]

    # what is asked of it ----------------------------------------------------------------------------------------

    def places_seen(self) -> Seen:
        """The map, as the reference for rooms and ways takes it."""
        packed = {
            place: kind | colour << 4 | state << 8 for place, (kind, colour, state) in self.seen.items()
        }
        return Seen(packed, self.here, self.heading, self.restless)

    def achieved(self, aim: Aim) -> bool:
        target = aim.target()
        if aim.kind == "FACE":
            return target == self.front
        if aim.kind == "HOLD":
            return aim.thing is self.carried
        if aim.kind in ("OPEN", "SHUT"):
            wanted = codes.OPEN if aim.kind == "OPEN" else codes.CLOSED
            return target in self.seen and self.seen[target][::2] == (codes.DOOR, wanted)
        if aim.kind == "UNBOX":
            return aim.thing is not None and aim.thing.gone
        if aim.kind == "STAND":
            return target == self.here
        if aim.kind == "LOOK":
            return target in self.seen or any(
                self.is_of(aim.sort, thing) for thing in self.things[aim.things_before :]
            )
        if aim.kind == "DECLARE":
            return self.declared
        if aim.kind == "NONE" or aim.item.place is None:
            return False
        if aim.kind == "DROP_BESIDE":
            return target in beside(aim.item.place)
        assert aim.kind == "DROP_AWAY"
        if target == aim.item.place:
            return False
        return aim.anywhere or bars_nothing(self.places_seen(), aim.item.place)

    def is_of(self, sort: str, thing: Thing) -> bool:
        """Whether a thing is of a sort, such as `blue_key` or `red_item`; everything is of the sort without a name."""
        *colours, kind = sort.split("_")
        types = {"": range(16), "item": ITEMS}.get(kind) or [codes.TYPE_NAMES.index(kind)]
        return thing.look[0] in types and all(
            codes.COLOUR_NAMES[thing.look[1]] == colour for colour in colours
        )

    def window(self) -> list[tuple[int, int, str]]:
        """What is told of the places within ten cells ahead and aside, nearest first."""
        around = [(ahead, aside) for ahead in range(-SIGHT, SIGHT + 1) for aside in range(-SIGHT, SIGHT + 1)]
        around.sort(key=lambda offset: abs(offset[0]) + abs(offset[1]))
        told = ((ahead, aside, self.content(self.ahead(ahead, aside))) for ahead, aside in around)
        return [(ahead, aside, content) for ahead, aside, content in told if content]

    def content(self, place: Place) -> str | None:
        """What is told of one place; of a free one, nothing."""
        if place not in self.seen:
            return "FRONTIER" if any(self.passable(other) for other in beside(place)) else None
        kind = self.kind(place)
        if kind == codes.DOOR:
            return "OPEN_DOOR" if is_open(self.seen[place]) else "SHUT_DOOR"
        if kind in ITEMS:
            return "THING_IN_WAY"
        return {codes.WALL: "SOLID", codes.LAVA: "HAZARD", codes.GOAL: "GOAL_SQUARE"}.get(kind)

    def entries(self, aim: Aim, following: Aim) -> list[tuple[int, int, str]]:
        """The targets, drawn at the window's rim if they lie farther off, and as much of the window as has room."""
        told = []
        for goal, word in ((aim, f"target of {aim.kind}"), (following, "next target")):
            if goal.target() is not None:
                ahead, aside = (max(-SIGHT, min(SIGHT, away)) for away in self.offset(goal.target()))
                told.append((ahead, aside, word))
        return told + self.window()[: ROOM_IN_A_ROW - len(told)]

    def summary(self, aim: Aim, following: Aim) -> list[float]:
        """Where the targets are in units of eight cells, whether there is a next one, the hand, how tight it is."""
        numbers = []
        for goal in (aim, following):
            away = self.offset(goal.target()) if goal.target() is not None else (0, 0)
            numbers += [math.copysign(min(abs(cells) / 8, 3), cells) for cells in away]
        tight = float(aim.kind == "DROP_AWAY" and aim.anywhere)
        return [
            *numbers,
            float(following.target() is not None),
            float(self.carried is not None),
            tight,
        ]

    def offset(self, place: Place) -> Place:
        """How far a place is ahead and to the right."""
        dx, dy = place[0] - self.here[0], place[1] - self.here[1]
        (fx, fy), (rx, ry) = DIRECTIONS[self.heading], DIRECTIONS[(self.heading + 1) % 4]
        return dx * fx + dy * fy, dx * rx + dy * ry


def is_open(look: Look) -> bool:
    return look[2] == codes.OPEN
