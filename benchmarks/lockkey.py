"""Lock-and-key worlds: rooms in a square, doors between neighbours, every third locked, keys lying about or in boxes.

Made here for the planning benchmark and its tests; nothing of it is known to the library. A world is
solvable by construction: keys are placed where they can be reached before the door they open.
"""

from __future__ import annotations

import random

from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    PlanningDomain,
    Problem,
    Signature,
    State,
    TypedName,
)

__all__ = ["DOMAIN", "make_world"]


def _atom(text: str) -> Atom:
    name, *args = text.split()
    return Atom(name, tuple(args))


def _action(name: str, parameters: str, needs: str, adds: str, removes: str) -> ActionSchema:
    words = parameters.split()
    literals = [part.strip() for part in needs.split(",")]
    return ActionSchema(
        name,
        tuple(TypedName(*word.split(":")) for word in words),
        tuple(Literal(_atom(part.removeprefix("not ")), not part.startswith("not ")) for part in literals),
        tuple(_atom(part) for part in adds.split(",") if part),
        tuple(_atom(part) for part in removes.split(",") if part),
    )


def _signature(text: str) -> Signature:
    name, *parameters = text.split()
    return Signature(name, tuple(TypedName(*entry.split(":")) for entry in parameters))


DOMAIN = PlanningDomain(
    "lock-and-key",
    types=(
        TypedName("room"),
        TypedName("door"),
        TypedName("thing"),
        TypedName("key", "thing"),
        TypedName("box", "thing"),
        TypedName("ball", "thing"),
    ),
    predicates=tuple(
        _signature(text)
        for text in (
            "at ?r:room",
            "in ?t:thing ?r:room",
            "inside ?t:thing ?b:box",
            "holding ?t:thing",
            "free",
            "opened ?b:box",
            "joins ?d:door ?a:room ?b:room",
            "locked ?d:door",
            "open ?d:door",
            "fits ?k:key ?d:door",
        )
    ),
    actions=(
        _action("go", "?a:room ?b:room ?d:door", "at ?a,joins ?d ?a ?b,open ?d", "at ?b", "at ?a"),
        _action(
            "open-door",
            "?d:door ?a:room ?b:room",
            "at ?a,joins ?d ?a ?b,not open ?d,not locked ?d",
            "open ?d",
            "",
        ),
        _action(
            "unlock",
            "?d:door ?k:key ?a:room ?b:room",
            "at ?a,joins ?d ?a ?b,fits ?k ?d,holding ?k,locked ?d",
            "open ?d",
            "locked ?d",
        ),
        _action("pick", "?t:thing ?r:room", "at ?r,in ?t ?r,free", "holding ?t", "in ?t ?r,free"),
        _action("drop", "?t:thing ?r:room", "at ?r,holding ?t", "in ?t ?r,free", "holding ?t"),
        _action("open-box", "?b:box ?r:room", "at ?r,in ?b ?r,not opened ?b", "opened ?b", ""),
        _action(
            "take-out",
            "?t:thing ?b:box ?r:room",
            "at ?r,in ?b ?r,opened ?b,inside ?t ?b,free",
            "holding ?t",
            "inside ?t ?b,free",
        ),
    ),
)


def make_world(rooms: int, seed: int) -> Problem:
    """A world of `rooms` rooms, a square number: hold the ball, which lies in the room that is reached last."""
    return _World(rooms, random.Random(seed)).problem(f"rooms-{rooms}-{seed}")


class _World:
    def __init__(self, rooms: int, rng: random.Random) -> None:
        self.rng, self.side = rng, round(rooms**0.5)
        if self.side**2 != rooms:
            raise ValueError(f"the number of rooms must be a square, got {rooms}")
        self.objects: list[TypedName] = []
        self.init: set[Atom] = set()
        self.doors = self._neighbours()
        self.locked = set(range(2, len(self.doors), 3))

    def _neighbours(self) -> list[tuple[int, int]]:
        side = self.side
        across = [(i, i + 1) for i in range(side**2) if (i + 1) % side]
        along = [(i, i + side) for i in range(side * (side - 1))]
        doors = across + along
        self.rng.shuffle(doors)
        return doors

    def problem(self, name: str) -> Problem:
        rng = self.rng
        order = self._place_keys()
        self.objects += [TypedName(f"room{i}", "room") for i in range(self.side**2)]
        for number, (a, b) in enumerate(self.doors):
            door = self._add(f"door{number}", "door")
            self.init |= {_atom(f"joins {door} room{a} room{b}"), _atom(f"joins {door} room{b} room{a}")}
            if number in self.locked:
                self.init.add(_atom(f"locked {door}"))
            elif rng.random() < 0.5:
                self.init.add(_atom(f"open {door}"))
        ball = self._add("ball0", "ball")
        self.init |= {_atom("at room0"), _atom("free"), _atom(f"in {ball} room{order[-1]}")}
        goal = Condition.all_of(_atom(f"holding {ball}"))
        return Problem(DOMAIN, tuple(self.objects), State(self.init), goal, (), name)

    def _place_keys(self) -> list[int]:
        """Explore from room 0, and put each locked door's key where one has been before; rooms as they are reached."""
        reached, pending = [0], set(range(len(self.doors)))
        seen = {0}
        while pending:
            border = sorted(d for d in pending if seen & set(self.doors[d]))
            unlocked = [d for d in border if d not in self.locked]
            door = self.rng.choice(unlocked or border)
            pending.discard(door)
            if door in self.locked:
                self._place_key(door, self.rng.choice(reached))
            for room in self.doors[door]:
                if room not in seen:
                    seen.add(room)
                    reached.append(room)
        return reached

    def _place_key(self, door: int, room: int) -> None:
        key = self._add(f"key{door}", "key")
        self.init.add(_atom(f"fits {key} door{door}"))
        if self.rng.random() < 0.5:
            box = self._add(f"box{door}", "box")
            self.init |= {_atom(f"in {box} room{room}"), _atom(f"inside {key} {box}")}
        else:
            self.init.add(_atom(f"in {key} room{room}"))

    def _add(self, name: str, kind: str) -> str:
        self.objects.append(TypedName(name, kind))
        return name
