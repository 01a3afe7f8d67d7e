"""The compiled worlds as a Gymnasium vector environment, beside Gymnasium's own around `minigrid`."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv

from tests.domains.minigrid.play import DOMAIN, engine, make, snapshots, vector


class OneLevel(gymnasium.Wrapper):
    """An environment that begins the same level again and again."""

    def __init__(self, task: str, seed: int) -> None:
        super().__init__(DOMAIN.make_env(task))
        self.seed = seed

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        return super().reset(seed=self.seed, options=options)


def levels_of(*starts: tuple[str, int]) -> Any:
    return engine.Levels.join([snapshots.snapshot(make(task, seed)[0]) for task, seed in starts])


def assert_same(mine: Any, theirs: Any, told: str) -> None:
    """The same numbers of the same types, all the way down."""
    if isinstance(theirs, dict):
        assert mine.keys() == theirs.keys(), told
        for key in theirs:
            assert_same(mine[key], theirs[key], f"{told}[{key!r}]")
    elif isinstance(theirs, tuple) or (isinstance(theirs, np.ndarray) and theirs.dtype == object):
        for number, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            assert_same(one, other, f"{told}[{number}]")
    elif isinstance(theirs, np.ndarray):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape), told
        assert np.array_equal(mine, theirs), told
    else:
        assert mine == theirs, told


@pytest.mark.parametrize(
    "task", ["MiniGrid-Fetch-5x5-N2-v0", "BabyAI-GoToLocal-v0", "BabyAI-PutNextS5N2Carrying-v0"]
)
def test_it_is_what_gymnasium_makes_of_minigrid(task: str) -> None:
    theirs = SyncVectorEnv([lambda: OneLevel(task, 3)] * 4, autoreset_mode=AutoresetMode.SAME_STEP)
    mine = vector.VectorWorlds(levels_of((task, 3)), 4)
    assert_same(mine.reset(seed=1), theirs.reset(seed=1), "reset")
    rng, ends = np.random.default_rng(0), 0
    for number in range(200):
        actions = rng.integers(0, 7, 4)
        step, expected = mine.step(actions), theirs.step(actions)
        assert_same(step, expected, f"step {number}")
        ends += int((step[2] | step[3]).sum())
    assert ends > 3, "too few episodes ended to tell"
    theirs.close()


def test_it_says_how_it_resets() -> None:
    worlds = vector.VectorWorlds(levels_of(("MiniGrid-DoorKey-5x5-v0", 0)), 3)
    assert isinstance(worlds, VectorEnv)
    assert worlds.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP


def test_observations_lie_in_their_space() -> None:
    worlds = vector.VectorWorlds(levels_of(("BabyAI-BossLevel-v0", 0), ("MiniGrid-Fetch-5x5-N2-v0", 0)), 3)
    worlds.action_space.seed(0)
    assert worlds.observation_space.contains(worlds.reset(seed=0)[0])
    for _ in range(50):
        observation, *_ = worlds.step(worlds.action_space.sample())
        assert worlds.observation_space.contains(observation)
        assert worlds.single_observation_space.contains(
            {
                "image": observation["image"][0],
                "direction": observation["direction"][0],
                "mission": observation["mission"][0],
            }
        )


def test_there_are_three_actions_where_balls_move() -> None:
    tasks = ("MiniGrid-Dynamic-Obstacles-5x5-v0", "MiniGrid-Fetch-5x5-N2-v0")
    for task, actions in zip(tasks, (3, 7), strict=True):
        worlds = vector.VectorWorlds(levels_of((task, 0)), 2)
        assert worlds.single_action_space.n == make(task, 0)[0].action_space.n == actions
    assert worlds.action_space.contains(np.array([6, 6]))


def test_observations_stay_as_they_were() -> None:
    worlds = vector.VectorWorlds(levels_of(("MiniGrid-DoorKey-5x5-v0", 0)), 2)
    first, _ = worlds.reset(seed=0)
    kept = first["image"].copy()
    worlds.step(np.array([0, 1]))
    assert np.array_equal(first["image"], kept)


def test_the_seed_decides_which_levels_are_begun() -> None:
    worlds = vector.VectorWorlds(levels_of(*[("BabyAI-GoToLocal-v0", seed) for seed in range(20)]), 30)

    def levels_after(seed: Any) -> list[int]:
        worlds.reset(seed=seed)
        return worlds.worlds.level.tolist()

    assert levels_after(1) == levels_after(1) != levels_after(2)
    assert levels_after(None) != levels_after(None), "without a seed, go on drawing"
    one_each = levels_after(list(range(30)))
    assert levels_after([0, *[None] * 29])[0] == one_each[0]
    with pytest.raises(ValueError, match="one seed for each of 30 worlds"):
        worlds.reset(seed=[1, 2])


def test_options_say_which_worlds_begin_what() -> None:
    worlds = vector.VectorWorlds(levels_of(*[("MiniGrid-DoorKey-5x5-v0", seed) for seed in range(3)]), 3)
    worlds.reset(options={"level": [2, 1, 0]})
    assert worlds.worlds.level.tolist() == [2, 1, 0]
    before, *_ = worlds.step(np.array([0, 0, 0]))
    after, _ = worlds.reset(options={"level": [1, 1, 1], "reset_mask": np.array([True, False, False])})
    assert worlds.worlds.level.tolist() == [1, 1, 0]
    assert np.array_equal(before["image"][1:], after["image"][1:])
    with pytest.raises(ValueError, match="reset_mask has shape"):
        worlds.reset(options={"reset_mask": np.array([True])})
    with pytest.raises(ValueError, match="level has shape"):
        worlds.reset(options={"level": np.array([0])})
