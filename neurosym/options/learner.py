"""Proximal policy optimisation (Schulman et al. 2017): one learner for all options and the flat baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.options.network import OptionNetwork
from neurosym.options.returns import gae
from neurosym.options.rollout import Rollout
from neurosym.options.table import pack_rows
from neurosym.options.training_state import TrainingState, adam_state, load_adam_state

__all__ = ["Learner", "PPOConfig"]


@dataclass(frozen=True, slots=True)
class PPOConfig:
    """Settings of the learner. "Huang" is Huang et al. 2022, "The 37 implementation details of PPO".

    Attributes:
        learning_rate: of Adam at the start; measured here, see docs/learning.md.
        final_learning_rate: share of it left at the end; annealing is linear (Huang, detail 4).
        epochs: passes over a rollout; measured here.
        minibatch: rows of one gradient step; measured here.
        gae_lambda: 0.95 (Schulman et al. 2017, table 5; Huang, detail 5).
        clip: 0.2 (Schulman et al. 2017, table 1).
        value_coefficient: 0.5; the value loss is not clipped (Huang, details 9 and 10).
        entropy_coefficient: 0.01 (Mnih et al. 2016, section 8; Huang, detail 10).
        max_gradient_norm: 0.5, over all parameters (Huang, detail 11).
        adam_epsilon: 1e-5 (Huang, detail 3).

    Raises:
        ValueError: a setting is out of range.
    """

    learning_rate: float = 1e-3
    final_learning_rate: float = 0.1
    epochs: int = 2
    minibatch: int = 1024
    gae_lambda: float = 0.95
    clip: float = 0.2
    value_coefficient: float = 0.5
    entropy_coefficient: float = 0.01
    max_gradient_norm: float = 0.5
    adam_epsilon: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("learning_rate", "epochs", "minibatch", "clip", "max_gradient_norm", "adam_epsilon"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("final_learning_rate", "gae_lambda"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must lie in [0, 1], got {getattr(self, name)}")
        for name in ("value_coefficient", "entropy_coefficient"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")


class _Batch(NamedTuple):
    """A rollout laid flat, B = T * N rows."""

    sparse: NDArray[np.int32]
    dense: torch.Tensor
    action: torch.Tensor
    log_prob: torch.Tensor
    advantage: torch.Tensor
    target: torch.Tensor


class Learner:
    """Improves a network from rollouts.

    The outcome depends on the network, the settings, the seed and the rollouts alone; `state` holds all that
    an interrupted run needs to go on as if nothing had happened. Speed: call `torch.set_num_threads(1)` in
    the process that learns; a second thread helps only on an idle machine.

    Args:
        network: changed in place by `update`.
        seed: of the order in which rows are visited.
    """

    def __init__(self, network: OptionNetwork, config: PPOConfig | None = None, seed: int = 0) -> None:
        self.network, self.config = network, config or PPOConfig()
        self.updates = 0
        self._rng = np.random.default_rng(seed)
        self._adam = torch.optim.Adam(
            network.parameters(), self.config.learning_rate, eps=self.config.adam_epsilon, fused=True
        )

    def update(self, rollout: Rollout, progress: float = 0.0) -> dict[str, float]:
        """A few epochs of clipped policy gradient on one rollout.

        Args:
            progress: share of the training run that is behind, in [0, 1]; anneals the learning rate.

        Returns:
            Means over the minibatches of policy_loss, value_loss, entropy (nats), clip_fraction,
            approximate_kl (nats; the estimator (r - 1) - log r of Schulman 2020, "Approximating KL
            divergence") and gradient_norm (before clipping); explained_variance of the targets by the values
            as recorded; learning_rate and rows.

        Raises:
            ValueError: the rollout is for another network, has no valid row, or progress is out of range.
        """
        if rollout.spec != self.network.spec:
            raise ValueError(f"the rollout is for {rollout.spec}, the network for {self.network.spec}")
        rate = self._set_learning_rate(progress)
        rows = np.flatnonzero(rollout.valid)
        if not len(rows):
            raise ValueError("the rollout has no valid row")
        batch = _flatten(rollout, self.config.gae_lambda, rows)
        metrics = torch.stack([self._step(batch, chosen) for chosen in self._minibatches(rows)]).mean(0)
        self.updates += 1
        recorded = rollout.value[:-1]
        return {
            **dict(zip(_METRICS, metrics.tolist(), strict=True)),
            "explained_variance": _explained_variance(batch.target.numpy()[rows], recorded.reshape(-1)[rows]),
            "learning_rate": rate,
            "rows": float(len(rows)),
        }

    def state(self) -> TrainingState:
        """Everything beside the weights that the next update depends on."""
        facts = {"updates": self.updates, "rng": self._rng.bit_generator.state}
        return TrainingState(adam_state(self._adam, self.network), facts)

    def load_state(self, state: TrainingState) -> None:
        """Goes on from `state`, which a learner with a network of the same shape gave.

        Raises:
            CheckpointError: the state belongs to another network or lacks something; nothing is changed.
        """
        updates, generator = state.learner_facts()
        load_adam_state(self._adam, self.network, state.tensors)
        self.updates, self._rng.bit_generator.state = updates, generator

    def _set_learning_rate(self, progress: float) -> float:
        if not 0.0 <= progress <= 1.0:
            raise ValueError(f"progress must lie in [0, 1], got {progress}")
        config = self.config
        rate = config.learning_rate * (1.0 - progress * (1.0 - config.final_learning_rate))
        for group in self._adam.param_groups:
            group["lr"] = rate
        return rate

    def _minibatches(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Every row once an epoch, in parts of nearly equal size, none above `minibatch`."""
        parts = -(-len(rows) // self.config.minibatch)
        for _ in range(self.config.epochs):
            yield from np.array_split(self._rng.permutation(rows), parts)

    def _step(self, batch: _Batch, chosen: NDArray[np.int64]) -> torch.Tensor:
        """One gradient step on the `chosen` rows; float32[6], what `_METRICS` names."""
        config, index = self.config, torch.from_numpy(chosen)
        logits, value = self.network(pack_rows(batch.sparse, chosen), batch.dense[index])
        log_policy = torch.log_softmax(logits, 1)
        log_prob = log_policy.gather(1, batch.action[index, None]).squeeze(1)
        entropy = -(log_policy.exp() * log_policy).sum(1).mean()
        log_ratio = log_prob - batch.log_prob[index]
        policy_loss = _clipped_loss(log_ratio.exp(), batch.advantage[index], config.clip)
        value_loss = (value - batch.target[index]).square().mean()
        loss = policy_loss + config.value_coefficient * value_loss - config.entropy_coefficient * entropy
        self._adam.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), config.max_gradient_norm)
        self._adam.step()
        with torch.no_grad():
            ratio = log_ratio.exp()
            clipped = ((ratio - 1.0).abs() > config.clip).float().mean()
            return torch.stack(
                [policy_loss, value_loss, entropy, clipped, (ratio - 1.0 - log_ratio).mean(), norm]
            )


_METRICS = ("policy_loss", "value_loss", "entropy", "clip_fraction", "approximate_kl", "gradient_norm")


def _clipped_loss(ratio: torch.Tensor, advantage: torch.Tensor, clip: float) -> torch.Tensor:
    """The negative of Schulman et al. 2017, equation 7."""
    return -torch.minimum(ratio * advantage, ratio.clamp(1.0 - clip, 1.0 + clip) * advantage).mean()


def _flatten(rollout: Rollout, lam: float, rows: NDArray[np.int64]) -> _Batch:
    value_t = rollout.value[:-1]
    advantage = gae(rollout.reward, rollout.discount, value_t, rollout.value[1:], lam)
    target = (advantage + value_t).reshape(-1)
    return _Batch(
        rollout.sparse.reshape(len(target), -1),
        torch.from_numpy(rollout.dense.reshape(len(target), rollout.spec.dense)),
        torch.from_numpy(rollout.action.reshape(-1)),
        torch.from_numpy(rollout.log_prob.reshape(-1)),
        torch.from_numpy(_normalise(advantage.reshape(-1), rows)),
        torch.from_numpy(target),
    )


def _normalise(advantage: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean 0 and deviation 1 over the valid rows of the rollout (Huang, detail 7, does so by minibatch)."""
    chosen = advantage[rows]
    return (advantage - chosen.mean()) / (chosen.std() + np.float32(1e-8))


def _explained_variance(target: NDArray[np.float32], value: NDArray[np.float32]) -> float:
    """1 - Var(target - value) / Var(target); 0 for targets that do not vary."""
    spread = float(target.var())
    return 1.0 - float((target - value).var()) / spread if spread > 0 else 0.0
