"""A learned meta-controller: which option is taken of those that can be begun, and what is learned from how that went.

The choices form a semi-MDP (Sutton, Precup & Singh 1999): one that lasts k steps discounts what follows by gamma ** k.
They are improved by the same policy gradient, from the same settings, as the options are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.options import Features, FeatureSpec, OptionNetwork, PPOConfig
from neurosym.options.adam import without_subnormals
from neurosym.options.loss import clipped_loss
from neurosym.options.returns import normalise

__all__ = ["Choice", "MetaController"]

MINIBATCH = 256  # choices of one gradient step; there are far fewer choices than steps


@dataclass
class Choice:
    """An option that was chosen.

    Attributes:
        features: a row for each option there was, and at last one for doing none, which the value is read from.
        age: primitive steps that it has lasted.
        reward, discount: what it has brought, and what counts of what follows; known when it is over.
        last: the episode ended with it.
    """

    features: Features
    taken: int
    log_prob: float
    value: float
    age: int = 0
    reward: float = 0.0
    discount: float = 0.0
    last: bool = False


class MetaController:
    """Scores options, and learns from what came of those it chose.

    Attributes:
        network: its policy has one output, the score.
    """

    def __init__(self, spec: FeatureSpec, hidden: Sequence[int], config: PPOConfig, seed: int) -> None:
        self.network, self.config = OptionNetwork(spec, hidden, seed), config
        self._adam = torch.optim.Adam(
            self.network.parameters(), config.learning_rate, eps=config.adam_epsilon
        )
        self._rng = np.random.default_rng(seed)

    def choose(self, features: Features, rng: np.random.Generator) -> Choice:
        """Draw one of the options that all rows but the last are about."""
        scores, values = self.network.evaluate(features)
        weights = np.exp((scores[:-1, 0] - scores[:-1, 0].max()).astype(np.float64))
        chances = weights / weights.sum()
        taken = int(rng.choice(len(chances), p=chances))
        return Choice(features, taken, float(np.log(chances[taken])), float(values[-1]))

    def learn(self, trails: Sequence[Sequence[Choice]], progress: float) -> None:
        """Improve from choices that are over, in the order in which they were made; the last of each may not be."""
        choices, advantages = [], []
        for trail in trails:
            choices += trail[:-1]
            advantages += self._advantages(trail)
        if not choices:
            return
        advantage = np.array(advantages, np.float32)
        target = advantage + np.array([choice.value for choice in choices], np.float32)
        advantage = normalise(advantage, self.config.least_deviation)
        self._adam.param_groups[0]["lr"] = self.config.learning_rate_at(progress)
        with without_subnormals():
            for _ in range(self.config.epochs):
                for part in np.array_split(
                    self._rng.permutation(len(choices)), -(-len(choices) // MINIBATCH)
                ):
                    self._step([choices[k] for k in part], advantage[part], target[part])

    def _advantages(self, trail: Sequence[Choice]) -> list[float]:
        """Generalised advantages of all but the last."""
        found, following = [], 0.0
        for choice, after in zip(reversed(trail[:-1]), reversed(trail[1:]), strict=True):
            error = choice.reward + choice.discount * after.value - choice.value
            following = error + choice.discount * self.config.gae_lambda * following
            found.append(following)
        return found[::-1]

    def _step(
        self, choices: Sequence[Choice], advantage: NDArray[np.float32], target: NDArray[np.float32]
    ) -> None:
        rows = Features.concatenate([choice.features for choice in choices])
        scores, values = self.network(torch.from_numpy(rows.sparse), torch.from_numpy(rows.dense))
        ends = np.cumsum([len(choice.features) for choice in choices]) - 1
        table = torch.full((len(choices), max(len(choice.features) for choice in choices)), -1e9)
        places = [(k, i) for k, choice in enumerate(choices) for i in range(len(choice.features) - 1)]
        options = np.setdiff1d(np.arange(len(rows)), ends)
        table[tuple(torch.tensor(places).T)] = scores[torch.from_numpy(options), 0]
        log_policy = torch.log_softmax(table, 1)
        taken = torch.tensor([[choice.taken] for choice in choices])
        log_ratio = log_policy.gather(1, taken)[:, 0] - torch.tensor([choice.log_prob for choice in choices])
        loss, _ = clipped_loss(
            log_policy,
            log_ratio,
            values[torch.from_numpy(ends)],
            torch.from_numpy(advantage),
            torch.from_numpy(target),
            self.config,
        )
        self._adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_gradient_norm)
        self._adam.step()
