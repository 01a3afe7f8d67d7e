"""The scripted controller, with planning and belief, solves what is to be solved: so the rest of the agent is sound."""

from __future__ import annotations

from typing import Any

import pytest

from neurosym.agent import Agent
from neurosym.evaluation import EpisodeResult, TaskResult, evaluate
from neurosym.seeds import EVALUATION_SEED
from tests.domains.minigrid.play import DOMAIN, OUT_OF_DATE

EPISODES = 20
ENOUGH = 0.95
SHORT = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-BlockedUnlockPickup-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "MiniGrid-MemoryS7-v0",
    "MiniGrid-MemoryS13Random-v0",
    "MiniGrid-GoToDoor-6x6-v0",
    "MiniGrid-GoToObject-6x6-N2-v0",
    "BabyAI-PickupLoc-v0",
    "BabyAI-PutNextLocal-v0",
    "BabyAI-MiniBossLevel-v0",
    "BabyAI-BossLevel-v0",
)
LONG = (
    "MiniGrid-DoorKey-16x16-v0",
    "MiniGrid-MultiRoom-N6-v0",
    "MiniGrid-KeyCorridorS6R3-v0",
    "MiniGrid-FourRooms-v0",
    "MiniGrid-LavaCrossingS9N2-v0",
    "MiniGrid-UnlockPickup-v0",
    "MiniGrid-ObstructedMaze-2Dlhb-v1",
    "BabyAI-GoToLocal-v0",
    "BabyAI-OpenDoorsOrderN4-v0",
    "BabyAI-UnlockToUnlock-v0",
    "BabyAI-GoToImpUnlock-v0",
    "BabyAI-SynthSeq-v0",
    "BabyAI-GoToSeq-v0",
    "MiniGrid-LockedRoom-v0",
    "MiniGrid-ObstructedMaze-Full-v1",
)


def play(task: str, episodes: int) -> tuple[list[EpisodeResult], TaskResult]:
    agent = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0)
    *results, summary = evaluate(agent, DOMAIN, [task], episodes, EVALUATION_SEED)
    assert isinstance(summary, TaskResult)
    return [result for result in results if isinstance(result, EpisodeResult)], summary


def failures(results: list[EpisodeResult]) -> list[Any]:
    return [(result.seed, result.cause, result.error) for result in results if not result.success]


@pytest.mark.parametrize("task", SHORT)
def test_scripted_options_solve_the_task(task: str) -> None:
    results, summary = play(task, EPISODES)
    assert not [result.error for result in results if result.error], "an episode never raises"
    assert summary.success_rate >= ENOUGH, failures(results)


@OUT_OF_DATE
@pytest.mark.slow
@pytest.mark.parametrize("task", LONG)
def test_scripted_options_solve_the_longer_tasks(task: str) -> None:
    results, summary = play(task, EPISODES)
    assert not [result.error for result in results if result.error], "an episode never raises"
    assert summary.success_rate >= ENOUGH, failures(results)


def test_an_agent_that_does_anything_solves_next_to_nothing() -> None:
    """What the figures above are worth: the same plans, with random actions for options."""

    class Anything:
        def act(self, features: Any, rng: Any) -> Any:
            return rng.integers(0, 7, len(features.sparse))

    agent = Agent(DOMAIN, Anything(), seed=0)
    *_, summary = evaluate(agent, DOMAIN, ["MiniGrid-KeyCorridorS3R3-v0"], 5, EVALUATION_SEED)
    assert summary.success_rate == 0
    assert sum(summary.failures.values()) == 5, "each failure is put down to someone"
