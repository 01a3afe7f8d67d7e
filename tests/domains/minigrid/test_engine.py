"""The compiled worlds against `minigrid` itself, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from minigrid.core.world_object import Ball, Key

from tests.domains.minigrid.play import (
    SEE_THROUGH,
    SPREAD,
    agent,
    code_at,
    codes,
    engine,
    episode,
    levels,
    make,
    random_action,
    thing_at,
)

OUT_OF_DATE = pytest.mark.filterwarnings("ignore:.*is out of date")


def world_of(env: Any, observation: dict[str, Any], task: str) -> Any:
    """The engine's copy of the level an environment has just begun."""
    size = max(env.width, env.height) + 2 * engine.PAD
    row = (*levels.snapshot(env, size), env.max_steps, observation["mission"], task)
    return engine.Worlds(levels.stack([row]), 1)


def ending(env: Any) -> int:
    """The square the agent stands on, if it is one that ends an episode."""
    here = thing_at(env, *env.agent_pos)
    return {"goal": codes.GOAL, "lava": codes.LAVA}.get(here.type, 0) if here else 0


def assert_alike(world: Any, env: Any, observation: dict[str, Any], told: str) -> None:
    seen = world.observation()
    assert np.array_equal(seen["image"][0], observation["image"]), f"{told}: another view"
    assert seen["direction"][0] == observation["direction"], f"{told}: another heading"
    assert seen["mission"] == [observation["mission"]], f"{told}: another mission"
    x, y = env.agent_pos
    pose = (int(world.agent[0, engine.X]) - engine.PAD, int(world.agent[0, engine.Y]) - engine.PAD)
    assert pose == (x, y), f"{told}: another place"


def follow(world: Any, env: Any, actions: Any, told: str) -> None:
    """The same actions in both, until a goal square or lava ends the episode.

    One can walk out of a world whose outer wall has doors; `minigrid` cannot, and so the walk ends there.
    """
    for number, action in enumerate(actions):
        before = tuple(env.agent_pos)
        if not (0 <= env.front_pos[0] < env.width and 0 <= env.front_pos[1] < env.height):
            return
        observation, _, terminated, truncated, _ = env.step(action)
        ended, timed_out = world.step(np.array([action], dtype=np.int64))
        where = f"{told}, step {number}, action {codes.ACTION_NAMES[action]}"
        assert_alike(world, env, observation, where)
        stepped = tuple(env.agent_pos) != before
        assert ended[0] == (ending(env) if stepped else 0), f"{where}: another ending"
        assert timed_out[0] == truncated, f"{where}: another time limit"
        if ended[0]:
            assert terminated, f"{where}: the environment goes on"
            return


@OUT_OF_DATE
@pytest.mark.parametrize("task", [*SPREAD, *SEE_THROUGH])
def test_random_actions_lead_to_the_same(task: str) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        env, observation = make(task, seed)
        world = world_of(env, observation, task)
        assert_alike(world, env, env.gen_obs(), task)
        follow(world, env, (random_action(rng) for _ in range(250)), f"{task}, seed {seed}")


@OUT_OF_DATE
@pytest.mark.parametrize("task", [*SPREAD, *SEE_THROUGH])
def test_an_agents_actions_lead_to_the_same(task: str) -> None:
    """A scripted agent reaches what chance does not: keys, locks, boxes, goals."""
    for seed in range(2):
        player = agent(wandering=0.1, seed=seed)
        actions = [action for _, action, _ in episode(task, seed, player, 250)][1:]
        env, observation = make(task, seed)
        follow(world_of(env, observation, task), env, actions, f"{task}, seed {seed}")


def test_the_actions_reach_things() -> None:
    """What the lockstep tests are worth: goals, lava, keys in hand, doors unlocked, boxes opened with a key inside."""
    reached = set()
    tasks = {
        "MiniGrid-DoorKey-8x8-v0": 0.1,
        "MiniGrid-LavaGapS7-v0": 0.7,
        "MiniGrid-ObstructedMaze-1Dlhb-v0": 0.1,
    }
    for task, wandering in tasks.items():
        for seed in range(4):
            boxes: int | None = None
            for env, action, _ in episode(task, seed, agent(wandering, seed), 250):
                things = [thing for thing in env.grid.grid if thing is not None]
                full = sum(holds_something(thing) for thing in things)
                if action == codes.TOGGLE and full != boxes:
                    reached.add("box opened")
                boxes = full
                if env.carrying:
                    reached.add(f"holding {env.carrying.type}")
                if any(thing.type == "door" and thing.is_open for thing in things):
                    reached.add("door open")
                reached.add(codes.TYPE_NAMES[ending(env)])
    wanted = {"goal", "lava", "holding key", "holding ball", "door open", "box opened"}
    assert wanted <= reached, f"never reached: {wanted - reached}"


def test_a_box_keeps_what_it_holds_while_it_is_carried() -> None:
    env, _ = make("MiniGrid-ObstructedMaze-1Dlhb-v0", 3)
    box = next(place for place in every_place(env) if holds_something(env.grid.get(*place)))
    place_before(env, box)
    world = world_of(env, env.gen_obs(), "MiniGrid-ObstructedMaze-1Dlhb-v0")
    inside = env.grid.get(*box).contains
    actions = [codes.PICK_UP, codes.LEFT, codes.LEFT, codes.DROP, codes.TOGGLE, codes.PICK_UP]
    follow(world, env, actions, "carrying a box")
    assert env.carrying is inside, "the key came out"
    assert int(world.agent[0, engine.CARRIED]) & 15 == codes.KEY


def test_only_a_key_of_its_colour_opens_a_locked_door() -> None:
    opened = []
    for colour in codes.COLOUR_NAMES:
        for thing in (Key(colour), Ball(colour)):
            env, _ = make("MiniGrid-DoorKey-5x5-v0", 0)
            door = next(cell for cell in env.grid.grid if cell is not None and cell.type == "door")
            place_before(
                env, next(place for place in every_place(env) if env.grid.get(*place) is door), room=1
            )
            env.carrying = thing
            world = world_of(env, env.gen_obs(), "MiniGrid-DoorKey-5x5-v0")
            follow(world, env, [codes.TOGGLE, codes.TOGGLE, codes.TOGGLE], f"with a {colour} {thing.type}")
            opened += [thing.type] if door.is_open else []
    assert opened == ["key"]


def every_place(env: Any) -> list[tuple[int, int]]:
    return [(x, y) for x in range(env.width) for y in range(env.height)]


def holds_something(thing: Any) -> bool:
    return thing is not None and thing.type == "box" and thing.contains is not None


def place_before(env: Any, target: tuple[int, int], room: int = 2) -> None:
    """Stand the agent so that it faces a thing, in the first of so many free cells in a row."""
    for heading in range(4):
        dx, dy = int(codes.HEADING_X[heading]), int(codes.HEADING_Y[heading])
        behind = [(target[0] - far * dx, target[1] - far * dy) for far in range(1, room + 1)]
        if all(code_at(env, *place) == codes.EMPTY for place in behind):
            env.agent_pos, env.agent_dir = behind[0], heading
            return
    raise AssertionError("no room before it")


def test_worlds_side_by_side_do_not_mix() -> None:
    """Levels of several sizes in one batch, each followed on its own; ended worlds start again elsewhere."""
    tasks = (
        "MiniGrid-DoorKey-5x5-v0",
        "MiniGrid-MultiRoom-N6-v0",
        "BabyAI-GoToLocal-v0",
        "MiniGrid-DoorKey-16x16-v0",
    )
    envs, rows = [], []
    for seed, task in enumerate(tasks):
        env, observation = make(task, seed)
        size = max(env.width, env.height) + 2 * engine.PAD
        rows.append((*levels.snapshot(env, size), env.max_steps, observation["mission"], task))
        envs.append(env)
    worlds = engine.Worlds(levels.stack(rows), len(tasks))
    worlds.start(np.arange(len(tasks)), np.arange(len(tasks)))
    rng = np.random.default_rng(1)
    for step in range(150):
        actions = rng.integers(0, 7, len(tasks))
        ended, _ = worlds.step(actions)
        for n, env in enumerate(envs):
            observation = env.step(int(actions[n]))[0]
            assert np.array_equal(worlds.images[n], observation["image"]), f"{tasks[n]}, step {step}"
            assert worlds.task_of(n) == tasks[n]
        for n in np.flatnonzero(ended):
            envs[n], _ = make(tasks[n], int(n))
            worlds.start(np.array([n]), np.array([n]))


def test_worlds_begin_anew_as_they_were() -> None:
    """Playing leaves no trace in the level a world started from."""
    env, observation = make("MiniGrid-ObstructedMaze-1Dlhb-v0", 0)
    world = world_of(env, observation, "x")
    first, kept = world.images.copy(), world.levels.cells.copy()
    rng = np.random.default_rng(0)
    for _ in range(300):
        world.step(rng.integers(0, 7, 1))
    world.start(np.array([0]))
    assert np.array_equal(world.images, first)
    assert np.array_equal(world.levels.cells, kept)
    assert world.agent[0, engine.STEPS] == 0


def test_the_same_seed_draws_the_same_levels() -> None:
    env, observation = make("BabyAI-GoToLocal-v0", 0)
    size = max(env.width, env.height) + 2 * engine.PAD
    row = (*levels.snapshot(env, size), env.max_steps, observation["mission"], "x")
    stacked = levels.stack([row] * 50)
    one, same, other = (engine.Worlds(stacked, 20, seed).level.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other
