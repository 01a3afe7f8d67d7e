"""A network that is told what to do in words alone, and finds what they speak of among the things in view."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurosym.options.features import Features
from neurosym.options.grounding import CompiledGrounding, Heard, ground, hear
from neurosym.options.hearing import HearingSpec
from neurosym.options.network import OptionNetwork
from neurosym.options.table import RowLists, add_rows, pack_rows

__all__ = ["HearingNetwork"]

EMBEDDING, MEMORY, HEADS = 32, 64, 2
_SHARPNESS = 4.0  # of attention at first: two words in common weigh some fifty times as much as none


class HearingNetwork(OptionNetwork):
    """Features as `HearingSpec` has them to action logits and a value.

    The words of an instruction go through a gated recurrent unit (Cho et al. 2014), which tells for each of HEADS
    queries how much each word counts for it. A thing is the sum of the embeddings of the words that tell what it is, a
    query that of the words that count; their product says how much the thing is attended to (Bahdanau et al. 2015),
    against nothing at all. The places of things, so weighed, enter the first layer beside what is around, each of its
    numbers multiplied by one that depends on the instruction (Perez et al. 2018, "FiLM"). What comes after the first
    layer is as in `OptionNetwork`.

    Args:
        hearing: sizes of the features, and the vocabulary.
        hidden, seed: as `OptionNetwork` takes them.
    """

    def __init__(
        self, hearing: HearingSpec, hidden: Sequence[int] = (128, 128), seed: int | None = 0
    ) -> None:
        super().__init__(hearing.features, hidden, seed)
        self.hearing: HearingSpec = hearing
        self.words = nn.Parameter(torch.empty(hearing.numbers, EMBEDDING))
        self.places = nn.Parameter(torch.empty(hearing.places, hidden[0]))
        self.inward = nn.Parameter(torch.empty(3 * MEMORY, EMBEDDING))
        self.onward = nn.Parameter(torch.empty(3 * MEMORY, MEMORY))
        self.unit_bias = nn.Parameter(torch.empty(2, 3 * MEMORY))
        self.counts = nn.Parameter(torch.empty(MEMORY, HEADS))
        self.match = nn.Parameter(torch.empty(HEADS, EMBEDDING, EMBEDDING))
        self.nothing = nn.Parameter(torch.empty(HEADS))
        self.gain = nn.Parameter(torch.empty(HEADS, hidden[0]))
        self.gate = nn.Parameter(torch.empty(HEADS, MEMORY, hidden[0]))
        self.shift = nn.Parameter(torch.empty(MEMORY, hidden[0]))
        if seed is not None:
            self._initialise_hearing(torch.Generator().manual_seed(seed + 1))

    def forward(self, sparse: torch.Tensor, dense: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits float32[N, A] and values float32[N] for `sparse` int32[N, K] and `dense` float32[N, D].

        By torch's own means, with gradients, on any device: the definition.
        """
        rows = nn.functional.embedding_bag(self.table_rows(sparse), self.table, mode="sum", padding_idx=0)
        return self.decide(rows, dense, self.hear(sparse), ground)

    def evaluate(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.spec.check(features)
        sparse = torch.from_numpy(features.sparse)
        lists = pack_rows(features.sparse[:, : self.hearing.width], self.hearing.rows)
        everyone = np.arange(len(features))
        with torch.no_grad():
            rows = self.sum_rows(lists, everyone)
            out = self.decide(
                rows, torch.from_numpy(features.dense), self.hear(sparse), CompiledGrounding.apply
            )
        return out[0].numpy(), out[1].numpy()

    def table_rows(self, sparse: torch.Tensor) -> torch.Tensor:
        return sparse[:, : self.hearing.width]

    def hear(self, sparse: torch.Tensor) -> Heard:
        """What int32[N, K] `sparse` tells in words."""
        spec = self.hearing
        things = sparse[:, spec.width : spec.described].reshape(-1, spec.things, spec.said + 1)
        return hear(things, sparse[:, spec.described :])

    def sum_rows(self, lists: RowLists, chosen: NDArray[np.int64]) -> torch.Tensor:
        """float32[B, H], the sum of the table rows that the states `chosen` name; compiled, without gradient."""
        rows = np.zeros((len(chosen), self.hidden[0]), np.float32)
        add_rows(self.table.detach().numpy(), lists, chosen, rows)
        return torch.from_numpy(rows)

    def decide(
        self, rows: torch.Tensor, dense: torch.Tensor, heard: Heard, grounding: Callable[..., torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and values, from what the table says of each state, its dense vector, and what it hears.

        Args:
            grounding: `ground` or its compiled form.
        """
        memory, queries = self.listen(heard.texts)
        keys = nn.functional.embedding(heard.kinds, self.words, padding_idx=0).sum(1)
        scores = torch.einsum("uqi,qij,vj->uqv", queries, self.match, keys)
        gates = self.gain[:, None] + torch.einsum("um,qmh->quh", memory, self.gate)
        told = grounding(scores, self.nothing, gates, memory @ self.shift, self.places, heard)
        x = torch.relu(rows + told + torch.addmm(self.bias, dense, self.dense))
        for layer in self.trunk:
            x = torch.relu(layer(x))
        return self.policy(x), self.value(x).squeeze(1)

    def listen(self, texts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What is kept of int64[U, L] texts, float32[U, MEMORY], and their queries, float32[U, HEADS, EMBEDDING]."""
        spoken = nn.functional.embedding(texts, self.words, padding_idx=0)
        heard = (texts > 0).float()[..., None]
        inward = spoken @ self.inward.T + self.unit_bias[0]
        memory, counts = spoken.new_zeros(len(texts), MEMORY), []
        for t in range(texts.shape[1]):
            memory = memory + heard[:, t] * (self._remember(inward[:, t], memory) - memory)
            counts.append(heard[:, t] * torch.sigmoid(memory @ self.counts))
        return memory, torch.einsum("utq,uti->uqi", torch.stack(counts, 1), spoken)

    def _remember(self, inward: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        """The next memory, by torch's own equations of a gated recurrent unit."""
        onward = memory @ self.onward.T + self.unit_bias[1]
        (r, z, n), (hr, hz, hn) = inward.chunk(3, 1), onward.chunk(3, 1)
        z = torch.sigmoid(z + hz)
        return z * memory + (1 - z) * torch.tanh(n + torch.sigmoid(r + hr) * hn)

    @torch.no_grad()
    def _initialise_hearing(self, generator: torch.Generator) -> None:
        self.words.normal_(0.0, EMBEDDING**-0.5, generator=generator)[0].zero_()
        self.places.normal_(0.0, 0.3, generator=generator)[0].zero_()
        self.table.mul_(math.sqrt(self.spec.width / self.hearing.width))
        for weight in (self.inward, self.onward, self.counts):
            bound = MEMORY**-0.5
            weight.uniform_(-bound, bound, generator=generator)
        self.inward.mul_(math.sqrt(EMBEDDING))
        self.unit_bias.zero_()
        self.match.copy_(_SHARPNESS * torch.eye(EMBEDDING).expand(HEADS, -1, -1))
        self.nothing.zero_()
        self.gain.normal_(0.0, 1.0, generator=generator)
        self.gain[0].fill_(1.0)
        self.gate.normal_(0.0, 0.1, generator=generator)
        self.shift.normal_(0.0, MEMORY**-0.5, generator=generator)
