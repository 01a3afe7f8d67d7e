"""A policy with a memory: a gated recurrent unit (Cho et al. 2014) between the features and the heads.

What it remembers is handed round behind the dense features: the guide works it out when an observation comes in, the
rollout keeps it, and the learner works it out anew from the first step of a rollout on, so that gradients run through
time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurosym.ablation.methods.flat import FlatGuide, MakeTellers, flat_spec
from neurosym.ablation.methods.practised import Practised
from neurosym.ablation.methods.registry import Trial
from neurosym.belief import Observation
from neurosym.domain import TrainingWorlds
from neurosym.executive import Outcome
from neurosym.options import Features, FeatureSpec, PPOConfig, Rollout, gae
from neurosym.options.adam import without_subnormals
from neurosym.options.features import PADDING
from neurosym.options.loss import Batch, ppo_loss
from neurosym.options.returns import normalise

__all__ = ["RecurrentGuide", "RecurrentLearner", "RecurrentNetwork", "practise_with_memory"]


class RecurrentNetwork(nn.Module):
    """Features and a memory to action logits, a value and the next memory.

    Args:
        spec: the last of the dense features are the memory.
        width: of the first layer; remembered: numbers of the memory.
        seed: of the initial weights, which are drawn as `OptionNetwork` draws its own.
    """

    def __init__(self, spec: FeatureSpec, width: int, remembered: int, seed: int) -> None:
        super().__init__()
        self.spec, self.remembered = spec, remembered
        self.table = nn.Parameter(torch.empty(spec.rows, width))
        self.dense = nn.Parameter(torch.empty(spec.dense - remembered, width))
        self.memory = nn.GRUCell(width, remembered)
        self.policy, self.value = nn.Linear(remembered, spec.actions), nn.Linear(remembered, 1)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.table.normal_(0.0, math.sqrt(2.0 / spec.width), generator=generator)[PADDING].zero_()
            if len(self.dense):
                nn.init.orthogonal_(self.dense, math.sqrt(2.0), generator=generator)
            for weight in self.memory.parameters():
                weight.uniform_(-(remembered**-0.5), remembered**-0.5, generator=generator)
            for layer, gain in ((self.policy, 0.01), (self.value, 1.0)):
                nn.init.orthogonal_(layer.weight, gain, generator=generator)
                layer.bias.zero_()

    def forward(self, sparse: torch.Tensor, numbers: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        """The next memory, float32[N, H], for int32[N, K], float32[N, D] and the memory, float32[N, H]."""
        rows = nn.functional.embedding_bag(sparse, self.table, mode="sum", padding_idx=PADDING)
        return self.memory(torch.relu(rows + numbers @ self.dense), memory)

    def split(self, dense: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Numbers and memory, float32[..., D] and float32[..., H], of the dense features."""
        return dense[..., : -self.remembered], dense[..., -self.remembered :]

    @torch.no_grad()
    def remember(self, features: Features) -> NDArray[np.float32]:
        """float32[N, H], what is remembered after these features."""
        dense = torch.from_numpy(features.dense)
        return self(torch.from_numpy(features.sparse), *self.split(dense)).numpy()

    @torch.no_grad()
    def evaluate(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits float32[N, actions] and values float32[N]."""
        memory = torch.from_numpy(self.remember(features))
        return self.policy(memory).numpy(), self.value(memory)[:, 0].numpy()


class RecurrentGuide(FlatGuide):
    """Tells what a flat guide tells, and what was remembered before."""

    def __init__(
        self,
        trial: Trial,
        worlds: TrainingWorlds | None,
        make_tellers: MakeTellers,
        network: RecurrentNetwork,
    ) -> None:
        super().__init__(trial, worlds, make_tellers)
        self.network = network
        self.memory = np.zeros((len(self.threads), network.remembered), np.float32)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        super().begin(mask, observation)
        self.memory[mask] = 0.0

    def update(self, actions: NDArray[np.int64], observation: Observation) -> Outcome:
        self.memory = self.network.remember(self.features())
        return super().update(actions, observation)

    def features(self, which: NDArray[np.int64] | None = None, out: Features | None = None) -> Features:
        memory = self.memory if which is None else self.memory[which]
        seen = super().features(which)
        told = Features(seen.sparse, np.concatenate([seen.dense, memory], axis=1))
        if out is None:
            return told
        out.sparse[:], out.dense[:] = told.sparse, told.dense
        return out


class RecurrentLearner:
    """Proximal policy optimisation through time; see `Learner`. Worlds, not steps, are dealt out to minibatches."""

    def __init__(self, network: RecurrentNetwork, config: PPOConfig, seed: int) -> None:
        self.network, self.config = network, config
        self._adam = torch.optim.Adam(network.parameters(), config.learning_rate, eps=config.adam_epsilon)
        self._rng = np.random.default_rng(seed)

    def update(self, rollout: Rollout, progress: float = 0.0) -> Mapping[str, float]:
        config, value_t = self.config, rollout.value[:-1]
        self._adam.param_groups[0]["lr"] = config.learning_rate_at(progress)
        advantage = gae(rollout.reward, rollout.discount, value_t, rollout.value[1:], config.gae_lambda)
        target, share = advantage + value_t, max(1, config.minibatch // rollout.steps)
        advantage = normalise(advantage, config.least_deviation)
        arrays = rollout.sparse, rollout.dense, rollout.action, rollout.log_prob, advantage, target
        parts = -(-rollout.worlds // share)
        told = torch.zeros(5)
        with without_subnormals():
            for _ in range(config.epochs):
                for worlds in np.array_split(self._rng.permutation(rollout.worlds), parts):
                    told = self._step(Batch(*(torch.from_numpy(array[:, worlds]) for array in arrays)))
        return {"policy_loss": float(told[0]), "value_loss": float(told[1])}

    def _step(self, batch: Batch) -> torch.Tensor:
        """One gradient step on time-major tensors."""
        numbers, recorded = self.network.split(batch.dense)
        begins = (recorded == 0).all(2, keepdim=True)  # nothing is remembered at the beginning alone
        memory, after = recorded[0], []
        for t in range(len(batch.sparse)):
            memory = self.network(batch.sparse[t], numbers[t], torch.where(begins[t], 0.0, memory))
            after.append(memory)
        seen = torch.cat(after)
        flat = Batch(batch.sparse, batch.dense, *(tensor.reshape(-1) for tensor in batch[2:]))
        loss, told = ppo_loss(self.network.policy(seen), self.network.value(seen)[:, 0], flat, self.config)
        self._adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_gradient_norm)
        self._adam.step()
        return told


def practise_with_memory(trial: Trial, make_tellers: MakeTellers) -> Practised:
    """Practice of a policy that remembers what it was told."""
    width, remembered = trial.config.hidden[0], trial.config.hidden[-1]
    told = flat_spec(trial, make_tellers)
    spec = replace(told, dense=told.dense + remembered)
    network = RecurrentNetwork(spec, width, remembered, trial.seed)
    guide = partial(RecurrentGuide, make_tellers=make_tellers, network=network)
    learner = RecurrentLearner(network, trial.config.ppo, trial.seed)
    return Practised(trial, guide, spec=spec, network=network, learner=learner)
