"""An agent that is handed three keys by another process does as well as one beside the environment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.isolated import KEYS, answer, attempt, evaluate_apart, pick
from neurosym.agent import Agent
from neurosym.domain import load_domain
from neurosym.evaluation import TaskResult, evaluate
from tests.fakes import Walker

TASKS = ["MiniGrid-DoorKey-5x5-v0", "BabyAI-GoToLocal-v0"]


class Guarded:
    """An agent that refuses to be told more than the three keys."""

    def __init__(self) -> None:
        domain = load_domain("minigrid")
        self._agent = Agent(domain, domain.scripted_controller(), seed=1)
        self.counters = self._agent.counters

    def reset(self, obs: Any) -> None:
        assert tuple(obs) == KEYS
        assert type(obs["mission"]) is str
        self._agent.reset(obs)

    def act(self, obs: Any) -> int:
        assert tuple(obs) == KEYS
        return self._agent.act(obs)

    def blame(self) -> str:
        return self._agent.blame()


def timeless(result: TaskResult) -> TaskResult:
    return replace(result, seconds=0.0, planning_seconds=0.0)


def test_same_seeds_same_figures() -> None:
    apart = evaluate_apart(Guarded(), "minigrid", TASKS, episodes=3)
    domain = load_domain("minigrid")
    beside = Agent(domain, domain.scripted_controller(), seed=1)
    together = [
        result for result in evaluate(beside, domain, TASKS, episodes=3) if isinstance(result, TaskResult)
    ]
    assert [timeless(result) for result in apart] == [timeless(result) for result in together]
    assert all(result.success_rate > 0 for result in apart)


def test_a_domain_that_cannot_be_loaded() -> None:
    with pytest.raises(EOFError):
        evaluate_apart(Walker(), "no such domain", TASKS, episodes=1)


def test_only_three_keys_are_picked() -> None:
    obs = {"mission": "go", "image": np.zeros((7, 7, 3), np.uint8), "direction": np.int64(2), "answer": 42}
    assert tuple(pick(obs)) == KEYS
    with pytest.raises(KeyError):
        pick({"image": obs["image"], "mission": "go"})


def test_what_the_agent_raises_travels() -> None:
    def stumble(obs: Any) -> int:
        raise RuntimeError("oh")

    assert attempt(Walker(policy=stumble), ("act", {})) == (None, "RuntimeError('oh')")
    assert attempt(Walker(), ("act", {})) == (1, "")
    with pytest.raises(ValueError, match="nobody asks"):
        answer(Walker(), ("peek",))
