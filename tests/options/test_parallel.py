"""The learner's process does what the learner does, one rollout behind."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import torch

from neurosym.options import FeatureSpec, Learner, OptionNetwork, ParallelLearner, PPOConfig, Rollout

SPEC = FeatureSpec(rows=9, width=3, dense=2, actions=4)
SHAPE = {"steps": 4, "worlds": 6}
CONFIG = PPOConfig(minibatch=8)


def fill(rollout: Rollout, seed: int) -> Rollout:
    rng = np.random.default_rng(seed)
    rollout.sparse[:] = rng.integers(SPEC.rows, size=rollout.sparse.shape)
    rollout.dense[:] = rng.standard_normal(rollout.dense.shape)
    rollout.action[:] = rng.integers(SPEC.actions, size=rollout.action.shape)
    rollout.log_prob[:] = -np.log(SPEC.actions)
    rollout.value[:] = rng.random(rollout.value.shape)
    rollout.reward[:] = rng.random(rollout.reward.shape)
    rollout.discount[:] = 0.9
    rollout.valid[:] = rng.random(rollout.valid.shape) < 0.8
    return rollout


def small_network() -> OptionNetwork:
    return OptionNetwork(SPEC, (8, 8), seed=4)


def same(first: OptionNetwork, second: OptionNetwork) -> bool:
    weights = second.state_dict()
    return all(torch.equal(tensor, weights[name]) for name, tensor in first.state_dict().items())


def test_learning_beside_equals_learning_in_place():
    alone = Learner(small_network(), CONFIG, seed=2)
    told = [alone.update(fill(Rollout(SPEC, **SHAPE), seed), 0.1 * seed) for seed in range(3)]

    network = small_network()
    with ParallelLearner(network, CONFIG, seed=2, **SHAPE) as learner:
        metrics = []
        for seed in range(3):
            before = small_network() if seed < 2 else None
            fill(learner.rollout, seed)
            metrics.append(learner.submit(0.1 * seed))
            if before is not None:
                assert same(network, before) == (seed == 0), "the acting network is one update behind"
        with pytest.raises(RuntimeError, match="call finish before state"):
            learner.state()
        metrics.append(learner.finish())
        assert metrics == [{}, *told]
        assert learner.finish() == {}
        assert same(network, alone.network)
        state = learner.state()
    resumed = Learner(network, CONFIG)
    resumed.load_state(state)
    later = fill(Rollout(SPEC, **SHAPE), 9)
    assert resumed.update(later) == alone.update(later)


def test_a_run_goes_on_from_a_state_and_bad_input_does_not_end_it():
    alone = Learner(small_network(), CONFIG, seed=2)
    alone.update(fill(Rollout(SPEC, **SHAPE), 0))
    network = small_network()
    network.load_state_dict(alone.network.state_dict())
    with ParallelLearner(network, CONFIG, state=alone.state(), **SHAPE) as learner:
        learner.rollout.valid[:] = False
        learner.submit()
        with pytest.raises(ValueError, match="no valid row"):
            learner.finish()
        fill(learner.rollout, 1)
        learner.submit()
        assert learner.finish() == alone.update(fill(Rollout(SPEC, **SHAPE), 1))


def test_a_learner_that_died_is_reported():
    """Stopped first, so that it cannot answer before it is killed."""
    with ParallelLearner(small_network(), CONFIG, **SHAPE) as learner:
        os.kill(learner._process.pid or 0, signal.SIGSTOP)
        fill(learner.rollout, 0)
        learner.submit()
        learner._process.kill()
        with pytest.raises(RuntimeError, match="the learner's process is gone, exit code -9"):
            learner.finish()
        with pytest.raises(RuntimeError, match="the learner's process is gone"):
            learner.submit()
