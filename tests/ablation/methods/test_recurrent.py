"""A policy with a memory: what it remembers, forgets and learns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from neurosym.ablation.methods import Trial
from neurosym.ablation.methods.flat import ViewAndWords
from neurosym.ablation.methods.recurrent import RecurrentLearner, RecurrentNetwork, practise_with_memory
from neurosym.options import FeatureSpec, PayRule, PPOConfig, Rollout
from neurosym.options.loss import Batch

SPEC = FeatureSpec(rows=4, width=1, dense=8, actions=2)
STEPS, WORLDS = 4, 64


def test_what_was_seen_first_is_remembered() -> None:
    """The sign that is shown at first says which action is right at the end; without a memory half are wrong."""
    network, rng = RecurrentNetwork(SPEC, 8, 8, 0), np.random.default_rng(0)
    learner = RecurrentLearner(network, PPOConfig(learning_rate=0.02, minibatch=128), 0)
    right = [recall(network, learner, rng) for _ in range(60)]
    assert np.mean(right[:3]) < 0.7
    assert np.mean(right[-3:]) > 0.9


def test_a_least_deviation_is_heeded() -> None:
    weights = []
    for least in (0.0, 50.0):
        network = RecurrentNetwork(SPEC, 8, 8, 0)
        learner = RecurrentLearner(network, PPOConfig(least_deviation=least), 0)
        recall(network, learner, np.random.default_rng(0))
        weights.append(network.policy.weight)
    assert not weights[0].equal(weights[1])


def recall(network: RecurrentNetwork, learner: RecurrentLearner, rng: np.random.Generator) -> float:
    from neurosym.options import Features, NetworkController

    rollout, acting = Rollout(SPEC, STEPS, WORLDS), NetworkController(network)  # type: ignore[arg-type]
    sign, memory = rng.integers(2, size=WORLDS), np.zeros((WORLDS, 8), np.float32)
    nothing, right = np.zeros(WORLDS, np.bool_), np.zeros(WORLDS, np.bool_)
    for t in range(STEPS):
        shown = (1 + sign if t == 0 else np.full(WORLDS, 3)).astype(np.int32)[:, None]
        features = Features(shown, memory)
        action, log_prob, value = acting.act_with_values(features, rng)
        rollout.decide(t, features, action, log_prob, value)
        memory, end = network.remember(features), np.full(WORLDS, t == STEPS - 1)
        right = (action == sign) & end
        paid = PayRule(0.99, 1.0).pay(nothing, right, end & ~right, nothing, np.zeros(WORLDS, np.float32))
        rollout.pay(t, *paid)
    learner.update(rollout)
    return float(right.mean())


def test_practice_remembers_as_the_learner_does(trial: Trial) -> None:
    """From a rollout's first step on, and from nothing where an episode begins."""
    trial = replace(trial, config=replace(trial.config, episode_limit=5))
    practised = practise_with_memory(trial, ViewAndWords(trial))
    network: Any = practised.network
    rollout = Rollout(network.spec, 8, 8)
    practised.practice.fill(rollout)
    numbers, recorded = network.split(torch.from_numpy(rollout.dense))
    assert (recorded[5] == 0).all(), "a new episode"
    memory = recorded[0]
    for t in range(8):
        memory = torch.zeros_like(memory) if t == 5 else memory
        np.testing.assert_allclose(recorded[t], memory.detach(), atol=1e-6)
        memory = network(torch.from_numpy(rollout.sparse[t]), numbers[t], memory)


def test_the_first_gradient_step_is_that_of_the_policy_that_acted(trial: Trial) -> None:
    """The probabilities that the learner works out are those that were recorded."""
    practised = practise_with_memory(trial, ViewAndWords(trial))
    rollout = Rollout(practised.network.spec, 8, 8)
    practised.practice.fill(rollout)
    learner = RecurrentLearner(practised.network, trial.config.ppo, 0)
    arrays = rollout.sparse, rollout.dense, rollout.action, rollout.log_prob, rollout.reward, rollout.reward
    *_, clipped, divergence = learner._step(Batch(*(torch.from_numpy(array) for array in arrays))).tolist()
    assert abs(divergence) < 1e-5
    assert clipped == 0.0
