"""One network for all options of a domain: a table of row vectors, a small trunk, two heads."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurosym.options.features import Features, FeatureSpec
from neurosym.options.table import RowLists, pack_rows, sum_rows

__all__ = ["OptionNetwork"]


class OptionNetwork(nn.Module):
    """Features to action logits and a value.

    The first layer adds the table rows a state names to a linear map of its dense vector; relu; dense relu
    layers; two linear heads. Relu because tanh, the usual choice for PPO, costs far more on a CPU.

    Initial weights follow Huang et al. 2022, "The 37 implementation details of PPO", detail 2: orthogonal
    with gain sqrt(2), 0.01 for the policy head, 1 for the value head, zero biases. The table is drawn from a
    normal distribution of variance 2 / width (He et al. 2015, with `width` as the fan-in); its padding row is
    zero and stays so.

    Args:
        spec: sizes of the features and the number of actions.
        hidden: width of the first layer, then of each further one.
        seed: of the initial weights; torch's global generator is left alone. None leaves the memory as it
            comes, for weights that are about to be loaded.

    Raises:
        ValueError: no hidden width, or one that is not positive.
    """

    def __init__(self, spec: FeatureSpec, hidden: Sequence[int] = (128, 128), seed: int | None = 0) -> None:
        super().__init__()
        if not hidden or min(hidden) < 1:
            raise ValueError(f"hidden must name at least one positive width, got {tuple(hidden)}")
        self.spec, self.hidden = spec, tuple(hidden)
        self.table = nn.Parameter(torch.empty(spec.rows, hidden[0]))
        self.dense = nn.Parameter(torch.empty(spec.dense, hidden[0]))
        self.bias = nn.Parameter(torch.empty(hidden[0]))
        self.trunk = nn.ModuleList(_linear(a, b) for a, b in itertools.pairwise(hidden))
        self.policy = _linear(hidden[-1], spec.actions)
        self.value = _linear(hidden[-1], 1)
        if seed is not None:
            self._initialise(torch.Generator().manual_seed(seed))

    def forward(self, lists: RowLists, dense: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits float32[N, actions] and values float32[N] for packed rows and `dense` float32[N, D]."""
        x = torch.relu_(torch.addmm(sum_rows(self.table, lists), dense, self.dense) + self.bias)
        for layer in self.trunk:
            x = torch.relu_(layer(x))
        return self.policy(x), self.value(x).squeeze(1)

    def evaluate(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits float32[N, actions] and values float32[N], without gradients.

        Raises:
            ValueError: the features do not fit the network.
        """
        self.spec.check(features)
        with torch.inference_mode():
            logits, value = self(pack_rows(features.sparse), torch.from_numpy(features.dense))
        return logits.numpy(), value.numpy()

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        self.table.normal_(0.0, math.sqrt(2.0 / self.spec.width), generator=generator)[0].zero_()
        if self.spec.dense:
            nn.init.orthogonal_(self.dense, math.sqrt(2.0), generator=generator)
        self.bias.zero_()
        gains = [math.sqrt(2.0)] * len(self.trunk) + [0.01, 1.0]
        linears = [module for module in self.modules() if isinstance(module, nn.Linear)]
        for layer, gain in zip(linears, gains, strict=True):
            nn.init.orthogonal_(layer.weight, gain, generator=generator)
            layer.bias.zero_()


def _linear(inputs: int, outputs: int) -> nn.Module:
    return nn.utils.skip_init(nn.Linear, inputs, outputs, device=torch.get_default_device())
