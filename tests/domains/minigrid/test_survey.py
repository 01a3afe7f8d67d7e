"""Rooms and ways against a slow and obvious reference, on worlds that were seen and on worlds made up at random."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.domains.minigrid.play import SPREAD, batch, codes, make, maps, random_play, survey

Place = tuple[int, int]
OUT_OF_DATE = pytest.mark.filterwarnings("ignore:.*is out of date")
AROUND = ((1, 0), (0, 1), (-1, 0), (0, -1))  # east, south, west, north
ITEMS = (codes.KEY, codes.BALL, codes.BOX)
FREE = (codes.EMPTY, codes.FLOOR)
NO_WAY = (survey.NO_WAY, survey.NO_WAY)


# The reference: dictionaries from places to what was seen there. ----------------------------------------------


@dataclass
class Seen:
    """A believed world as a dictionary of codes; places count from where the agent began."""

    cells: dict[Place, int]
    start: Place
    heading: int

    def kind(self, place: Place) -> int:
        return self.cells.get(place, 0) & 15

    def joined(self, place: Place) -> bool:
        return self.kind(place) in (*FREE, codes.GOAL, *ITEMS)


def beside(place: Place) -> list[Place]:
    return [(place[0] + dx, place[1] + dy) for dx, dy in AROUND]


def read(world: Any) -> Seen:
    half = maps.SIZE // 2
    cells = {}
    for cell in np.flatnonzero(world.cells[0]).tolist():
        x, y = divmod(cell, maps.SIZE)
        cells[(x + half) % maps.SIZE - half, (y + half) % maps.SIZE - half] = int(world.cells[0, cell])
    x, y, heading = (int(world.agent[0, column]) for column in (maps.X, maps.Y, maps.HEADING))
    return Seen(cells, (x, y), heading)


def index(place: Place) -> int:
    return (place[0] & maps.WRAP) * maps.SIZE + (place[1] & maps.WRAP)


def flood(seen: Seen) -> list[set[Place]]:
    rooms: list[set[Place]] = []
    todo = {place for place in seen.cells if seen.joined(place)}
    while todo:
        edge = [todo.pop()]
        room = set(edge)
        while edge:
            news = [place for place in beside(edge.pop()) if place in todo]
            todo.difference_update(news)
            room.update(news)
            edge += news
        rooms.append(room)
    return rooms


def ways(seen: Seen) -> tuple[dict[Place, tuple[int, int]], dict[Place, set[Place]]]:
    """Dijkstra: (items to move, steps) to each place, and the first items on any of the best ways there."""
    best, first = {seen.start: (0, 0)}, {seen.start: set()}
    heap = [((0, 0), seen.start)]
    while heap:
        cost, place = heapq.heappop(heap)
        if cost > best[place] or (seen.kind(place) == codes.GOAL and place != seen.start):
            continue
        for there in beside(place):
            if not seen.joined(there):
                continue
            in_the_way = seen.kind(there) in ITEMS
            new = (cost[0] + in_the_way, cost[1] + 1)
            items = first[place] or ({there} if in_the_way else set())
            if new < best.get(there, NO_WAY):
                best[there], first[there] = new, set(items)
                heapq.heappush(heap, (new, there))
            elif new == best[there]:
                first[there] |= items
    return best, first


def bars_nothing(seen: Seen, place: Place) -> bool:
    """Its free neighbours reach one another through the eight cells around it, and no thing is next to it."""
    if any(seen.kind(other) in (codes.DOOR, codes.GOAL, *ITEMS) for other in beside(place)):
        return False
    ring = {(place[0] + dx, place[1] + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} - {place}
    around = {other for other in ring if seen.kind(other) in FREE}
    must_meet = [other for other in beside(place) if other in around]
    reached = set(must_meet[:1])
    while news := {other for one in reached for other in beside(one)} & around - reached:
        reached |= news
    return set(must_meet) <= reached


# The comparison. ------------------------------------------------------------------------------------------------


def compare(world: Any) -> None:
    found, seen = survey.Survey.blank().read(world, 0), read(world)
    assert_rooms(found, seen)
    best, first = ways(seen)
    assert_ways(found, best)
    assert_things(found, world, seen, best, first)
    assert_frontiers(found, seen, best)
    for room in flood(seen):
        number = found.rooms[index(min(room))]
        places = [place for place in room if seen.kind(place) == codes.EMPTY]
        assert found.roomy[number] == any(bars_nothing(seen, place) for place in places), (
            f"room at {min(room)}"
        )
    assert_here(found, seen)


def assert_rooms(found: Any, seen: Seen) -> None:
    rooms = flood(seen)
    numbers = [{int(found.rooms[index(place)]) for place in room} for room in rooms]
    assert all(len(room) == 1 for room in numbers), "a room has two numbers"
    assert set().union(*numbers) == set(range(1, found.count_rooms + 1)), "rooms are numbered from 1 on"
    assert len(rooms) == found.count_rooms
    assert np.count_nonzero(found.rooms) == sum(map(len, rooms)), "something is a room that is none"
    for room, number in zip(rooms, numbers, strict=True):
        assert int(found.first_cell[min(number)]) in {index(place) for place in room}


def assert_ways(found: Any, best: dict[Place, tuple[int, int]]) -> None:
    reached = {index(place): cost for place, cost in best.items()}
    for cell in range(maps.SIZE**2):
        ours = (int(found.moves[cell]), int(found.steps[cell]))
        assert ours == reached.get(cell, NO_WAY), f"the way to {divmod(cell, maps.SIZE)}"


def assert_things(found: Any, world: Any, seen: Seen, best: dict, first: dict) -> None:
    for number in range(world.agent[0, maps.THINGS]):
        cell = int(world.place[0, number])
        if cell < 0:
            continue
        place = next(place for place in seen.cells if index(place) == cell)
        cost = min(best.get(other, NO_WAY) for other in beside(place))
        nearest = [other for other in beside(place) if best.get(other) == cost]
        blockers = {item for other in nearest for item in first[other]} if cost != NO_WAY else set()
        if place == seen.start:
            cost, blockers = (0, 0), set()
        away = abs(place[0] - seen.start[0]) + abs(place[1] - seen.start[1])
        assert found.way_steps[number] == (-away if cost == NO_WAY else cost[1]), f"steps to {place}"
        blocker = int(found.blocker[number])
        lies = int(world.place[0, blocker - 1]) if blocker else None
        assert lies in ({index(item) for item in blockers} or {None}), f"what stands in the way of {place}"
        assert_sides(found, seen, place, [int(side) for side in found.sides[number]])


def assert_sides(found: Any, seen: Seen, place: Place, sides: list[int]) -> None:
    def room(other: Place) -> int:
        return int(found.rooms[index(other)]) if other in seen.cells else -1

    if seen.kind(place) != codes.DOOR:
        assert sides == [room(place), 0]
        return
    around = [room(other) for other in beside(place)]
    pairs = [[near, around[(way + 2) % 4]] for way, near in enumerate(around) if near > 0]
    assert sides in (pairs or [[0, 0]]), f"the sides of the door at {place}"


def assert_frontiers(found: Any, seen: Seen, best: dict) -> None:
    for room in flood(seen):
        number = int(found.rooms[index(min(room))])
        costs: dict[int, int] = {}
        for place in room:
            for unseen in (other for other in beside(place) if other not in seen.cells):
                moves, steps = best.get(place, NO_WAY)
                away = abs(unseen[0] - seen.start[0]) + abs(unseen[1] - seen.start[1])
                cost = moves * 1000 + (away if (moves, steps) == NO_WAY else steps)
                costs[index(unseen)] = min(cost, costs.get(index(unseen), cost))
        if not costs:
            assert found.frontier[number] == -1
            continue
        assert found.frontier_cost[number] == min(costs.values()), f"frontier of the room at {min(room)}"
        assert costs.get(int(found.frontier[number])) == min(costs.values()), (
            f"frontier of the room at {min(room)}"
        )


def assert_here(found: Any, seen: Seen) -> None:
    around = beside(seen.start)
    turned = [around[(seen.heading + turn) % 4] for turn in range(4)]
    places = turned if seen.kind(seen.start) == codes.DOOR else [seen.start]
    rooms = [int(found.rooms[index(place)]) for place in places]
    assert found.here == next(filter(None, rooms), 0)


# What is surveyed. ----------------------------------------------------------------------------------------------


@OUT_OF_DATE
@pytest.mark.parametrize("task", SPREAD)
def test_worlds_that_were_seen(task: str) -> None:
    for seed in range(2):
        env, observation = make(task, seed)
        world = maps.BeliefMap(1)
        world.begin(np.ones(1, dtype=bool), batch(observation))
        compare(world)
        for step, (action, seen) in enumerate(random_play(env, np.random.default_rng(seed), 150)):
            world.update(np.array([action]), batch(seen))
            if step % 12 == 0:
                compare(world)


# walls, free cells, doors open, closed and locked, items, a goal, lava, and cells not seen yet
ODDS = {
    codes.UNSEEN: 0.07,
    codes.EMPTY: 0.46,
    codes.FLOOR: 0.03,
    codes.WALL: 0.2,
    codes.DOOR: 0.05,
    codes.KEY: 0.05,
    codes.BALL: 0.06,
    codes.BOX: 0.03,
    codes.GOAL: 0.03,
    codes.LAVA: 0.02,
}


def made_up(rng: np.random.Generator, size: int) -> Any:
    """A believed world of size × size cells around the start, without rhyme or reason."""
    world = maps.BeliefMap(1)
    kinds = rng.choice(list(ODDS), p=list(ODDS.values()), size=(size, size))
    low = -int(rng.integers(1, size - 1))
    for dx in range(size):
        for dy in range(size):
            put(world, (low + dx, low + dy), int(kinds[dx, dy]), rng)
    x, y = (int(value) for value in rng.integers(low, low + size, 2))
    lift(world, (x, y))
    put(world, (x, y), codes.DOOR if rng.random() < 0.2 else codes.EMPTY, rng, state=codes.OPEN)
    world.agent[0, [maps.X, maps.Y, maps.HEADING]] = x, y, rng.integers(4)
    world.agent[0, [maps.WEST, maps.EAST, maps.NORTH, maps.SOUTH]] = x, x, y, y
    reach = [maps.WEST, maps.NORTH], [maps.EAST, maps.SOUTH]
    world.agent[0, reach[0]], world.agent[0, reach[1]] = low, low + size
    return world


def put(world: Any, place: Place, kind: int, rng: np.random.Generator, state: int | None = None) -> None:
    named = kind in (codes.DOOR, codes.GOAL, *ITEMS)
    code = kind | int(rng.integers(6)) << 4 if named else kind
    if kind == codes.DOOR:
        code |= (int(rng.integers(3)) if state is None else state) << 8
    world.cells[0, index(place)] = code
    if named:
        number = int(world.agent[0, maps.THINGS])
        world.codes[0, number], world.place[0, number], world.ids[0, index(place)] = (
            code,
            index(place),
            number + 1,
        )
        world.agent[0, maps.THINGS] += 1


def lift(world: Any, place: Place) -> None:
    """Take away what was put at a place."""
    number = int(world.ids[0, index(place)])
    if number:
        world.place[0, number - 1], world.ids[0, index(place)] = maps.GONE, 0


def worlds(count: int, size: int) -> Iterator[tuple[int, Any]]:
    for seed in range(count):
        yield seed, made_up(np.random.default_rng(seed), size)


@pytest.mark.parametrize("size", [4, 7, 12])
def test_worlds_that_were_made_up(size: int) -> None:
    for _, world in worlds(60, size):
        compare(world)


def test_worlds_made_up_of_boxes_and_paths() -> None:
    """Mazes full of items, where the way with the fewest to move is rarely the shortest."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        world = maps.BeliefMap(1)
        for x in range(-5, 6):
            for y in range(-5, 6):
                kind = rng.choice([codes.EMPTY, codes.WALL, codes.BALL], p=[0.45, 0.25, 0.3])
                put(world, (x, y), codes.EMPTY if (x, y) == (0, 0) else int(kind), rng)
        world.agent[0, [maps.WEST, maps.NORTH, maps.EAST, maps.SOUTH]] = -5, -5, 5, 5
        compare(world)


def test_where_a_thing_bars_nothing() -> None:
    """Every cell of made-up worlds, against the reference."""
    answers = []
    for _, world in worlds(25, 9):
        seen = read(world)
        for place in seen.cells:
            answers.append(bool(survey.harmless(world.cells[0], index(place))))
            assert answers[-1] == bars_nothing(seen, place), place
    assert 100 < sum(answers) < len(answers) - 100, "both answers occur"


def test_distances_go_around_the_torus() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        one, other = (tuple(int(value) for value in rng.integers(-15, 16, 2)) for _ in range(2))
        away = abs(one[0] - other[0]) + abs(one[1] - other[1])
        assert survey.city_block(index(one), *other) == away
        for way, place in enumerate(beside(one)):
            assert survey.neighbour(index(one), way) == index(place)
