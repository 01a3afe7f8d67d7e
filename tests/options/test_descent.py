"""A step downhill: compiled against torch's own means, and Adam against the paper's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosym.options import FeatureSpec, Learner, OptionNetwork, PPOConfig, Rollout
from neurosym.options import learner as module
from neurosym.options.adam import Adam, Stride, move, move_rows
from neurosym.options.descent import CompiledDescent, TorchDescent
from neurosym.options.loss import METRICS, Batch, ppo_loss

SPEC = FeatureSpec(rows=40, width=6, dense=3, actions=4)


def random_batch(seed: int, count: int = 90, spec: FeatureSpec = SPEC) -> Batch:
    """Of all rows but the last ten, which nobody names."""
    rng = np.random.default_rng(seed)
    return Batch(
        sparse=rng.integers(spec.rows - 10, size=(count, spec.width)).astype(np.int32),
        dense=rng.standard_normal((count, spec.dense)).astype(np.float32),
        action=rng.integers(spec.actions, size=count),
        log_prob=rng.normal(-np.log(spec.actions), 0.3, count).astype(np.float32),
        advantage=rng.standard_normal(count).astype(np.float32),
        target=rng.standard_normal(count).astype(np.float32),
    )


def steps(descent, network: OptionNetwork, batches: int = 2) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The weights and what was told, after a few steps on parts of each batch."""
    told = []
    for seed in range(batches):
        descent.begin(random_batch(seed))
        order = np.random.default_rng(seed).permutation(90)
        told += [descent.step(chosen, 1e-2) for chosen in np.array_split(order, 4)]
        descent.end()
    return network.state_dict(), torch.stack(told)


def both(hidden: tuple[int, ...], config: PPOConfig, spec: FeatureSpec = SPEC):
    networks = [OptionNetwork(spec, hidden, seed=3) for _ in range(2)]
    cpu = torch.device("cpu")
    return networks, [CompiledDescent(networks[0], config), TorchDescent(networks[1], config, cpu)]


@pytest.mark.parametrize("hidden", [(16,), (16, 8), (8, 12, 4)])
@pytest.mark.parametrize("limit", [0.05, 100.0])
def test_compiled_steps_are_those_of_torch(hidden, limit):
    """Gradients are told apart by what they do: eight steps, with and without clipping."""
    config = PPOConfig(max_gradient_norm=limit)
    networks, descents = both(hidden, config)
    found, expected = (steps(descent, network) for descent, network in zip(descents, networks, strict=True))
    start = OptionNetwork(SPEC, hidden, seed=3).state_dict()
    for name, weight in expected[0].items():
        torch.testing.assert_close(found[0][name], weight, atol=1e-5, rtol=0, msg=name)
        assert not torch.equal(weight, start[name]), f"{name} did not move"
    torch.testing.assert_close(found[1], expected[1], atol=1e-5, rtol=1e-4)
    assert found[1].shape == (8, len(METRICS) + 1)
    for name in descents[0].adam.first:
        torch.testing.assert_close(
            descents[0].adam.first[name], descents[1].adam.first[name], atol=1e-5, rtol=0
        )


def test_features_without_a_dense_part_are_learned_from():
    spec = FeatureSpec(rows=40, width=6, dense=0, actions=4)
    networks, descents = both((8,), PPOConfig(), spec)
    for descent in descents:
        descent.begin(random_batch(0, spec=spec))
        descent.step(np.arange(90), 1e-2)
        descent.end()
    torch.testing.assert_close(networks[0].table, networks[1].table, atol=1e-5, rtol=0)


def gradients_by_autograd(network: OptionNetwork, batch: Batch, config: PPOConfig) -> list[torch.Tensor]:
    tensors = Batch(*map(torch.from_numpy, batch))
    loss, _ = ppo_loss(*network(tensors.sparse, tensors.dense), tensors, config)
    return list(torch.autograd.grad(loss, list(network.parameters())))


def test_a_first_step_is_that_of_torchs_own_adam():
    """Before any row has been left out, Adam is Adam; and the norm told is that before clipping."""
    config, batch = PPOConfig(max_gradient_norm=0.1), random_batch(0)
    network, reference = OptionNetwork(SPEC, (16, 8), seed=3), OptionNetwork(SPEC, (16, 8), seed=3)
    descent = CompiledDescent(network, config)
    descent.begin(batch)
    told = descent.step(np.arange(90), 1e-2)

    adam = torch.optim.Adam(reference.parameters(), 1e-2, eps=config.adam_epsilon)
    for parameter, gradient in zip(
        reference.parameters(), gradients_by_autograd(reference, batch, config), strict=True
    ):
        parameter.grad = gradient
    norm = torch.nn.utils.clip_grad_norm_(reference.parameters(), 0.1)
    adam.step()
    assert norm > 0.2, "there must be something to clip"
    assert told[-1].item() == pytest.approx(norm.item(), rel=1e-4)
    for name, weight in reference.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], weight, atol=1e-5, rtol=0, msg=name)


def test_rows_that_nobody_named_stand_still_and_remember():
    network = OptionNetwork(SPEC, (16,))
    descent = CompiledDescent(network, PPOConfig())
    descent.begin(random_batch(0))
    descent.step(np.arange(90), 1e-2)
    before, memory = network.table.detach().clone(), descent.adam.first["table"].clone()
    batch = random_batch(1)
    batch.sparse[:] = np.where(batch.sparse == 7, 8, batch.sparse)
    descent.begin(batch)
    descent.step(np.arange(90), 1e-2)
    moved = (network.table != before).any(1)
    assert memory[7].any()
    assert torch.equal(descent.adam.first["table"][7], memory[7])
    assert moved.nonzero()[:, 0].tolist() == np.setdiff1d(batch.sparse, [0]).tolist()


def test_moves_are_those_of_adam_as_published():
    """Kingma & Ba 2015, algorithm 1, for three steps of one row of two; torch's form for the other."""
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((2, 5)).astype(np.float32)
    expected, m, v = weight[1].astype(np.float64), np.zeros(5), np.zeros(5)
    compiled = weight.copy(), np.zeros_like(weight), np.zeros_like(weight)
    plain = [torch.from_numpy(array.copy()) for array in compiled]
    adam = Adam(OptionNetwork(SPEC, (4,)), epsilon=1e-3)
    for t in range(1, 4):
        gradient = rng.standard_normal((1, 5)).astype(np.float32)
        stride = adam.stride(0.1, scale=0.5)
        move_rows(compiled, gradient, np.array([1]), stride)
        move(*plain, torch.from_numpy(gradient), torch.tensor([[0.0], [1.0]]), stride)
        g = 0.5 * gradient[0].astype(np.float64)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        expected -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-3)
    np.testing.assert_allclose(compiled[0], [weight[0], expected], atol=1e-5)
    np.testing.assert_allclose(plain[0], [weight[0], expected], atol=1e-5)


def test_a_step_is_counted():
    adam = Adam(OptionNetwork(SPEC, (4,)), epsilon=1e-5)
    first, second = adam.stride(1.0, 1.0), adam.stride(1.0, 1.0)
    assert first == Stride(1.0, pytest.approx(10.0), pytest.approx(1000**0.5), 1e-5)
    assert second.rate == pytest.approx(1 / (1 - 0.81))


def test_weights_that_come_late_are_the_ones_learned_from():
    """A learner is made, and only then given its weights, as in `ParallelLearner`'s process."""
    config, given, late = PPOConfig(), OptionNetwork(SPEC, (8,), seed=5), OptionNetwork(SPEC, (8,), seed=3)
    descent = TorchDescent(late, config, torch.device("cpu"))
    late.load_state_dict(given.state_dict())
    steps(descent, late, batches=1)
    steps(CompiledDescent(given, config), given, batches=1)
    torch.testing.assert_close(late.table, given.table, atol=1e-5, rtol=0)


def test_a_learner_by_torch_learns_the_same_and_its_state_fits_the_other(monkeypatch):
    """What `device="cuda"` runs, on the CPU: updates, the state it saves, and going on from it."""
    rollout = Rollout(SPEC, 6, 10)
    rng = np.random.default_rng(2)
    rollout.sparse[:] = rng.integers(SPEC.rows, size=rollout.sparse.shape)
    rollout.dense[:] = rng.standard_normal(rollout.dense.shape)
    rollout.action[:] = rng.integers(SPEC.actions, size=rollout.action.shape)
    rollout.log_prob[:] = -np.log(SPEC.actions)
    rollout.reward[:] = rng.random(rollout.reward.shape)
    rollout.valid[:] = True
    config = PPOConfig(minibatch=20)
    compiled = Learner(OptionNetwork(SPEC, (8, 8)), config, seed=1)
    expected = [compiled.update(rollout) for _ in range(4)]

    with monkeypatch.context() as patch:
        patch.setattr(module, "_descent", TorchDescent)
        by_torch = Learner(OptionNetwork(SPEC, (8, 8)), config, seed=1)
    found = [by_torch.update(rollout) for _ in range(2)]
    resumed = Learner(by_torch.network, config)
    resumed.load_state(by_torch.state())
    found += [resumed.update(rollout) for _ in range(2)]
    for told, wanted in zip(found, expected, strict=True):
        assert told == pytest.approx(wanted, abs=1e-4)
    for name, weight in compiled.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[name], weight, atol=1e-5, rtol=0, msg=name)
