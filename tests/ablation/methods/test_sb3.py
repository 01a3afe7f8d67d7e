"""The outside witness is shown what the environment returns, on levels of training."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from neurosym.ablation.methods import Trial
from neurosym.ablation.methods.sb3 import WORD_SLOTS, WORLDS, FlatObservation, StableBaseline
from neurosym.seeds import EVALUATION_SEED
from tests.worlds import ALLEY, alley


class Bare(gymnasium.Env[int, int]):
    observation_space = spaces.Discrete(3)
    action_space = spaces.Discrete(2)

    def __init__(self) -> None:
        self.seeds: list[int | None] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        self.seeds.append(seed)
        return 2, {}

    def step(self, action: int) -> Any:
        return 1, 0.0, False, False, {}


def test_numbers_and_words_are_told() -> None:
    env = FlatObservation(ALLEY.make_env("Alley-v0"), 0)
    seen = env.flatten(
        {"image": np.arange(alley.IMAGE, dtype=np.uint8), "mission": "Ring the bell, the bell"}
    )
    assert env.observation_space.contains(seen)
    assert seen[: alley.IMAGE].tolist() == list(range(alley.IMAGE))
    assert seen[alley.IMAGE :].sum() == 5
    assert len(seen) == alley.IMAGE + WORD_SLOTS


def test_an_observation_without_words_will_do() -> None:
    env = FlatObservation(Bare(), 0)
    first, _ = env.reset()
    assert first.tolist() == [0.0, 0.0, 1.0]
    assert env.step(0)[0].tolist() == [0.0, 1.0, 0.0]


def test_levels_are_those_of_training() -> None:
    inner = Bare()
    env = FlatObservation(inner, 0)
    for _ in range(200):
        env.reset()
    env.reset(seed=5)
    *drawn, told = inner.seeds
    assert told == 5
    assert len(set(drawn)) > 190
    assert all(seed is not None and 0 <= seed < EVALUATION_SEED for seed in drawn)


def test_frames_are_whole_rollouts(trial: Trial) -> None:
    pytest.importorskip("stable_baselines3")
    baseline = StableBaseline(trial)
    baseline.learn(1)
    size = WORLDS * 128
    assert baseline.frames == size
    baseline.learn(int(1.4 * size))
    assert baseline.frames == size
    baseline.learn(int(1.6 * size))
    assert baseline.frames == 2 * size
