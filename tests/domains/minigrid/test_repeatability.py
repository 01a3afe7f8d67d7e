"""An episode depends on its task, its level's seed and the agent, and not on what was played before it."""

from __future__ import annotations

from typing import Any

import pytest

import neurosym
from neurosym.agent import Agent
from neurosym.evaluation import run_episode
from neurosym.seeds import EVALUATION_SEED
from tests.domains.minigrid.play import DOMAIN

FEW = (
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-ObstructedMaze-2Dlhb-v1",
    "MiniGrid-Dynamic-Obstacles-8x8-v0",
    "BabyAI-GoToSeqS5R2-v0",
    "BabyAI-MiniBossLevel-v0",
)
SEEDS = range(EVALUATION_SEED, EVALUATION_SEED + 3)


class Diary:
    """An onlooker that notes the actions."""

    def __init__(self) -> None:
        self.actions: list[int] = []

    def began(self, task: str, seed: int, mission: str) -> None:
        self.actions = []

    def decided(self, obs: Any, action: int) -> None:
        self.actions.append(action)

    def rewarded(self, reward: float) -> None:
        pass

    def ended(self, obs: Any, success: bool, cause: str | None = None) -> None:
        pass


def course(agent: Agent, env: Any, task: str, seed: int) -> tuple[Any, ...]:
    """All of an episode but how long it took and what was found in a memory."""
    diary = Diary()
    result = run_episode(agent, env, task, seed, diary)
    return diary.actions, agent.events, result.success, result.total, result.cause, result.plans


def check(tasks: tuple[str, ...]) -> None:
    veteran = neurosym.load(DOMAIN)
    for task in tasks:
        env = DOMAIN.make_env(task)
        for seed in reversed(SEEDS):
            alone = course(Agent(DOMAIN, veteran.controller), DOMAIN.make_env(task), task, seed)
            assert course(veteran, env, task, seed) == alone, f"{task}, seed {seed} went another way"


def test_an_episode_is_the_same_after_others() -> None:
    check(FEW)


@pytest.mark.slow
def test_in_every_task() -> None:
    check(tuple(task.id for task in DOMAIN.tasks() if task.available))
