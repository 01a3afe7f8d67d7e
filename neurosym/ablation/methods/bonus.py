"""Bonuses for exploration, paid beside the reward, from what the environment returns."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from gymnasium.wrappers.utils import RunningMeanStd
from numpy.typing import NDArray
from torch import nn

from neurosym.ablation.methods.registry import Trial
from neurosym.ablation.methods.view import View, Whitening
from neurosym.belief import Observation
from neurosym.options.features import PADDING

__all__ = ["CountBonus", "DistillationBonus"]

COUNT_SCALE = 0.01  # as much as a hundredth of the task's reward for a view that is new
DISTILLATION_SCALE = 0.01
CODE = 64  # numbers that the views are told apart by
LEARNED_FROM = (
    64  # views of each step that the predictor learns from; Burda et al. 2018, section 2.5, drop some too
)
LEARNING_RATE = 1e-4  # Burda et al. 2018, table 5


class CountBonus:
    """COUNT_SCALE / sqrt(n) for a view that was seen n times in the whole run.

    The form is that of Strehl & Littman 2008, "An analysis of model-based interval estimation for Markov decision
    processes", and Tang et al. 2017, "#Exploration", section 2.2; the scale is ours. A view is what the environment
    returns, but for the mission.
    """

    def __init__(self, trial: Trial) -> None:
        self._view = View(trial.domain, trial.task)
        self.counts: Counter[bytes] = Counter()

    def __call__(self, observation: Observation) -> NDArray[np.float32]:
        seen = self._view.choices(observation), self._view.numbers(observation)
        views = [row.tobytes() for row in np.concatenate(seen, axis=1)]
        self.counts.update(views)
        times = np.array([self.counts[view] for view in views], np.float32)
        return (COUNT_SCALE / np.sqrt(times)).astype(np.float32)


class DistillationBonus:
    """Random network distillation: how badly a network foretells what a random one says of a view.

    Burda et al. 2018, "Exploration by random network distillation", section 2.2; numbers are whitened and errors
    divided by a running deviation (section 2.4). Here one stream of returns serves both rewards, and the bonus ends
    with the episode.
    """

    def __init__(self, trial: Trial) -> None:
        self._view, width = View(trial.domain, trial.task), trial.config.hidden[-1]
        self._whitening = Whitening(self._view.dense)
        self._rng = np.random.default_rng(trial.seed)
        self._target = _Coder(self._view, width, 2 * trial.seed)
        self._predictor = _Coder(self._view, width, 2 * trial.seed + 1)
        self._adam = torch.optim.Adam(self._predictor.parameters(), LEARNING_RATE)
        self._errors = RunningMeanStd(epsilon=0)

    def __call__(self, observation: Observation) -> NDArray[np.float32]:
        numbers = self._view.numbers(observation)
        self._whitening.count(numbers)
        seen = torch.from_numpy(self._view.choices(observation)), torch.from_numpy(self._whitening(numbers))
        with torch.no_grad():
            errors = (self._predictor(*seen) - self._target(*seen)).square().mean(1).numpy()
        self._learn(*seen)
        self._errors.update(errors)
        deviation = max(1e-6, float(self._errors.var) ** 0.5)
        return (DISTILLATION_SCALE * errors / deviation).astype(np.float32)

    def _learn(self, rows: torch.Tensor, numbers: torch.Tensor) -> None:
        chosen = torch.from_numpy(self._rng.permutation(len(rows))[:LEARNED_FROM])
        with torch.no_grad():
            wanted = self._target(rows[chosen], numbers[chosen])
        loss = (self._predictor(rows[chosen], numbers[chosen]) - wanted).square().mean()
        self._adam.zero_grad()
        loss.backward()
        self._adam.step()


class _Coder(nn.Module):
    """What a view shows, int32[N, K] and float32[N, D], to CODE numbers."""

    def __init__(self, view: View, width: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.choices = nn.EmbeddingBag(view.rows, width, mode="sum", padding_idx=PADDING)
        self.numbers = nn.Parameter(torch.empty(view.dense, width))
        self.hidden, self.code = nn.Linear(width, width), nn.Linear(width, CODE)
        with torch.no_grad():
            self.choices.weight.normal_(0.0, 0.1, generator=generator)
            if view.dense:
                nn.init.orthogonal_(self.numbers, 2**0.5, generator=generator)
            for layer in (self.hidden, self.code):
                nn.init.orthogonal_(layer.weight, 2**0.5, generator=generator)
                layer.bias.zero_()

    def forward(self, rows: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        first = torch.relu(self.choices(rows) + numbers @ self.numbers)
        return self.code(torch.relu(self.hidden(first)))
