"""Where to go first: against plain references on worlds made up at random, and what becomes of it in play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from neurosym.agent import Agent
from neurosym.symbols import Atom
from tests.domains.minigrid.play import DOMAIN, aims, codes, maps, situation, subgoals, survey, waypoints
from tests.domains.minigrid.test_features import features
from tests.domains.minigrid.test_predicaments import Drawn
from tests.domains.minigrid.test_subgoals import row
from tests.domains.minigrid.test_survey import Place, Seen, beside, index, made_up, read

NOWHERE = subgoals.NOWHERE
SIGHT = subgoals.RADIUS


# The reference. --------------------------------------------------------------------------------------------------


def can_walk(seen: Seen, place: Place) -> bool:
    kind = seen.kind(place)
    is_open = kind == codes.DOOR and seen.cells[place] >> 8 == codes.OPEN
    return is_open or kind in (codes.EMPTY, codes.FLOOR, codes.GOAL)


def distances(seen: Seen, start: Place) -> dict[Place, int]:
    """Steps to each place that can be walked to, over no goal square."""
    steps, edge = {start: 0}, [start]
    for place in edge:
        if seen.kind(place) == codes.GOAL and place != start:
            continue
        for there in beside(place):
            if can_walk(seen, there) and there not in steps:
                steps[there] = steps[place] + 1
                edge.append(there)
    return steps


def apart(one: Place, other: Place) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def is_plain(seen: Seen, one: Place, other: Place) -> bool:
    """No wall, lava or shut door in the rectangle between two places, and all of it in sight."""
    (west, east), (north, south) = (sorted(line) for line in zip(one, other, strict=True))
    between = [(x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    fixed = (codes.WALL, codes.LAVA, codes.DOOR)
    barred = any(seen.kind(place) in fixed and not can_walk(seen, place) for place in between)
    return max(east - west, south - north) <= SIGHT and not barred


def place_of(cell: int) -> Place:
    half = maps.SIZE // 2
    x, y = divmod(cell, maps.SIZE)
    return (x + half) % maps.SIZE - half, (y + half) % maps.SIZE - half


# The comparison. ---------------------------------------------------------------------------------------------------


def compiled() -> Callable[[Any, Seen, int], int]:
    """`find_waypoint` on its own."""

    find = waypoints.find_waypoint

    @numba.njit
    def call(cells: Any, start: int, target: int, reached: Any, came_from: Any) -> int:
        return find(cells, start, target, reached, came_from)

    def ask(world: Any, seen: Seen, target: int) -> int:
        area = maps.SIZE**2
        scratch = np.zeros(area, dtype=np.int32), np.zeros(area, dtype=np.int32)
        return call(world.cells[0], index(seen.start), target, *scratch)

    return ask


def test_waypoints_are_plain_cells_on_shortest_ways() -> None:
    rng, find, seen_of = np.random.default_rng(0), compiled(), Counter[str]()
    for _ in range(400):
        world = made_up(rng, int(rng.integers(5, 28)))
        seen = read(world)
        target = list(seen.cells)[int(rng.integers(len(seen.cells)))]
        found = find(world, seen, index(target))
        steps = distances(seen, seen.start)
        ends = [place for place in (target, *beside(target)) if place in steps]
        if found == NOWHERE:
            seen_of["straight" if ends else "no way"] += 1
            continue
        seen_of["first"] += 1
        place, away = place_of(found), distances(seen, place_of(found))
        assert place in steps
        assert place != seen.start
        assert steps[place] == apart(place, seen.start), "one does not turn back"
        assert is_plain(seen, seen.start, place)
        assert min(steps[end] for end in ends) == steps[place] + min(away[end] for end in ends if end in away)
        assert not all(
            steps[end] == apart(end, seen.start) and is_plain(seen, seen.start, end) for end in ends
        )
    assert sorted(seen_of) == ["first", "no way", "straight"], seen_of
    assert min(seen_of.values()) > 20, seen_of


def test_there_is_no_waypoint_where_the_whole_way_is_plain() -> None:
    rng, find, straight = np.random.default_rng(1), compiled(), 0
    for _ in range(400):
        world = made_up(rng, int(rng.integers(4, 12)))
        seen = read(world)
        target = list(seen.cells)[int(rng.integers(len(seen.cells)))]
        steps = distances(seen, seen.start)
        near = min((steps[end] for end in (target, *beside(target)) if end in steps), default=None)
        if near is None:
            assert find(world, seen, index(target)) == NOWHERE
            continue
        ends = [end for end in (target, *beside(target)) if steps.get(end) == near]
        if all(near == apart(end, seen.start) and is_plain(seen, seen.start, end) for end in ends):
            assert find(world, seen, index(target)) == NOWHERE
            straight += 1
    assert straight > 50


# In play. ------------------------------------------------------------------------------------------------------------


def test_the_controller_is_told_of_the_waypoint_and_then_of_the_target() -> None:
    """It is to stand there, and what comes next is the step itself; without a subgoal nothing is told."""
    world = maps.BeliefMap(1)
    subgoal = row(subgoals.Kind.HOLD, cell=int(maps.cell_of(7, 0)))
    subgoal[subgoals.NEXT_KIND], subgoal[subgoals.NEXT_CELL] = subgoals.Kind.FACE, maps.cell_of(0, 5)
    world.agent[0, maps.WAYPOINT] = 1 + maps.cell_of(3, 2)
    entries, dense = features(world, subgoal)
    stand, following = subgoals.CONTENTS + subgoals.Kind.STAND - 1, subgoals.LAYERS - 1
    targets = {entry for entry in entries if entry[2] >= subgoals.CONTENTS}
    assert targets == {(3, 2, stand), (7, 0, following)}
    assert np.flatnonzero(dense[: 2 * subgoals.KINDS]).tolist() == [
        subgoals.Kind.STAND,
        subgoals.KINDS + subgoals.Kind.HOLD,
    ]
    entries, _ = features(world, row(subgoals.Kind.NONE))
    assert not [entry for entry in entries if entry[2] >= subgoals.CONTENTS]


def test_at_a_waypoint_the_step_in_hand_goes_on() -> None:
    """A wall with one gap: one goes round its end first, which is neither achieved nor failed."""
    room = ("##########", "#>..#....#", "#...#...k#", "#...#....#", "#........#", "##########")
    player, env = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0), Drawn(room, "pick up the green key")
    observation, _ = env.reset(seed=0)
    player.reset(observation)
    belief: Any = player.executive.belief
    agent, thread, went_on = belief.map.agent[0], player.executive.threads[0], 0
    for _ in range(60):
        step, waypoint = thread.step, int(agent[maps.WAYPOINT]) - 1
        observation, *_ = env.step(player.act(observation))
        player.observe(observation)
        arrived = waypoint == maps.cell_of(agent[maps.X], agent[maps.Y])
        assert not arrived or agent[maps.WAYPOINT] != 1 + waypoint, "it is looked for anew"
        went_on += arrived and thread.step is step
        if env.carrying:
            break
    assert env.carrying
    assert went_on > 0
    assert not [event for event in player.events if event.kind == "failed"]


@pytest.mark.parametrize(("away", "told"), [(3, True), (SIGHT, True), (SIGHT + 1, False)])
def test_where_a_thing_was_taken_is_told_only_near_by(away: int, told: bool) -> None:
    """At the rim of what is told it would be taken for a place to go to."""
    world, taken_from = maps.BeliefMap(1), int(maps.cell_of(away, 0))
    for x in range(-1, away + 1):
        for y in range(3):
            world.cells[0, maps.cell_of(x, y)] = codes.EMPTY
    world.agent[0, [maps.EAST, maps.SOUTH]], world.agent[0, maps.TAKEN_FROM] = (away, 2), taken_from
    aim = np.zeros((1, aims.COLUMNS), dtype=np.int32)
    aim[0, 0], aim[0, -1] = subgoals.Kind.DROP_AWAY, 1
    names = situation.RoomNames.blank(1)
    rows, _ = aims.place_aims(world, np.array([0]), aim, survey.Survey.blank(), names)
    assert rows[0, subgoals.CELL] == (taken_from if told else NOWHERE)


def test_to_turn_is_better_than_to_move_something() -> None:
    """Only the row before the agent was seen; one may well get around by the next one."""
    room = ("#######", "#k.b.<#", "#.....#", "#.....#", "#######")
    player, env = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0), Drawn(room, "pick up the green key")
    env.reset(seed=0)
    observation = env.gen_obs()
    observation["image"][:3], observation["image"][4:] = 0, 0
    player.reset(observation)
    assert Atom("clear", ("green_key",)) in player.state
