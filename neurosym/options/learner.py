"""Proximal policy optimisation (Schulman et al. 2017): one learner for all options and the flat baseline."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.options.adam import without_subnormals
from neurosym.options.config import PPOConfig
from neurosym.options.descent import CompiledDescent, Descent, HearingDescent, TorchDescent
from neurosym.options.device import find_device
from neurosym.options.listener import HearingNetwork
from neurosym.options.loss import METRICS, Batch
from neurosym.options.network import OptionNetwork
from neurosym.options.returns import gae, normalise
from neurosym.options.rollout import Rollout
from neurosym.options.training_state import TrainingState

__all__ = ["Learner", "PPOConfig"]


class Learner:
    """Improves a network from rollouts.

    The outcome depends on the network, the settings, the seed and the rollouts alone; `state` holds all that
    an interrupted run needs to go on as if nothing had happened. Speed: call `torch.set_num_threads(1)` in
    the process that learns; a second thread helps only on an idle machine.

    Args:
        network: changed in place by `update`.
        seed: of the order in which rows are visited.
        device: where gradients are worked out, by torch's name for it: "cpu", "cuda", "cuda:1". The network
            itself stays on the CPU and acts there.

    Raises:
        DeviceError: there is no such device here.
        UnknownNameError: nothing is called so.
    """

    def __init__(
        self, network: OptionNetwork, config: PPOConfig | None = None, seed: int = 0, device: str = "cpu"
    ) -> None:
        self.network, self.config = network, config or PPOConfig()
        self.updates = 0
        self._rng = np.random.default_rng(seed)
        self._descent = _descent(network, self.config, find_device(device))

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
            ValueError: the rollout is for another network, has no valid row, or a number in it or progress is out
                of range.
        """
        if rollout.spec != self.network.spec:
            raise ValueError(f"the rollout is for {rollout.spec}, the network for {self.network.spec}")
        rate = self.config.learning_rate_at(progress)
        rows = np.flatnonzero(rollout.valid)
        if not len(rows):
            raise ValueError("the rollout has no valid row")
        done = rollout.action.reshape(-1)[rows]
        if not 0 <= done.min() <= done.max() < rollout.spec.actions:
            raise ValueError(f"actions from {done.min()} to {done.max()}, there are {rollout.spec.actions}")
        batch = _flatten(rollout, self.config, rows)
        with without_subnormals():
            self._descent.begin(batch)
            told = [self._descent.step(chosen, rate) for chosen in self._minibatches(rows)]
            self._descent.end()
        self.updates += 1
        recorded = rollout.value[:-1]
        return {
            **dict(zip((*METRICS, "gradient_norm"), torch.stack(told).mean(0).tolist(), strict=True)),
            "explained_variance": _explained_variance(batch.target[rows], recorded.reshape(-1)[rows]),
            "learning_rate": rate,
            "rows": float(len(rows)),
        }

    def state(self) -> TrainingState:
        """Everything beside the weights that the next update depends on."""
        facts = {"updates": self.updates, "rng": self._rng.bit_generator.state}
        return TrainingState(self._descent.adam.state(), facts)

    def load_state(self, state: TrainingState) -> None:
        """Goes on from `state`, which a learner with a network of the same shape gave.

        Raises:
            CheckpointError: the state belongs to another network or lacks something; nothing is changed.
        """
        updates, generator = state.learner_facts()
        self._descent.adam.load(state.tensors)
        self.updates, self._rng.bit_generator.state = updates, generator

    def _minibatches(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Every row once an epoch, in parts of nearly equal size, none above `minibatch`."""
        parts = -(-len(rows) // self.config.minibatch)
        for _ in range(self.config.epochs):
            yield from np.array_split(self._rng.permutation(rows), parts)


def _descent(network: OptionNetwork, config: PPOConfig, device: torch.device) -> Descent:
    if device.type != "cpu":
        return TorchDescent(network, config, device)
    return (
        HearingDescent(network, config)
        if isinstance(network, HearingNetwork)
        else CompiledDescent(network, config)
    )


def _flatten(rollout: Rollout, config: PPOConfig, rows: NDArray[np.int64]) -> Batch:
    """The rollout laid flat, B = T * N."""
    value_t, spec = rollout.value[:-1], rollout.spec
    advantage = gae(rollout.reward, rollout.discount, value_t, rollout.value[1:], config.gae_lambda)
    return Batch(
        sparse=rollout.sparse.reshape(value_t.size, spec.width),
        dense=rollout.dense.reshape(value_t.size, spec.dense),
        action=rollout.action.reshape(-1),
        log_prob=rollout.log_prob.reshape(-1),
        advantage=normalise(advantage.reshape(-1), config.least_deviation, rows),
        target=(advantage + value_t).reshape(-1),
    )


def _explained_variance(target: NDArray[np.float32], value: NDArray[np.float32]) -> float:
    """1 - Var(target - value) / Var(target); 0 for targets that do not vary."""
    spread = float(target.var())
    return 1.0 - float((target - value).var()) / spread if spread > 0 else 0.0
