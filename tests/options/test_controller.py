from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosym.options import (
    Controller,
    Features,
    FeatureSpec,
    NetworkController,
    OptionNetwork,
    RandomController,
)

SPEC = FeatureSpec(rows=4, width=2, dense=0, actions=3)
LOGITS = np.array([[0.0, 1.0, -1.0], [2.0, 0.0, 2.0]], np.float32)


@pytest.fixture
def network() -> OptionNetwork:
    """One whose logits for the rows 1 and 2 are LOGITS, and whose values are 5 and 6."""
    network = OptionNetwork(SPEC, (8,))
    with torch.no_grad():
        network.table.zero_()
        network.table[1, 0] = network.table[2, 1] = 1.0
        network.policy.weight.zero_()
        network.policy.weight[:, :2] = torch.from_numpy(LOGITS.T)
        network.value.weight.zero_()
        network.value.weight[0, :2] = torch.tensor([5.0, 6.0])
    return network


def states(*rows: int) -> Features:
    features = SPEC.empty(len(rows))
    features.sparse[:, 0] = rows
    return features


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits)
    return weights / weights.sum(-1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("row", [1, 2])
def test_sampling_frequencies_are_the_softmax(network, row, temperature):
    """Within five standard deviations of a proportion."""
    count = 40_000
    controller = NetworkController(network, temperature)
    actions = controller.act(states(*[row] * count), np.random.default_rng(row))
    frequency = np.bincount(actions, minlength=3) / count
    expected = softmax(LOGITS[row - 1] / temperature)
    assert np.abs(frequency - expected).max() < 5 * np.sqrt(0.25 / count)


def test_temperature_zero_takes_the_likeliest_and_draws_nothing(network):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    actions = NetworkController(network, temperature=0).act(states(1, 2, 1), rng)
    assert actions.tolist() == [1, 0, 1]
    assert actions.dtype == np.int64
    assert rng.bit_generator.state == before


def test_a_negative_temperature_is_refused(network):
    with pytest.raises(ValueError, match="temperature"):
        NetworkController(network, -1.0)


def test_training_gets_actions_log_probabilities_and_values(network):
    features = states(*[1, 2] * 50)
    actions, log_probs, values = NetworkController(network).act_with_values(
        features, np.random.default_rng(3)
    )
    expected = np.log(softmax(LOGITS))[np.tile([0, 1], 50), actions]
    np.testing.assert_allclose(log_probs, expected, atol=1e-6)
    assert log_probs.dtype == values.dtype == np.float32
    assert values.tolist() == [5.0, 6.0] * 50
    assert len(set(actions.tolist())) == 3


def test_log_probabilities_survive_large_logits(network):
    with torch.no_grad():
        network.policy.weight *= 1000
    _, log_probs, _ = NetworkController(network).act_with_values(states(1, 1), np.random.default_rng(0))
    assert log_probs.tolist() == [0.0, 0.0]


def test_the_same_generator_gives_the_same_actions(network):
    features = states(*[1, 2] * 20)
    first, second = (
        NetworkController(network).act(features, np.random.default_rng(7)).tolist() for _ in range(2)
    )
    assert first == second


def test_random_controller_takes_every_action():
    actions = RandomController(3).act(states(*[1] * 3000), np.random.default_rng(0))
    assert actions.dtype == np.int64
    assert (np.bincount(actions, minlength=3) > 900).all()


def test_both_are_controllers(network):
    assert isinstance(NetworkController(network), Controller)
    assert isinstance(RandomController(3), Controller)
