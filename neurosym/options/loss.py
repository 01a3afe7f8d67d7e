"""The loss of proximal policy optimisation (Schulman et al. 2017, equation 9) and its gradient, twice.

`ppo_loss` is the plain form in torch, on any device; `loss_gradient` the compiled one, which works out the same
loss and its gradient in one pass. Tests hold the second to the first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.jit import kernel
from neurosym.options.config import PPOConfig

__all__ = ["METRICS", "Batch", "clipped_loss", "loss_gradient", "ppo_loss"]

METRICS = ("policy_loss", "value_loss", "entropy", "clip_fraction", "approximate_kl")
"""What both forms tell: means over the rows, in this order."""


class Batch(NamedTuple):
    """B rows to learn from: numpy arrays, or torch tensors on one device.

    Attributes:
        sparse, dense: int32[B, K] and float32[B, D], what was seen.
        action, log_prob: int64[B] and float32[B], what was done and how likely it was then.
        advantage, target: float32[B], of the action and for the value.
    """

    sparse: Any
    dense: Any
    action: Any
    log_prob: Any
    advantage: Any
    target: Any


def ppo_loss(
    logits: torch.Tensor, value: torch.Tensor, batch: Batch, config: PPOConfig
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss, and float32[5] without gradient, what `METRICS` names.

    Args:
        logits, value: float32[B, A] and float32[B], of the rows of `batch`, which holds tensors.
    """
    log_policy = torch.log_softmax(logits, 1)
    log_prob = log_policy.gather(1, batch.action[:, None]).squeeze(1)
    return clipped_loss(log_policy, log_prob - batch.log_prob, value, batch.advantage, batch.target, config)


def clipped_loss(
    log_policy: torch.Tensor,
    log_ratio: torch.Tensor,
    value: torch.Tensor,
    advantage: torch.Tensor,
    target: torch.Tensor,
    config: PPOConfig,
) -> tuple[torch.Tensor, torch.Tensor]:
    """`ppo_loss` of B rows whose policy is worked out already.

    Args:
        log_policy: float32[B, A], normalised.
        log_ratio, value, advantage, target: float32[B]; the first is how much likelier what was done is by now.
    """
    entropy = -(log_policy.exp() * log_policy).sum(1).mean()
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1.0 - config.clip, 1.0 + config.clip)
    policy_loss = -torch.minimum(ratio * advantage, clipped * advantage).mean()
    value_loss = (value - target).square().mean()
    loss = policy_loss + config.value_coefficient * value_loss - config.entropy_coefficient * entropy
    outside = ((ratio - 1.0).abs() > config.clip).float().mean()
    divergence = (ratio - 1.0 - log_ratio).mean()
    return loss, torch.stack([policy_loss, value_loss, entropy, outside, divergence]).detach()


def loss_gradient(
    out: NDArray[np.float32], batch: Batch, chosen: NDArray[np.int64], config: PPOConfig
) -> NDArray[np.float32]:
    """Turns `out`, float32[C, A + 1], logits and behind them the value, into the loss's gradient with respect to it.

    Args:
        batch: of arrays.
        chosen: int64[C], the rows of `batch` that `out` is of.

    Returns:
        float32[5], what `METRICS` names.
    """
    told = np.zeros(len(METRICS))
    clip, value_weight = np.float32(config.clip), np.float32(config.value_coefficient)
    weights = clip, value_weight, np.float32(config.entropy_coefficient)
    arrays = batch.action, batch.log_prob, batch.advantage, batch.target
    policy = np.empty(out.shape[1] - 1, np.float32)
    _loss_gradient(out, *arrays, chosen, *weights, policy, told)
    return (told / len(chosen)).astype(np.float32)


@kernel
def _loss_gradient(
    out, action, log_prob, advantage, target, chosen, clip, value_weight, entropy_weight, policy, told
):  # pragma: no cover - compiled
    one, actions = np.float32(1), out.shape[1] - 1
    share = one / np.float32(chosen.shape[0])
    for k in range(chosen.shape[0]):
        i, logits, done = chosen[k], out[k, :actions], action[chosen[k]]
        top = logits[0]
        for a in range(1, actions):
            top = max(top, logits[a])
        total = np.float32(0)
        for a in range(actions):
            policy[a] = np.exp(logits[a] - top)
            total += policy[a]
        log_total = np.log(total) + top
        entropy = np.float32(0)
        for a in range(actions):
            policy[a] /= total
            logits[a] -= log_total
            entropy -= policy[a] * logits[a]
        log_ratio = logits[done] - log_prob[i]
        ratio = np.exp(log_ratio)
        gain = ratio * advantage[i]
        bound = min(max(ratio, one - clip), one + clip) * advantage[i]
        error = out[k, actions] - target[i]
        told[0] -= min(gain, bound)
        told[1] += error * error
        told[2] += entropy
        told[3] += abs(ratio - one) > clip
        told[4] += ratio - one - log_ratio
        slope = -gain if gain <= bound else np.float32(0)  # with respect to the logarithm of the ratio
        for a in range(actions):
            bonus = entropy_weight * (logits[a] + entropy)
            logits[a] = share * policy[a] * (bonus - slope)
        out[k, done] += share * slope
        out[k, actions] = share * (value_weight + value_weight) * error
