"""OfficeWorld against a picture of it: walls, plants, tasks, and the shortest ways, found in the picture alone."""

from __future__ import annotations

from collections import deque
from itertools import pairwise, permutations
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from domains.officeworld.world import EVENTS, TASKS, OfficeWorld

PICTURE = """\
+---+---+---+---+
|...|...|...|...|
|.b. .*. .*. .c.|
|...|C..|...|...|
+- -+- -+- -+- -+
|...|...|...|...|
|.*.|.O.|.M.|.*.|
|...|...|...|...|
+- -+---+---+- -+
|...|...|..C|...|
|.a@ .*. .*. .d.|
|...|...|...|...|
+---+---+---+---+"""
LINES = PICTURE.splitlines()[::-1]
WAYS = ((0, 1), (1, 0), (0, -1), (-1, 0))

COFFEE, MAIL, BOTH, PATROL = TASKS
ORDERS = {
    COFFEE: ["CO"],
    MAIL: ["MO"],
    BOTH: ["".join(order) + "O" for order in permutations("CM")],
    PATROL: ["abcd"],
}
SHORTEST = {COFFEE: 15, MAIL: 29, BOTH: 29, PATROL: 30}


def glyph(x: int, y: int, dx: int = 0, dy: int = 0) -> str:
    """What is drawn at a cell, or between rooms on the way out of it; the cell itself inside a room."""
    column, row = 1 + x + x // 3, 1 + y + y // 3
    return LINES[row + dy][column + dx]


def after(cell: tuple[int, int], way: int) -> tuple[int, int]:
    dx, dy = WAYS[way]
    barred = glyph(*cell, dx, dy) in "|-+"
    return cell if barred else (cell[0] + dx, cell[1] + dy)


def shortest(order: str) -> tuple[int, list[int]]:
    """Steps and actions to be at these letters one after the other, by breadth-first search in the picture."""
    start = ((2, 1), 0)
    queue, came = deque([start]), {start: (start, -1)}
    while queue:
        cell, reached = state = queue.popleft()
        for way in range(4):
            there = after(cell, way)
            sign = glyph(*there)
            following = (there, reached + (sign == order[reached]))
            if sign == "*" or following in came:
                continue
            came[following] = (state, way)
            if following[1] == len(order):
                return trace(came, following)
            queue.append(following)
    raise AssertionError(f"no way for {order}")


def trace(came: Any, state: Any) -> tuple[int, list[int]]:
    actions: list[int] = []
    while came[state][1] >= 0:
        state, way = came[state]
        actions.insert(0, way)
    return len(actions), actions


def make(task: str, **options: Any) -> gymnasium.Env:
    return gymnasium.make(task, disable_env_checker=True, **options)


def walk(task: str, actions: list[int]) -> list[tuple[Any, float, bool, bool]]:
    env = make(task)
    env.reset(seed=0)
    return [env.step(action)[:4] for action in actions]  # type: ignore[misc]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("mode", [None, "ansi", "rgb_array"])
def test_gymnasium_has_nothing_to_say_against_it(task: str, mode: str | None) -> None:
    check_env(make(task, render_mode=mode).unwrapped)


def test_it_is_the_picture() -> None:
    env = make(COFFEE, render_mode="ansi")
    env.reset()
    assert env.render() == PICTURE


@pytest.mark.parametrize("x", range(12))
@pytest.mark.parametrize("y", range(9))
def test_moves_from_every_cell(x: int, y: int) -> None:
    world = OfficeWorld()
    for way in range(4):
        world.reset()
        world._cell = (x, y)
        observation, _, terminated, _, _ = world.step(np.int64(way))
        there = after((x, y), way)
        assert tuple(observation["position"]) == there, f"way {way}"
        assert terminated == (glyph(*there) == "*"), f"way {way}"


@pytest.mark.parametrize("task", TASKS)
def test_shortest_ways_have_the_published_lengths(task: str) -> None:
    length, actions = min(shortest(order) for order in ORDERS[task])
    assert length == SHORTEST[task]
    steps = walk(task, actions)
    assert [reward for _, reward, _, _ in steps] == [0.0] * (length - 1) + [1.0]
    assert [terminated for _, _, terminated, _ in steps] == [False] * (length - 1) + [True]


def test_a_plant_ends_the_episode_unpaid() -> None:
    *_, (observation, reward, terminated, truncated) = walk(COFFEE, [1, 1])
    assert tuple(observation["position"]) == (4, 1)
    assert (reward, terminated, truncated) == (0.0, True, False)


def test_the_time_limit_is_no_end() -> None:
    *before, last = walk(MAIL, [2] * 1000)
    assert not any(terminated or truncated for _, _, terminated, truncated in before)
    assert last[2:] == (False, True)


@pytest.mark.parametrize("task", TASKS)
def test_progress_counts_what_the_task_asks_for_in_its_turn(task: str) -> None:
    _, actions = min(shortest(order) for order in ORDERS[task])
    seen = [
        {event for event, on in zip(EVENTS, step[0]["progress"], strict=True) if on}
        for step in walk(task, actions)
    ]
    assert seen[-1] == {event for stage in TASKS[task].stages for event in stage} - {"office"}
    assert all(before <= later for before, later in pairwise(seen))


def test_what_is_out_of_turn_does_not_count() -> None:
    _, actions = shortest("bO")
    observation, reward, terminated, _ = walk(PATROL, actions)[-1]
    assert not observation["progress"].any()
    assert (reward, terminated) == (0.0, False)


def test_the_picture_shows_where_the_agent_is() -> None:
    env = make(PATROL, render_mode="rgb_array")
    env.reset()
    before: Any = env.render()
    env.step(3)
    after_step: Any = env.render()
    assert before.shape == (360, 480, 3)
    assert before.dtype == np.uint8
    changed = np.argwhere((before != after_step).any(axis=-1))
    assert changed.min(axis=0) // 40 == pytest.approx([7, 1])
    assert changed.max(axis=0) // 40 == pytest.approx([7, 2])
