"""All tasks, step by step beside `minigrid`: view, heading, mission, reward, terminated and truncated.

The long one, 20 times 300 steps of each: `pytest -m slow tests/domains/minigrid/test_every_task.py`
"""

from __future__ import annotations

import itertools

import pytest

from tests.domains.minigrid.guides import play
from tests.domains.minigrid.lockstep import faces_the_outside, pair
from tests.domains.minigrid.play import DOMAIN

pytestmark = pytest.mark.filterwarnings("ignore:.*is out of date")

TASKS = tuple(task.id for task in DOMAIN.tasks() if task.available)
LEVELS, STEPS = 20, 300


def episode(task: str, seed: int, steps: int) -> list[float]:
    """The rewards of an episode played in both worlds."""
    both, rewards = pair(task, seed), []
    actions = play(both.env, seed)
    while both.steps < steps and not both.over and not faces_the_outside(both.env):
        both.step(next(actions))
        rewards.append(both.reward)
    return rewards


def test_there_are_171_tasks() -> None:
    assert len(TASKS) == 171


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_the_same_in_both(task: str) -> None:
    for seed in (0, 2):
        episode(task, seed, 60)


# One of each rule but BabyAI's; small, so that all their endings come up.
SMALL = (
    "MiniGrid-DistShift1-v0",
    "MiniGrid-Dynamic-Obstacles-5x5-v0",
    "MiniGrid-Fetch-5x5-N2-v0",
    "MiniGrid-GoToDoor-5x5-v0",
    "MiniGrid-GoToObject-6x6-N2-v0",
    "MiniGrid-MemoryS7-v0",
    "MiniGrid-PutNear-6x6-N2-v0",
    "MiniGrid-RedBlueDoors-6x6-v0",
)


@pytest.mark.parametrize("task", SMALL)
def test_a_small_task_ends_in_every_way_in_both(task: str) -> None:
    endings = {episode(task, seed, 200)[-1] for seed in range(40)}
    assert max(endings) > 0, "nobody was rewarded"
    assert min(endings) <= 0, "nobody failed"


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_the_same_in_both_all_the_way_to_its_rewards(task: str) -> None:
    """Where a level is soon over, others follow it until the steps are used up."""
    rewarded = 0
    for first in range(LEVELS):
        left, seeds = STEPS, itertools.count(first, LEVELS)
        while left > 0:
            rewards = episode(task, next(seeds), left)
            left -= len(rewards)
            rewarded += any(reward > 0 for reward in rewards)
    assert rewarded, "nobody was rewarded, so rewards were not compared"
