"""The simulator's side of one moment: what is true of the things and rooms that a belief has named."""

from __future__ import annotations

from collections import deque
from typing import Any

from tests.domains.minigrid.diary import Diary
from tests.domains.minigrid.play import code_at, codes

Place = tuple[int, int]


class Witness:
    """The simulator's side of one moment: answers what each predicate means, for the names the belief has given."""

    def __init__(self, diary: Diary, view: Any) -> None:
        self.env, self.diary = diary.env, diary
        self.objects = {name: diary.objects[number] for name, number in view.things.items()}
        self.homes = {name: diary.homes[number] for name, number in view.things.items()}
        self.places = {
            id(thing): (x, y)
            for x in range(self.env.width)
            for y in range(self.env.height)
            if (thing := self.env.grid.get(x, y)) is not None
        }
        known = {place for place in diary.seen if 0 <= place[0] < self.env.width}
        self.rooms: dict[str, set[Place]] = {name: set() for name in view.rooms}
        names = {number: name for name, number in view.rooms.items()}
        for place in known:
            number = int(view.survey.rooms[diary.frame.cell(*place)])
            if number:
                self.rooms[names[number]].add(place)
        self.steps = [self._walk(place) for place in (self.here, *self._doorways())]
        self.reach = self.steps[0]

    @property
    def here(self) -> Place:
        x, y = self.env.agent_pos
        return int(x), int(y)

    def place(self, name: str) -> Place | None:
        return self.places.get(id(self.objects[name]))

    def _doorways(self) -> list[Place]:
        doors = (name for name, thing in self.objects.items() if thing.type == "door" and not thing.is_locked)
        return [place for name in doors if (place := self.place(name))]

    def _walk(self, start: Place, over_goals: bool = False) -> set[Place]:
        """Where one could go from there without another door or a thing being moved, as far as it was seen."""
        reached, edge = {start}, deque([start])
        while edge:
            place = edge.popleft()
            if code_at(self.env, *place) & 15 == codes.GOAL and place != self.here and not over_goals:
                continue
            for there in around(place):
                free = code_at(self.env, *there) & 15 in (codes.EMPTY, codes.FLOOR, codes.GOAL)
                if free and there in self.diary.seen and there not in reached:
                    reached.add(there)
                    edge.append(there)
        return reached

    def walk_over_goals(self) -> set[Place]:
        """The same for the agent, if no goal square ended the episode."""
        return self._walk(self.here, over_goals=True)

    def can_reach(self, name: str) -> bool:
        """Whether the agent can, as things are."""
        return self._touches(self.reach, name)

    def can_be_reached(self, name: str) -> bool:
        """Whether it can be reached from the agent's place or from some doorway."""
        return any(self._touches(reached, name) for reached in self.steps)

    def _touches(self, reached: set[Place], name: str) -> bool:
        place = self.place(name)
        return place == self.here or any(there in reached for there in around(place))

    def rim(self, room: str) -> set[Place]:
        """The cells of a room that something unseen lies next to."""
        return {cell for cell in self.rooms[room] if set(around(cell)) - self.diary.seen}

    @property
    def in_doorway(self) -> bool:
        return code_at(self.env, *self.here) & 15 == codes.DOOR

    def lies_ahead(self, name: str) -> bool:
        """Whether a thing was first seen ahead of where the agent began, as it looked then."""
        frame, (dx, dy) = self.diary.frame, self.diary.ahead
        x, y = self.homes[name]
        return (x - frame.x) * dx + (y - frame.y) * dy > 0

    def earned(self, name: str, mark: int) -> bool:
        return bool(self.diary.deeds.get(id(self.objects[name]), 0) & mark)


def around(place: Place | None) -> list[Place]:
    assert place is not None
    return [(place[0] + dx, place[1] + dy) for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1))]
