"""The learner: tasks with known answers, determinism, masks, and each number it reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from neurosym.options import (
    Features,
    FeatureSpec,
    Learner,
    NetworkController,
    OptionNetwork,
    PayRule,
    PPOConfig,
    Rollout,
)
from neurosym.options import learner as module

KEYS = 8
SPEC = FeatureSpec(rows=KEYS + 1, width=3, dense=0, actions=KEYS)


def state_features(states: np.ndarray, spec: FeatureSpec = SPEC) -> Features:
    """Row s + 1 for the state s, somewhere between padding."""
    features = spec.empty(len(states))
    features.sparse[np.arange(len(states)), states % spec.width] = states + 1
    return features


def identity_rollout(network: OptionNetwork, rng: np.random.Generator) -> Rollout:
    """One-step episodes paid 1 for answering the key that is seen."""
    rollout, controller = Rollout(SPEC, 8, 64), NetworkController(network)
    for t in range(rollout.steps):
        keys = rng.integers(KEYS, size=rollout.worlds)
        features = state_features(keys)
        action, log_prob, value = controller.act_with_values(features, rng)
        rollout.decide(t, features, action, log_prob, value)
        rollout.pay(t, (action == keys).astype(np.float32), np.zeros(rollout.worlds, np.float32))
    return rollout


def test_identity_task_is_learned():
    rng = np.random.default_rng(0)
    network = OptionNetwork(SPEC, (32, 32))
    learner = Learner(network, PPOConfig(learning_rate=3e-3, minibatch=256))
    for _ in range(60):
        learner.update(identity_rollout(network, rng))
    keys = np.arange(KEYS)
    answers = NetworkController(network, temperature=0).act(state_features(keys), rng)
    assert answers.tolist() == keys.tolist()
    assert network.evaluate(state_features(keys))[1] == pytest.approx(np.ones(KEYS), abs=0.15)


@dataclass
class TinyWorld:
    """A semi-MDP in tables over [state, action]; episodes begin in state 0, also after an end.

    Attributes:
        outcome: "" or the name of a mask of `PayRule.pay`.
        limit: decisions after which an episode is truncated; 0 for never.
    """

    outcome: list[list[str]]
    after: list[list[int]]
    duration: list[list[int]]
    rule: PayRule
    limit: int = 0

    def learn(self, updates: int, config: PPOConfig) -> tuple[OptionNetwork, list[float]]:
        """The trained network, and its values by state."""
        spec = FeatureSpec(len(self.after) + 1, 1, 0, len(self.after[0]))
        network = OptionNetwork(spec, (16,))
        learner, rng = Learner(network, config), np.random.default_rng(0)
        self.state, self.age = np.zeros(32, np.int64), rng.integers(max(self.limit, 1), size=32)
        for update in range(updates):
            learner.update(self._rollout(network, rng), progress=update / updates)
        return network, network.evaluate(state_features(np.arange(len(self.after)), spec))[1].tolist()

    def _rollout(self, network: OptionNetwork, rng: np.random.Generator) -> Rollout:
        rollout, controller = Rollout(network.spec, 16, 32), NetworkController(network)
        for t in range(rollout.steps):
            features = state_features(self.state, network.spec)
            action, log_prob, value = controller.act_with_values(features, rng)
            rollout.decide(t, features, action, log_prob, value)
            rollout.pay(t, *self._step(action, network))
        rollout.close(network.evaluate(state_features(self.state, network.spec))[1])
        return rollout

    def _step(self, action: np.ndarray, network: OptionNetwork) -> tuple[np.ndarray, np.ndarray]:
        outcome = np.array(self.outcome)[self.state, action]
        after = np.array(self.after)[self.state, action]
        duration = np.array(self.duration)[self.state, action]
        self.age += 1
        truncated = (self.age == self.limit) | (outcome == "truncated")
        value_final = network.evaluate(state_features(after, network.spec))[1]
        masks = [outcome == name for name in ("achieved", "finished", "failed")]
        ended = truncated | masks[1] | masks[2]
        self.state = np.where(ended, 0, after)
        self.age[ended] = 0
        return self.rule.pay(*masks, truncated, value_final, duration)


STEADY = PPOConfig(learning_rate=5e-3, final_learning_rate=0.0, epochs=4, minibatch=256)


def test_two_options_in_a_row_reach_their_known_values():
    """State 0: a first option of 3 steps, or a failure after 1. State 1: an end after 2 steps, or after 5."""
    world = TinyWorld(
        outcome=[["achieved", "failed"], ["finished", "finished"]],
        after=[[1, 0], [0, 0]],
        duration=[[3, 1], [5, 2]],
        rule=PayRule(gamma=0.9, kappa=0.5),
    )
    network, values = world.learn(60, STEADY)
    second = 0.9
    first = 0.9**2 * (0.5 + 0.5 * 0.9 * second)
    assert values == pytest.approx([first, second], abs=0.03)
    best = NetworkController(network, temperature=0)
    states = state_features(np.arange(2), network.spec)
    assert best.act(states, np.random.default_rng(0)).tolist() == [0, 1]


ENDLESS = {"outcome": [["achieved"]], "after": [[0]], "duration": [[1]], "rule": PayRule(0.9, 0.5)}
NEVER_ENDING = 0.5 / (1 - 0.5 * 0.9)


@pytest.mark.parametrize("limit", [0, 2])
def test_a_time_limit_does_not_change_the_value(limit):
    """Subgoals for ever, paid 1 - kappa each, are worth the same whether or not a limit cuts the episode."""
    _, values = TinyWorld(**ENDLESS, limit=limit).learn(80, STEADY)
    assert values == pytest.approx([NEVER_ENDING], abs=0.03)


def test_a_terminal_state_is_worth_nothing_beyond_its_reward():
    """Two subgoals, then a failure in place of the limit."""
    world = TinyWorld([["achieved"], ["failed"]], [[1], [0]], [[1], [1]], PayRule(0.9, 0.5))
    _, values = world.learn(60, STEADY)
    assert values == pytest.approx([0.5, 0.0], abs=0.03)


def filled_rollout(seed: int, steps: int = 6, worlds: int = 10) -> Rollout:
    rng = np.random.default_rng(seed)
    rollout = Rollout(SPEC, steps, worlds)
    rollout.sparse[:] = rng.integers(SPEC.rows, size=rollout.sparse.shape)
    rollout.action[:] = rng.integers(SPEC.actions, size=rollout.action.shape)
    rollout.log_prob[:] = -np.log(SPEC.actions)
    rollout.value[:] = rng.random(rollout.value.shape)
    rollout.reward[:] = rng.random(rollout.reward.shape)
    rollout.valid[:] = True
    rollout.discount[:] = np.where(rng.random(rollout.discount.shape) < 0.2, 0, 0.9)
    return rollout


def trained(rollouts: list[Rollout], seed: int = 0, **settings) -> tuple[dict, list[dict[str, float]]]:
    network = OptionNetwork(SPEC, (16, 16))
    learner = Learner(network, PPOConfig(**{"minibatch": 16, **settings}), seed)
    metrics = [learner.update(rollout) for rollout in rollouts]
    return network.state_dict(), metrics


def same(first: dict, second: dict) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def test_updates_are_determined_by_the_seed():
    rollouts = [filled_rollout(1), filled_rollout(2)]
    weights, metrics = trained(rollouts)
    again, metrics_again = trained(rollouts)
    assert same(weights, again)
    assert metrics == metrics_again
    assert not same(weights, trained(rollouts, seed=1)[0])


def test_an_update_changes_the_network_and_not_the_rollout():
    rollout, copy = filled_rollout(1), filled_rollout(1)
    weights, _ = trained([rollout])
    assert not same(weights, OptionNetwork(SPEC, (16, 16)).state_dict())
    for name, array in vars(copy).items():
        assert np.array_equal(getattr(rollout, name), array), name


def test_rows_that_are_not_valid_do_not_matter():
    first, second = filled_rollout(1), filled_rollout(1)
    for rollout in (first, second):
        rollout.valid[2, :4] = False
        rollout.valid[5, 7] = False
    second.sparse[~second.valid] = 5
    second.action[~second.valid] = 3
    second.log_prob[~second.valid] = -9.0
    assert same(trained([first])[0], trained([second])[0])
    assert not same(trained([first])[0], trained([filled_rollout(1)])[0])
    assert trained([first])[1][0]["rows"] == 55


def test_a_least_deviation_is_heeded():
    rollouts = [filled_rollout(0)]
    plain = trained(rollouts)[0]
    assert same(trained(rollouts, least_deviation=1e-3)[0], plain), "it is above that by itself"
    assert not same(trained(rollouts, least_deviation=50.0)[0], plain)


def test_each_epoch_visits_every_row_once():
    learner = Learner(OptionNetwork(SPEC, (4,)), PPOConfig(epochs=3, minibatch=4))
    rows = np.array([3, 5, 6, 7, 11, 12, 13, 17, 19])
    parts = list(learner._minibatches(rows))
    assert [len(part) for part in parts] == [3] * 9
    for epoch in range(3):
        assert sorted(np.concatenate(parts[3 * epoch : 3 * epoch + 3])) == rows.tolist()
    assert not np.array_equal(np.concatenate(parts[:3]), np.concatenate(parts[3:6]))


def test_metrics_of_a_first_step_are_those_of_the_network_as_it_was():
    network, rng = OptionNetwork(SPEC, (16, 16)), np.random.default_rng(0)
    rollout = identity_rollout(network, rng)
    seen = Features.concatenate([rollout.features(t) for t in range(rollout.steps)])
    logits, value = network.evaluate(seen)
    squared_error = (value - rollout.reward.reshape(-1)) ** 2
    metrics = Learner(network, PPOConfig(epochs=1, minibatch=10_000)).update(rollout)
    policy = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert metrics["entropy"] == pytest.approx(-(policy * np.log(policy)).sum(1).mean(), rel=1e-4)
    assert metrics["value_loss"] == pytest.approx(squared_error.mean(), rel=1e-4)
    assert metrics["policy_loss"] == pytest.approx(0, abs=1e-5), "normalised advantages at ratio 1"
    assert metrics["approximate_kl"] == pytest.approx(0, abs=1e-5)
    assert metrics["clip_fraction"] == 0
    assert metrics["gradient_norm"] > 0


def test_kl_and_clip_fraction_tell_how_far_the_policy_is_from_the_recorded_one():
    rollout = filled_rollout(1)
    rollout.log_prob[:] = np.log(0.5)
    metrics = trained([rollout], epochs=1, minibatch=60)[1][0]
    ratio = (1 / SPEC.actions) / 0.5
    assert metrics["clip_fraction"] == 1
    assert metrics["approximate_kl"] == pytest.approx(ratio - 1 - np.log(ratio), abs=0.01)


@pytest.mark.parametrize(
    ("value", "explained"), [([1, 2, 3], 1.0), ([5, 6, 7], 1.0), ([2, 2, 2], 0.0), ([3, 2, 1], -3.0)]
)
def test_explained_variance(value, explained):
    target = np.array([1, 2, 3], np.float32)
    assert module._explained_variance(target, np.array(value, np.float32)) == pytest.approx(explained)


def test_explained_variance_of_targets_that_do_not_vary_is_0():
    assert module._explained_variance(np.ones(3, np.float32), np.zeros(3, np.float32)) == 0.0


def test_the_entropy_bonus_flattens_the_policy():
    network = OptionNetwork(SPEC, (16, 16))
    with torch.no_grad():
        network.policy.bias[2] = 2.0
    rollout = filled_rollout(1)
    config = PPOConfig(learning_rate=3e-2, epochs=40, entropy_coefficient=10.0)
    before, after = Learner(network, config).update(rollout), Learner(network, config).update(rollout)
    assert after["entropy"] > before["entropy"]
    assert after["entropy"] == pytest.approx(np.log(SPEC.actions), abs=0.05)


@pytest.mark.parametrize(("progress", "rate"), [(0.0, 1e-3), (0.5, 6e-4), (1.0, 2e-4)])
def test_the_learning_rate_falls_with_progress(progress, rate):
    learner = Learner(OptionNetwork(SPEC, (4,)), PPOConfig(learning_rate=1e-3, final_learning_rate=0.2))
    assert learner.update(filled_rollout(1), progress)["learning_rate"] == pytest.approx(rate)


def test_a_learning_rate_of_nothing_changes_nothing():
    network = OptionNetwork(SPEC, (16, 16))
    Learner(network, PPOConfig(final_learning_rate=0.0)).update(filled_rollout(1), progress=1.0)
    assert same(network.state_dict(), OptionNetwork(SPEC, (16, 16)).state_dict())


@pytest.mark.parametrize("progress", [-0.1, 1.1])
def test_progress_out_of_range_is_refused(progress):
    with pytest.raises(ValueError, match="progress"):
        Learner(OptionNetwork(SPEC, (4,))).update(filled_rollout(1), progress)


def test_a_rollout_for_another_network_or_without_valid_rows_is_refused():
    learner = Learner(OptionNetwork(SPEC, (4,)))
    with pytest.raises(ValueError, match="the rollout is for"):
        learner.update(Rollout(FeatureSpec(9, 3, 1, 8), 2, 2))
    empty = filled_rollout(1)
    empty.valid[:] = False
    with pytest.raises(ValueError, match="no valid row"):
        learner.update(empty)
    astray = filled_rollout(1)
    astray.action[2, 3] = SPEC.actions
    with pytest.raises(ValueError, match="actions from 0 to 8, there are 8"):
        learner.update(astray)
    assert learner.updates == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("learning_rate", 0.0),
        ("epochs", 0),
        ("minibatch", -1),
        ("clip", 0.0),
        ("max_gradient_norm", 0.0),
        ("adam_epsilon", 0.0),
        ("learning_rate", float("nan")),
        ("final_learning_rate", 1.5),
        ("gae_lambda", -0.1),
        ("least_deviation", -0.1),
        ("value_coefficient", -1.0),
        ("entropy_coefficient", -0.01),
    ],
)
def test_settings_out_of_range_are_refused(setting, value):
    with pytest.raises(ValueError, match=f"^{setting} must"):
        PPOConfig(**{setting: value})


def test_rollout_keeps_views_and_refuses_what_does_not_fit():
    rollout = Rollout(SPEC, 3, 2)
    seen = rollout.features(1)
    seen.sparse[0, 0] = 7
    numbers = np.zeros(2, np.int64), np.full(2, -1, np.float32), np.full(2, 3, np.float32)
    rollout.decide(1, seen, *numbers)
    assert rollout.sparse[1, 0, 0] == 7
    rollout.decide(2, state_features(np.array([4, 5])), *numbers)
    assert rollout.sparse[2].sum() == 5 + 6
    rollout.close(np.full(2, 9, np.float32))
    assert rollout.value[:, 0].tolist() == [0, 3, 3, 9]
    with pytest.raises(ValueError, match="3 states for a rollout of 2 worlds"):
        rollout.decide(0, state_features(np.arange(3)), *numbers)
    with pytest.raises(ValueError, match="expected"):
        rollout.decide(0, FeatureSpec(9, 4, 0, 8).empty(2), *numbers)


def test_views_of_another_step_are_copied():
    """A belief that writes step 0 in place and hands the same view over for step 1."""
    rollout = Rollout(SPEC, 2, 2)
    seen = rollout.features(0)
    seen.sparse[:] = 4
    numbers = np.zeros(2, np.int64), np.zeros(2, np.float32), np.zeros(2, np.float32)
    rollout.decide(1, seen, *numbers)
    assert (rollout.sparse[1] == 4).all()


def test_what_was_written_in_place_is_not_copied():
    """Copying a memory onto itself would go unnoticed, were it not forbidden here."""
    rollout = Rollout(SPEC, 3, 2)
    seen = rollout.features(1)
    seen.sparse[:] = 4
    rollout.sparse.flags.writeable = rollout.dense.flags.writeable = False
    numbers = np.zeros(2, np.int64), np.zeros(2, np.float32), np.zeros(2, np.float32)
    rollout.decide(1, rollout.features(1), *numbers)
    assert (rollout.sparse[1] == 4).all()
    with pytest.raises(ValueError, match="read-only"):
        rollout.decide(2, seen, *numbers)


def halved() -> float:
    """Half of the least normal number, as this thread works it out."""
    return float(np.divide(np.finfo(np.float32).tiny, np.float32(2)))


def test_an_update_works_without_subnormal_numbers_and_leaves_them_to_others(monkeypatch):
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor has no such mode")
    learner = Learner(OptionNetwork(SPEC, (8, 6)))
    descent, seen = learner._descent, []
    monkeypatch.setattr(
        descent, "step", lambda *args, step=descent.step: seen.append(halved()) or step(*args)
    )
    for before in (True, False):  # whoever wants it otherwise, has it so again
        torch.set_flush_denormal(before)
        learner.update(filled_rollout(0))
        assert (halved() == 0) is before
    assert set(seen) == {0.0}
