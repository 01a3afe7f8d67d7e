"""The meta-controller: the better option is learned, from what is over, with what followed."""

from __future__ import annotations

import numpy as np
import pytest

from neurosym.ablation.methods.choosing import Choice, MetaController
from neurosym.options import Features, FeatureSpec, PPOConfig

SPEC = FeatureSpec(rows=4, width=1, dense=0, actions=1)
ROWS = Features(np.array([[1], [2], [3]], np.int32), np.zeros((3, 0), np.float32))  # two options, and none


def test_the_better_option_is_learned() -> None:
    controller, rng = MetaController(SPEC, (8,), PPOConfig(learning_rate=0.02), 0), np.random.default_rng(0)
    for _ in range(30):
        choices = [controller.choose(ROWS, rng) for _ in range(64)]
        for choice in choices:
            choice.reward, choice.last = float(choice.taken == 1), True
        controller.learn([[choice, controller.choose(ROWS, rng)] for choice in choices], 0.0)
    later = [controller.choose(ROWS, rng) for _ in range(100)]
    assert np.mean([choice.taken for choice in later]) > 0.95
    assert later[0].value == pytest.approx(1.0, abs=0.2)


def test_a_least_deviation_is_heeded() -> None:
    weights = []
    for least in (0.0, 50.0):
        controller, rng = (
            MetaController(SPEC, (8,), PPOConfig(least_deviation=least), 0),
            np.random.default_rng(0),
        )
        choices = [controller.choose(ROWS, rng) for _ in range(64)]
        for choice in choices:
            choice.reward, choice.last = float(choice.taken == 1), True
        controller.learn([[choice, choice] for choice in choices], 0.0)
        weights.append(controller.network.policy.weight)
    assert not weights[0].equal(weights[1])


def test_nothing_is_learned_from_what_is_not_over() -> None:
    controller = MetaController(SPEC, (8,), PPOConfig(), 0)
    before = controller.network.policy.weight.clone()
    controller.learn([[controller.choose(ROWS, np.random.default_rng(0))]], 0.0)
    assert controller.network.policy.weight.equal(before)


def test_what_follows_counts() -> None:
    controller = MetaController(SPEC, (8,), PPOConfig(gae_lambda=1.0), 0)
    first = Choice(ROWS, 0, 0.0, value=0.2, discount=0.5)
    second = Choice(ROWS, 0, 0.0, value=0.3, reward=1.0, last=True)
    other = Choice(ROWS, 0, 0.0, value=9.0)
    assert controller._advantages([first, second, other]) == pytest.approx([0.5 * 1.0 - 0.2, 0.7])
