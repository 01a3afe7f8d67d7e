"""Rooms and ways against a slow and obvious reference, on worlds that were seen and on worlds made up at random."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.domains.minigrid.play import OUT_OF_DATE, SPREAD, batch, codes, make, maps, random_play, survey

Place = tuple[int, int]
AROUND = ((1, 0), (0, 1), (-1, 0), (0, -1))  # east, south, west, north
ITEMS = (codes.KEY, codes.BALL, codes.BOX)
FREE = (codes.EMPTY, codes.FLOOR)
NO_WAY = (survey.NO_WAY, survey.NO_WAY)
Leg = tuple[int, Place | None]  # steps, and the first item to be moved


# The reference: dictionaries from places to what was seen there. ----------------------------------------------


@dataclass
class Seen:
    """A believed world as a dictionary of codes; places count from where the agent began."""

    cells: dict[Place, int]
    start: Place
    heading: int
    restless: bool = False

    def kind(self, place: Place) -> int:
        return self.cells.get(place, 0) & 15

    def joined(self, place: Place) -> bool:
        return self.kind(place) in (*FREE, codes.GOAL, *ITEMS)

    def leads_on(self, place: Place) -> bool:
        """A cell of a room, or a doorway that is not locked."""
        door = self.kind(place) == codes.DOOR and self.cells[place] >> 8 != codes.LOCKED
        return door or self.joined(place)

    def in_the_way(self, place: Place) -> bool:
        """Whether an item lies there that has to be moved; balls that move by themselves make way."""
        kind = self.kind(place)
        return kind in ITEMS and not (self.restless and kind == codes.BALL)


def beside(place: Place) -> list[Place]:
    return [(place[0] + dx, place[1] + dy) for dx, dy in AROUND]


def read(world: Any) -> Seen:
    half = maps.SIZE // 2
    cells = {}
    for cell in np.flatnonzero(world.cells[0]).tolist():
        x, y = divmod(cell, maps.SIZE)
        cells[(x + half) % maps.SIZE - half, (y + half) % maps.SIZE - half] = int(world.cells[0, cell])
    x, y, heading = (int(world.agent[0, column]) for column in (maps.X, maps.Y, maps.HEADING))
    return Seen(cells, (x, y), heading, bool(world.agent[0, maps.RESTLESS]))


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


def ways(seen: Seen) -> tuple[dict[Place, tuple[int, int]], dict[Place, set[Leg]]]:
    """Dijkstra: (items to move, steps) to each place; and, for each of the best ways there, the steps that lie before
    its last doorway and the first item to be moved since. What lies right behind a doorway is not among those.
    """
    best, legs = {seen.start: (0, 0)}, {seen.start: {(0, None)}}
    heap = [((0, 0), seen.start)]
    while heap:
        cost, place = heapq.heappop(heap)
        if seen.kind(place) == codes.GOAL and place != seen.start:
            continue
        for there in filter(seen.leads_on, beside(place)):
            new = (cost[0] + seen.in_the_way(there), cost[1] + 1)
            if new < best.get(there, NO_WAY):
                best[there], legs[there] = new, set()
                heapq.heappush(heap, (new, there))
            if new == best[there]:
                legs[there] |= {step_on(seen, best, place, there, leg) for leg in legs[place]}
    return best, legs


def step_on(seen: Seen, best: dict[Place, tuple[int, int]], place: Place, there: Place, leg: Leg) -> Leg:
    """What a leg that leads to `place` is to the place next to it."""
    in_doorway = seen.kind(place) == codes.DOOR
    entered, item = (best[place][1], None) if in_doorway else leg
    if item is None and seen.in_the_way(there) and (not in_doorway or place == seen.start):
        item = there
    return entered, item


def hoped_for(seen: Seen) -> set[Place]:
    """Where one might get to without moving anything, if one could walk wherever nothing was seen amid what was.

    What is next to the agent counts as amid: to look there is to turn.
    """
    x, y = seen.start
    known = [*seen.cells, (x - 1, y - 1), (x + 1, y + 1)]
    (west, east), (north, south) = ((min(line), max(line)) for line in zip(*known, strict=True))
    found, edge = {seen.start}, [seen.start]
    while edge:
        for there in beside(edge.pop()):
            inside = west <= there[0] <= east and north <= there[1] <= south
            walkable = there not in seen.cells or (seen.leads_on(there) and seen.kind(there) not in ITEMS)
            if inside and walkable and there not in found:
                found.add(there)
                edge.append(there)
    return found


def bars_nothing(seen: Seen, place: Place) -> bool:
    """No door or goal square is beside it, things beside it have another free side, and its free neighbours reach one
    another through the eight cells around it.
    """
    for other in beside(place):
        if seen.kind(other) in (codes.DOOR, codes.GOAL):
            return False
        sides = [side for side in beside(other) if side != place and seen.kind(side) in FREE]
        if seen.kind(other) in ITEMS and not sides:
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
    assert_survey(survey.Survey.blank().read(world, 0), world, read(world))


def assert_survey(found: Any, world: Any, seen: Seen) -> None:
    """`world` is the only one of its batch."""
    best, legs = ways(seen)
    assert_rooms(found, seen)
    assert_ways(found, world, best, legs)
    assert_things(found, world, seen, best, legs)
    assert_frontiers(found, world, seen, best, legs)
    assert_roomy(found, seen)
    assert_here(found, seen)


def lies_at(world: Any, number: int) -> int | None:
    """The cell of the thing with 1 + its number, None for none."""
    return int(world.place[0, number - 1]) if number else None


def known(legs: set[Leg]) -> set[tuple[int, int | None]]:
    """Legs with the cells of their items."""
    return {(steps, None if item is None else index(item)) for steps, item in legs}


def assert_rooms(found: Any, seen: Seen) -> None:
    rooms = flood(seen)
    numbers = [{int(found.rooms[index(place)]) for place in room} for room in rooms]
    assert all(len(room) == 1 for room in numbers), "a room has two numbers"
    assert set().union(*numbers) == set(range(1, found.count_rooms + 1)), "rooms are numbered from 1 on"
    assert len(rooms) == found.count_rooms
    assert np.count_nonzero(found.rooms) == sum(map(len, rooms)), "something is a room that is none"
    for room, number in zip(rooms, numbers, strict=True):
        assert int(found.first_cell[min(number)]) in {index(place) for place in room}


def assert_ways(found: Any, world: Any, best: dict[Place, tuple[int, int]], legs: dict) -> None:
    reached = {index(place): (cost, known(legs[place])) for place, cost in best.items()}
    ours = (found.moves, found.steps, found.entered, found.first_item)
    rows = zip(*(array.tolist() for array in ours), strict=True)
    for cell, (moves, steps, entered, item) in enumerate(rows):
        cost, possible = reached.get(cell, (NO_WAY, {(0, None)}))
        assert (moves, steps) == cost, f"the way to {divmod(cell, maps.SIZE)}"
        assert (entered, lies_at(world, item)) in possible, f"the last leg to {divmod(cell, maps.SIZE)}"


def assert_things(found: Any, world: Any, seen: Seen, best: dict, legs: dict) -> None:
    places, hope = {index(place): place for place in seen.cells}, hoped_for(seen)
    for number in range(world.agent[0, maps.THINGS]):
        if world.place[0, number] < 0:
            continue
        place = places[int(world.place[0, number])]
        leg = int(found.way_steps[number]), lies_at(world, int(found.blocker[number]))
        possible = last_legs(seen, best, legs, place)
        sides = beside(place)
        if seen.kind(place) == codes.DOOR:
            sides = [side for side in sides if seen.joined(side)][:1]
        if hope & set(sides):
            possible = {(steps, None) for steps, _ in possible}
        assert leg in known(possible), f"steps to {place}, and what stands in the way"
        assert_sides(found, world, seen, place, number)


def last_legs(seen: Seen, best: dict, legs: dict, place: Place) -> set[Leg]:
    """The last legs of the best ways to a place beside this one; without any, minus the distance as the crow flies."""
    if place == seen.start:
        return {(0, None)}
    cost = min(best.get(other, NO_WAY) for other in beside(place))
    if cost == NO_WAY:
        return {(-abs(place[0] - seen.start[0]) - abs(place[1] - seen.start[1]), None)}
    found: set[Leg] = set()
    for other in (other for other in beside(place) if best.get(other) == cost):
        in_doorway = seen.kind(other) == codes.DOOR  # where a leg of no steps begins
        found |= {(0, None)} if in_doorway else {(cost[1] - entered, item) for entered, item in legs[other]}
    return found


def assert_sides(found: Any, world: Any, seen: Seen, place: Place, number: int) -> None:
    def room(other: Place) -> int:
        return int(found.rooms[index(other)]) if other in seen.cells else -1

    sides = found.sides[number].tolist()
    if seen.kind(place) != codes.DOOR:
        assert sides == [room(place), 0]
        return
    around = beside(place)
    pairs = [(near, around[(way + 2) % 4]) for way, near in enumerate(around) if room(near) > 0]
    items = [[index(side) if seen.in_the_way(side) else None for side in pair] for pair in pairs]
    ours = sides, [lies_at(world, int(item)) for item in found.behind[number]]
    theirs = zip([[room(near), room(far)] for near, far in pairs], items, strict=True)
    assert ours in (list(theirs) or [([0, 0], [None, None])]), f"the sides of the door at {place}"


def assert_frontiers(found: Any, world: Any, seen: Seen, best: dict, legs: dict) -> None:
    """Of the best unseen places beside a room the westernmost, and of those the northernmost."""
    for room in flood(seen):
        number = int(found.rooms[index(min(room))])
        told = f"frontier of the room at {min(room)}"
        costs = [
            (frontier_cost(seen, best, place, unseen), unseen, place)
            for place in room
            for unseen in beside(place)
            if unseen not in seen.cells
        ]
        assert found.frontier_size[number] == len(costs), told
        if not costs:
            assert found.frontier[number] == -1
            continue
        cost, chosen, _ = min(costs)
        assert (found.frontier_cost[number], found.frontier[number]) == (cost, index(chosen)), told
        possible: set[Leg] = set()
        for place in (place for other, unseen, place in costs if (other, unseen) == (cost, chosen)):
            if place in best:
                possible |= {(best[place][1] - entered, item) for entered, item in legs[place]}
        leg = int(found.frontier_steps[number]), lies_at(world, int(found.frontier_blocker[number]))
        assert leg in (known(possible) or {(survey.NO_WAY, None)}), f"{told}: the last leg"


def frontier_cost(seen: Seen, best: dict, place: Place, unseen: Place) -> int:
    """Every two cells in the 7 × 7 around that were seen already make it a step dearer."""
    (x, y), around = unseen, range(-3, 4)
    known = sum((x + dx, y + dy) in seen.cells for dx in around for dy in around) // 2
    if place in best:
        return best[place][0] * 1000 + best[place][1] + known
    return survey.NO_WAY * 1000 + abs(unseen[0] - seen.start[0]) + abs(unseen[1] - seen.start[1]) + known


def assert_roomy(found: Any, seen: Seen) -> None:
    for room in flood(seen):
        good = any(bars_nothing(seen, place) for place in room if seen.kind(place) == codes.EMPTY)
        assert found.roomy[found.rooms[index(min(room))]] == good, f"room at {min(room)}"


def assert_here(found: Any, seen: Seen) -> None:
    """In a doorway the first room there is from ahead clockwise, one that can be stepped into before others."""
    if seen.kind(seen.start) != codes.DOOR:
        assert found.here == found.rooms[index(seen.start)]
        return
    around = beside(seen.start)
    turned = [around[(seen.heading + turn) % 4] for turn in range(4)]
    sides = [place for place in turned if seen.joined(place)]
    sides.sort(key=lambda place: seen.kind(place) in ITEMS)
    assert found.here == (found.rooms[index(sides[0])] if sides else 0)


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
    world.agent[0, maps.RESTLESS] = rng.random() < 0.25
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


def test_worlds_made_up_of_doors_and_small_rooms() -> None:
    """Ways of several legs, things right behind doors, and balls that make way in every other world."""
    legs = behind = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        world = maps.BeliefMap(1)
        for x in range(-6, 7):
            for y in range(-6, 7):
                wall = x % 3 == 1 or y % 3 == 1
                kinds = (
                    [codes.WALL, codes.DOOR] if wall else [codes.EMPTY, codes.BALL, codes.BOX, codes.UNSEEN]
                )
                kind = rng.choice(kinds, p=[0.6, 0.4] if wall else [0.7, 0.13, 0.14, 0.03])
                put(world, (x, y), codes.EMPTY if (x, y) == (0, 0) else int(kind), rng)
        world.agent[0, [maps.WEST, maps.NORTH, maps.EAST, maps.SOUTH]] = -6, -6, 6, 6
        world.agent[0, maps.RESTLESS] = seed % 2
        compare(world)
        found = survey.Survey.blank().read(world, 0)
        legs += np.count_nonzero(found.entered)
        behind += np.count_nonzero(found.behind)
    assert legs > 1000, "ways lead through doors"
    assert behind > 300, "things lie behind them"


def test_a_survey_knows_nothing_of_the_last() -> None:
    """One that is used again and again reads what a new one would."""
    again = survey.Survey.blank()
    for seed in range(40):
        world = made_up(np.random.default_rng(seed), (12, 4, 9)[seed % 3])
        found, again = survey.Survey.blank().read(world, 0), again.read(world, 0)
        for name in ("rooms", "moves", "steps", "entered", "first_item"):
            assert np.array_equal(getattr(found, name), getattr(again, name)), f"world {seed}: {name}"
        things, rooms = int(world.agent[0, maps.THINGS]), found.count_rooms
        for number in np.flatnonzero(world.place[0, :things] >= 0):
            for name in ("sides", "way_steps", "blocker"):
                assert np.array_equal(getattr(found, name)[number], getattr(again, name)[number]), name
        for name in ("first_cell", "frontier", "frontier_size", "roomy"):
            ours, theirs = (getattr(one, name)[1 : rooms + 1] for one in (found, again))
            assert np.array_equal(ours, theirs), f"world {seed}: {name}"


def test_where_a_thing_bars_nothing() -> None:
    """Every cell of made-up worlds, against the reference."""
    found = []
    for _, world in worlds(25, 9):
        seen = read(world)
        for place in seen.cells:
            good = bool(survey.harmless(world.cells[0], index(place)))
            assert good == bars_nothing(seen, place), place
            found.append(good)
    assert 100 < sum(found) < len(found) - 100, "both occur"


def test_distances_go_around_the_torus() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        one, other = (tuple(int(value) for value in rng.integers(-15, 16, 2)) for _ in range(2))
        away = abs(one[0] - other[0]) + abs(one[1] - other[1])
        assert survey.city_block(index(one), *other) == away
        for way, place in enumerate(beside(one)):
            assert survey.neighbour(index(one), way) == index(place)
