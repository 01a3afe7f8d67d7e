"""The learner: tasks with known answers, determinism, masks, resuming."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosym.options import (
    Features,
    FeatureSpec,
    Learner,
    NetworkController,
    OptionNetwork,
    PPOConfig,
    Rollout,
)

KEYS = 8
SPEC = FeatureSpec(rows=KEYS + 1, width=3, dense=2, actions=KEYS)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def identity_features(keys: np.ndarray) -> Features:
    """Row k + 1 for the key k, somewhere between padding."""
    features = SPEC.empty(len(keys))
    features.sparse[np.arange(len(keys)), keys % SPEC.width] = keys + 1
    return features


def identity_rollout(
    network: OptionNetwork, rng: np.random.Generator, steps: int = 8, worlds: int = 64
) -> Rollout:
    """One-step episodes paid 1 for answering the key that is seen."""
    rollout, controller = Rollout(SPEC, steps, worlds), NetworkController(network)
    for t in range(steps):
        keys = rng.integers(KEYS, size=worlds)
        features = identity_features(keys)
        action, log_prob, value = controller.act_with_values(features, rng)
        rollout.decide(t, features, action, log_prob, value)
        rollout.pay(t, (action == keys).astype(np.float32), np.zeros(worlds, np.float32))
    return rollout


def test_identity_task_is_learned():
    rng = np.random.default_rng(0)
    network = OptionNetwork(SPEC, (32, 32))
    learner = Learner(network, PPOConfig(learning_rate=3e-3, minibatch=256))
    for _ in range(60):
        learner.update(identity_rollout(network, rng))
    keys = np.arange(KEYS)
    answers = NetworkController(network, temperature=0).act(identity_features(keys), rng)
    assert answers.tolist() == keys.tolist()
    assert network.evaluate(identity_features(keys))[1] == pytest.approx(np.ones(KEYS), abs=0.15)
