"""The loss, and the compiled gradient against torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosym.options import PPOConfig
from neurosym.options.loss import Batch, loss_gradient, ppo_loss

NOTHING = np.zeros((0, 0))


def random_batch(rng: np.random.Generator, count: int, actions: int) -> Batch:
    """Old probabilities far enough from the policy's for the clip to matter, on both sides."""
    return Batch(
        NOTHING,
        NOTHING,
        action=rng.integers(actions, size=count),
        log_prob=rng.normal(-np.log(actions), 0.4, count).astype(np.float32),
        advantage=rng.standard_normal(count).astype(np.float32),
        target=rng.standard_normal(count).astype(np.float32),
    )


def by_torch(out: np.ndarray, batch: Batch, config: PPOConfig) -> tuple[np.ndarray, np.ndarray]:
    """The gradient with respect to `out`, and the metrics."""
    leaf = torch.from_numpy(out).requires_grad_()
    loss, told = ppo_loss(leaf[:, :-1], leaf[:, -1], Batch(*map(torch.from_numpy, batch)), config)
    return torch.autograd.grad(loss, leaf)[0].numpy(), told.numpy()


@pytest.mark.parametrize("actions", [1, 2, 7])
@pytest.mark.parametrize("spread", [0.5, 30.0])
def test_the_compiled_gradient_is_torchs(actions, spread):
    rng = np.random.default_rng(actions)
    batch = random_batch(rng, 300, actions)
    out = (spread * rng.standard_normal((200, actions + 1))).astype(np.float32)
    chosen = rng.permutation(300)[:200]
    config = PPOConfig(clip=0.3, value_coefficient=0.7, entropy_coefficient=0.2)
    gradient, told = by_torch(out.copy(), Batch(NOTHING, NOTHING, *(a[chosen] for a in batch[2:])), config)
    found = loss_gradient(out, batch, chosen, config)
    np.testing.assert_allclose(out, gradient, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(found, told, atol=1e-5, rtol=1e-4)
    assert actions == 1 or 0.1 < found[3] < 1, "the clip must matter here"


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "slope"),
    [
        (1.1, 2.0, -2.2, -2.2),
        (1.5, 2.0, -2.4, 0.0),
        (0.5, 2.0, -1.0, -1.0),
        (1.5, -2.0, 3.0, 3.0),
        (0.5, -2.0, 1.6, 0.0),
    ],
)
@pytest.mark.parametrize("way", [by_torch, "compiled"])
def test_the_clipped_loss_is_a_pessimistic_bound(ratio, advantage, loss, slope, way):
    """No gain beyond 1 ± 0.2, but every loss counts (figure 1 of the PPO paper); slope by the log-probability."""
    config = PPOConfig(entropy_coefficient=0.0)
    out = np.zeros((1, 3), np.float32)
    old = np.array([np.log(0.5 / ratio)], np.float32)
    batch = Batch(
        NOTHING, NOTHING, np.array([1]), old, np.array([advantage], np.float32), np.zeros(1, np.float32)
    )
    if way == "compiled":
        told = loss_gradient(out, batch, np.array([0]), config)
    else:
        out, told = by_torch(out, batch, config)
    assert told[0] == pytest.approx(loss, rel=1e-5)
    assert out[0].tolist() == pytest.approx([-slope / 2, slope / 2, 0.0], rel=1e-5)
