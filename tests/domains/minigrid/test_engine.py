"""What compiled worlds can do besides being exact: start anywhere, start anew, keep apart, refuse nonsense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from minigrid.core.world_object import Ball, Key

from neurosym.errors import DomainError
from tests.domains.minigrid.lockstep import Pair, pair
from tests.domains.minigrid.play import bank, code_at, codes, engine, make, snapshots, tiles

BOX_TASK = "MiniGrid-ObstructedMaze-1Dlhb-v0"


def worlds_of(tasks: Any, count: int, seed: int = 0) -> Any:
    """Worlds that start from one level of each task."""
    made = [snapshots.snapshot(make(task, number)[0]) for number, task in enumerate(tasks)]
    return engine.Worlds(engine.Levels.join(made), count, seed)


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


def test_a_box_keeps_what_it_holds_while_it_is_carried() -> None:
    env, _ = make(BOX_TASK, 3)
    box = next(place for place in every_place(env) if holds_something(env.grid.get(*place)))
    place_before(env, box)
    inside, both = env.grid.get(*box).contains, Pair(env, env.gen_obs(), "carrying a box")
    for action in (codes.PICK_UP, codes.LEFT, codes.LEFT, codes.DROP, codes.TOGGLE, codes.PICK_UP):
        both.step(action)
    assert env.carrying is inside, "the key came out"


def test_only_a_key_of_its_colour_opens_a_locked_door() -> None:
    opened = []
    for colour in codes.COLOUR_NAMES:
        for thing in (Key(colour), Ball(colour)):
            env, _ = make("MiniGrid-DoorKey-5x5-v0", 0)
            door = next(cell for cell in env.grid.grid if cell is not None and cell.type == "door")
            place_before(env, next(at for at in every_place(env) if env.grid.get(*at) is door), room=1)
            env.carrying = thing
            both = Pair(env, env.gen_obs(), f"with a {colour} {thing.type}")
            for _ in range(3):
                both.step(codes.TOGGLE)
            opened += [thing.type] if door.is_open else []
    assert opened == ["key"]


def test_worlds_start_in_the_middle_of_an_episode() -> None:
    """Whatever the state: steps taken, things in hand, clauses half done."""
    for task in (
        BOX_TASK,
        "BabyAI-BossLevel-v0",
        "BabyAI-PutNextS5N2Carrying-v0",
        "MiniGrid-RedBlueDoors-6x6-v0",
    ):
        env, _ = make(task, 1)
        rng = np.random.default_rng(1)
        for turn in range(40):
            both = Pair(
                env, env.gen_obs() if turn else make(task, 1)[1], f"{task}, from step {env.step_count}"
            )
            for action in rng.integers(0, 7, 5):
                both.step(int(action))
            if both.over:
                break
        assert env.step_count > 5, f"{task} ended too early to tell"


def test_worlds_side_by_side_do_not_mix() -> None:
    """Levels of several sizes in one batch, each followed on its own; ended worlds start again."""
    tasks = (
        "MiniGrid-DoorKey-5x5-v0",
        "MiniGrid-MultiRoom-N6-v0",
        "BabyAI-GoToLocal-v0",
        "MiniGrid-DoorKey-16x16-v0",
        "MiniGrid-Fetch-5x5-N2-v0",
    )
    worlds = worlds_of(tasks, len(tasks))
    worlds.start(np.arange(len(tasks)), np.arange(len(tasks)))
    envs = [make(task, number)[0] for number, task in enumerate(tasks)]
    rng, ends = np.random.default_rng(1), 0
    for step in range(200):
        actions = rng.integers(0, 7, len(tasks))
        reward, terminated, truncated = worlds.step(actions)
        for n, env in enumerate(envs):
            observation, *outcome = env.step(int(actions[n]))
            told = f"{tasks[n]}, step {step}"
            assert np.array_equal(worlds.images[n], observation["image"]), told
            assert [reward[n], terminated[n], truncated[n]] == outcome[:3], told
            assert worlds.task_of(n) == tasks[n]
        for n in np.flatnonzero(terminated | truncated):
            ends += 1
            envs[n], _ = make(tasks[n], int(n))
            worlds.start(np.array([n]), np.array([n]))
    assert ends > 10, "too few episodes ended to tell"


def test_nothing_is_left_of_the_level_before() -> None:
    """Of no wall, thing, mark or place."""
    tasks = ("BabyAI-BossLevel-v0", "BabyAI-GoToLocal-v0", "MiniGrid-Empty-5x5-v0", "MiniGrid-MemoryS7-v0")
    levels = worlds_of(tasks, 1).levels
    for before in range(len(tasks)):
        for after in range(len(tasks)):
            worlds = engine.Worlds(levels, 2)
            worlds.start(np.array([0, 1]), np.array([before, after]))
            worlds.start(np.array([0]), np.array([after]))
            for name in ("tiles", "marks", "agent", "places"):
                one, fresh = getattr(worlds.state, name)
                assert np.array_equal(one, fresh), f"{name} of {tasks[after]} after {tasks[before]}"


def test_worlds_begin_anew_as_they_were() -> None:
    """Playing leaves no trace in the level a world started from."""
    worlds = worlds_of([BOX_TASK], 1)
    first, kept = worlds.images.copy(), {name: array.copy() for name, array in worlds.levels.arrays().items()}
    state = [array.copy() for array in worlds.state[:4]]
    rng = np.random.default_rng(0)
    for _ in range(300):
        worlds.step(rng.integers(0, 7, 1))
    assert not np.array_equal(worlds.state.tiles, state[0]), "nothing happened"
    worlds.start(np.array([0]))
    assert np.array_equal(worlds.images, first)
    assert all(np.array_equal(kept[name], array) for name, array in worlds.levels.arrays().items())
    assert all(np.array_equal(was, now) for was, now in zip(state, worlds.state[:4], strict=True))


def test_the_same_seed_draws_the_same_levels() -> None:
    levels = engine.Levels.join([snapshots.snapshot(make("BabyAI-GoToLocal-v0", 0)[0])] * 50)
    one, same, other = (engine.Worlds(levels, 20, seed).level.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other
    drawn = engine.Worlds(levels, 5000, 3).level
    assert np.bincount(drawn, minlength=50).min() > 60, "some levels are hardly ever drawn"


# Restarting. ----------------------------------------------------------------------------------------------------


def test_worlds_start_from_levels_of_the_tasks_that_are_named() -> None:
    tasks = (
        "MiniGrid-DoorKey-5x5-v0",
        "BabyAI-GoToLocal-v0",
        "MiniGrid-DoorKey-5x5-v0",
        "MiniGrid-Empty-5x5-v0",
    )
    worlds = worlds_of(tasks, 6)
    drawn: set[int] = set()
    for _ in range(30):
        before = worlds.level[[0, 2, 4]]
        worlds.start(np.array([1, 5, 3]), tasks=["BabyAI-GoToLocal-v0", tasks[0], tasks[3]])
        assert [worlds.task_of(n) for n in (1, 5, 3)] == ["BabyAI-GoToLocal-v0", tasks[0], tasks[3]]
        assert np.array_equal(worlds.level[[0, 2, 4]], before), "the others go on"
        drawn.add(int(worlds.level[5]))
    assert drawn == {0, 2}, "any level of the task"
    worlds.start(np.array([0]), np.array([3]), tasks=["BabyAI-GoToLocal-v0"])
    assert worlds.level[0] == 3, "a level that is named is the one"


def test_draws_by_task_repeat_by_seed() -> None:
    tasks = ("MiniGrid-DoorKey-5x5-v0",) * 5 + ("MiniGrid-Empty-5x5-v0",)
    courses = []
    for seed in (1, 1, 2):
        worlds = worlds_of(tasks, 1, seed)
        courses.append([])
        for _ in range(12):
            worlds.start(np.array([0]), tasks=["MiniGrid-DoorKey-5x5-v0"])
            courses[-1].append(int(worlds.level[0]))
    assert courses[0] == courses[1] != courses[2]


def test_a_task_without_levels_is_refused() -> None:
    worlds = worlds_of(("MiniGrid-Empty-5x5-v0",), 2)
    with pytest.raises(DomainError, match="no level of MiniGrid-DoorKey-5x5-v0"):
        worlds.start(np.array([0]), tasks=["MiniGrid-DoorKey-5x5-v0"])
    with pytest.raises(IndexError, match="2 worlds"):
        worlds.start(np.array([0, 1]), tasks=["MiniGrid-Empty-5x5-v0"])


def test_ended_worlds_restart_and_the_last_view_is_kept() -> None:
    """`step_and_restart` is `step`, then `start` where an episode is over."""
    tasks = ("MiniGrid-Fetch-5x5-N2-v0", "BabyAI-GoToLocal-v0", "BabyAI-PutNextS5N2Carrying-v0")
    one, other, rng, ends = worlds_of(tasks, 30, 1), worlds_of(tasks, 30, 1), np.random.default_rng(0), 0
    for _ in range(150):
        actions = rng.integers(0, 7, 30)
        outcome, expected = one.step_and_restart(actions), other.step(actions)
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(outcome, expected, strict=True))
        over = np.flatnonzero(expected[1] | expected[2])
        ends += len(over)
        final = other.observation()
        for n in over:
            last = one.last_observation(int(n))
            assert np.array_equal(last["image"], final["image"][n])
            assert last["direction"] == final["direction"][n]
            assert last["mission"] == final["mission"][n]
        other.start(over, one.level[over])
        assert np.array_equal(one.images, other.images)
        assert all(
            np.array_equal(mine, theirs) for mine, theirs in zip(one.state[:4], other.state[:4], strict=True)
        )
        assert one.observation()["mission"] == other.observation()["mission"]
    assert ends > 30, "too few episodes ended to tell"
    assert len(set(one.level)) == len(tasks), "always the same level"


# Balls. ---------------------------------------------------------------------------------------------------------


def test_balls_go_by_chance_wherever_they_can() -> None:
    """Each free cell around a ball is as likely as any other; the agent's is not free."""
    worlds = engine.Worlds(snapshots.snapshot(make("MiniGrid-Dynamic-Obstacles-6x6-v0", 0)[0]), 4000, seed=1)
    before, agent = worlds.state.places.copy(), worlds.state.agent[:, bank.PLACE].copy()
    first_tiles, stride = worlds.state.tiles[0].copy(), int(worlds.state.stride[0])
    worlds.step(np.zeros(4000, dtype=np.int64))
    old = int(before[0, 0])
    around = [old + dx * stride + dy for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    free = [cell for cell in around if first_tiles[cell] == tiles.EMPTY_TILE and cell != agent[0]]
    counts = {cell: int((worlds.state.places[:, 0] == cell).sum()) for cell in around}
    assert sum(counts[cell] for cell in free) == 4000, "the first ball went where it could not"
    share = 4000 / len(free)
    assert all(abs(counts[cell] - share) < 5 * share**0.5 for cell in free), counts
    assert (worlds.state.tiles == tiles.BALL_TILES + 2).sum() == (before >= 0).sum(), (
        "balls were lost or doubled"
    )


def test_a_ball_that_is_shut_in_stays() -> None:
    env, _ = make("MiniGrid-Dynamic-Obstacles-5x5-v0", 0)
    for x, y in every_place(env):
        if env.grid.get(x, y) is None and (x, y) != tuple(env.agent_pos):
            env.grid.set(x, y, Ball())
    both = Pair(env, env.gen_obs(), "shut in")
    worlds = engine.Worlds(both.worlds.levels, 1)
    before = worlds.state.tiles.copy()
    worlds.step(np.array([codes.LEFT]))
    assert np.array_equal(worlds.state.tiles, before)


# Nonsense. ------------------------------------------------------------------------------------------------------


def test_nonsense_is_refused() -> None:
    worlds = worlds_of(["MiniGrid-Empty-5x5-v0"], 3)
    with pytest.raises(ValueError, match="one action for each of 3 worlds"):
        worlds.step(np.zeros(2, dtype=np.int64))
    for wrong in (-1, 7):
        with pytest.raises(ValueError, match="actions lie between 0 and 6"):
            worlds.step(np.array([0, wrong, 0]))
    with pytest.raises(ValueError, match=r"moves .* \(3, 8\)"):
        worlds.step(np.zeros(3, dtype=np.int64), np.zeros((1, 8), dtype=np.int64))
    with pytest.raises(IndexError, match="worlds go from 0 to 2, got 3 to 3"):
        worlds.start(np.array([3]))
    with pytest.raises(IndexError, match="levels go from 0 to 0, got 1 to 1"):
        worlds.start(np.array([0]), np.array([1]))
    with pytest.raises(IndexError, match="2 worlds cannot be started from 1 levels"):
        worlds.start(np.array([0, 1]), np.array([0]))


def test_worlds_need_levels() -> None:
    none = pair("MiniGrid-Empty-5x5-v0", 0).worlds.levels
    arrays = {name: array[:0] for name, array in none.arrays().items()}
    with pytest.raises(ValueError, match="at least one level"):
        engine.Worlds(engine.Levels.from_arrays(arrays, (), ()), 1)
