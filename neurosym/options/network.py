"""One network for all options of a domain: a table of row vectors, a small trunk, two heads."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurosym.options.features import PADDING, Features, FeatureSpec
from neurosym.options.hearing import HearingSpec
from neurosym.options.table import RowLists, add_rows, pack_rows

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

    Attributes:
        hearing: what a network that hears words can take in; None for one that goes by typed arguments.

    Raises:
        ValueError: no hidden width, or one that is not positive.
    """

    hearing: HearingSpec | None = None

    def __init__(self, spec: FeatureSpec, hidden: Sequence[int] = (128, 128), seed: int | None = 0) -> None:
        super().__init__()
        if not hidden or min(hidden) < 1:
            raise ValueError(f"hidden must name at least one positive width, got {tuple(hidden)}")
        self.spec, self.hidden = spec, tuple(hidden)
        self.table = nn.Parameter(torch.empty(spec.rows, hidden[0]))
        self.dense = nn.Parameter(torch.empty(spec.dense, hidden[0]))
        self.bias = nn.Parameter(torch.empty(hidden[0]))
        self.trunk = nn.ModuleList(_Linear(a, b) for a, b in itertools.pairwise(hidden))
        self.policy = _Linear(hidden[-1], spec.actions)
        self.value = _Linear(hidden[-1], 1)
        if seed is not None:
            self._initialise(torch.Generator().manual_seed(seed))

    def forward(self, sparse: torch.Tensor, dense: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits float32[N, A] and values float32[N] for `sparse` int32[N, K] and `dense` float32[N, D].

        By torch's own means, with gradients, on any device: the definition. `evaluate` is the fast way.
        """
        rows = nn.functional.embedding_bag(sparse, self.table, mode="sum", padding_idx=PADDING)
        x = torch.relu(rows + dense @ self.dense + self.bias)
        for layer in self.trunk:
            x = torch.relu(layer(x))
        return self.policy(x), self.value(x).squeeze(1)

    def evaluate(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits float32[N, actions] and values float32[N], without gradients; the network must be on the CPU.

        Raises:
            ValueError: the features do not fit the network.
        """
        self.spec.check(features)
        lists = pack_rows(features.sparse, self.spec.rows)
        with torch.no_grad():
            layers = self.layers(lists, torch.from_numpy(features.dense), np.arange(len(features)))
            out = self.heads(layers[-1]).numpy()
        return out[:, :-1], out[:, -1]

    def layers(self, lists: RowLists, dense: torch.Tensor, chosen: NDArray[np.int64]) -> list[torch.Tensor]:
        """What each hidden layer gives, float32[B, hidden[i]], by compiled code; call it under `torch.no_grad`.

        Args:
            dense: float32[B, D], of the chosen states.
            chosen: int64[B], numbers of states in `lists`.
        """
        first = torch.addmm(self.bias, dense, self.dense)
        add_rows(self.table.numpy(), lists, chosen, first.numpy())
        layers = [first.relu_()]
        for layer in self.trunk_layers():
            layers.append(torch.addmm(layer.bias, layers[-1], layer.weight.T).relu_())
        return layers

    def table_rows(self, sparse: torch.Tensor) -> torch.Tensor:
        """Those columns of int32[N, K] `sparse` that name rows of the table."""
        return sparse

    def trunk_layers(self) -> list[nn.Linear]:
        """The dense layers between the first layer and the heads."""
        return [layer for layer in self.trunk if isinstance(layer, nn.Linear)]

    def heads(self, x: torch.Tensor) -> torch.Tensor:
        """float32[B, A + 1], logits and behind them the value, for the last hidden layer's `x`."""
        return torch.addmm(torch.cat([self.policy.bias, self.value.bias]), x, self.heads_weight().T)

    def heads_weight(self) -> torch.Tensor:
        """float32[A + 1, H], of both heads as one."""
        return torch.cat([self.policy.weight, self.value.weight])

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


class _Linear(nn.Linear):
    """Its memory as it comes: torch's own first weights would draw from the global generator."""

    def reset_parameters(self) -> None:
        pass
