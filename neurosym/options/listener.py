"""A network that is told what to do in words alone, and finds what they speak of among the things in view."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurosym.options.features import Features
from neurosym.options.hearing import HearingSpec
from neurosym.options.network import OptionNetwork

__all__ = ["HearingNetwork"]

EMBEDDING, MEMORY, HEADS = 32, 64, 2
_SHARPNESS = 4.0  # of attention at first: two words in common weigh some fifty times as much as none


class HearingNetwork(OptionNetwork):
    """Features as `HearingSpec` has them to action logits and a value.

    The words of an instruction go through a gated recurrent unit (Cho et al. 2014), which tells for each of HEADS queries
    how much each word counts for it. A thing is the sum of the embeddings of the words that tell what it is, and a query
    that of the words that count; their product says how much the thing is attended to (Bahdanau et al. 2015), against
    nothing at all. The places of things, so weighed, enter the first layer beside what is around, each of its numbers
    multiplied by one that depends on the instruction (Perez et al. 2018, "FiLM"). What is after the first layer is as in
    `OptionNetwork`.

    Args:
        hearing: sizes of the features, and the vocabulary.
        hidden, seed: as `OptionNetwork` takes them.
    """

    def __init__(
        self, hearing: HearingSpec, hidden: Sequence[int] = (128, 128), seed: int | None = 0
    ) -> None:
        super().__init__(hearing.features, hidden, seed)
        self.hearing = hearing
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
        """Logits float32[N, A] and values float32[N] for `sparse` int32[N, K] and `dense` float32[N, D]."""
        spec = self.hearing
        around, things, said = sparse.split([spec.width, spec.described - spec.width, spec.length], 1)
        x = nn.functional.embedding_bag(around, self.table, mode="sum", padding_idx=0)
        x = x + dense @ self.dense + self.bias
        texts, text_of = _distinct(said)
        memory, queries = self.listen(texts)
        x = x + (memory @ self.shift)[text_of]
        things = things.reshape(len(sparse), spec.things, spec.said + 1)
        attended = self.attend(queries, text_of, things[..., :-1])
        place = things[..., -1].contiguous()
        for head in range(HEADS):
            weights = attended[:, head].contiguous()
            where = nn.functional.embedding_bag(
                place, self.places, mode="sum", padding_idx=0, per_sample_weights=weights
            )
            gates = self.gain[head] + memory @ self.gate[head]
            x = x + where * gates[text_of]
        x = torch.relu(x)
        for layer in self.trunk:
            x = torch.relu(layer(x))
        return self.policy(x), self.value(x).squeeze(1)

    def listen(self, texts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What is kept of int[U, length] texts, float32[U, MEMORY], and their queries, float32[U, HEADS, EMBEDDING]."""
        spoken = nn.functional.embedding(texts, self.words, padding_idx=0)
        heard = (texts > 0).float()[..., None]
        inward = spoken @ self.inward.T + self.unit_bias[0]
        memory, queries = spoken.new_zeros(len(texts), MEMORY), spoken.new_zeros(len(texts), HEADS, EMBEDDING)
        for t in range(texts.shape[1]):
            memory = memory + heard[:, t] * (self._remember(inward[:, t], memory) - memory)
            counts = heard[:, t] * torch.sigmoid(memory @ self.counts)
            queries = queries + counts[..., None] * spoken[:, t, None]
        return memory, queries

    def attend(self, queries: torch.Tensor, text_of: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
        """float32[N, HEADS, things], how much each thing is attended to; what is missing to 1 goes to nothing.

        Args:
            queries: float32[U, HEADS, EMBEDDING] of the distinct texts; int64[N] `text_of`: which is whose.
            told: int32[N, things, said], words that tell what things are.
        """
        kinds, kind_of = _distinct(told.flatten(0, 1))
        keys = nn.functional.embedding(kinds, self.words, padding_idx=0).sum(1)
        scores = torch.einsum("uhi,hij,kj->uhk", queries, self.match, keys)
        kind_of = kind_of.view(told.shape[:2])
        here = scores[text_of[:, None], :, kind_of].transpose(1, 2)
        here = here.masked_fill((kinds > 0).any(1).logical_not()[kind_of][:, None], -torch.inf)
        nothing = self.nothing[None, :, None].expand(len(here), -1, 1)
        return torch.softmax(torch.cat([here, nothing], 2), 2)[..., :-1]

    def evaluate(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.spec.check(features)
        with torch.no_grad():
            logits, values = self(torch.from_numpy(features.sparse), torch.from_numpy(features.dense))
        return logits.numpy(), values.numpy()

    def table_rows(self, sparse: torch.Tensor) -> torch.Tensor:
        return sparse[:, : self.hearing.width]

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


def _distinct(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The different rows of int[N, L] `rows`, int64[U, L], and which of them each row is, int64[N].

    Rows are told apart by a sum with fixed random factors, modulo 2^64; sorting them whole would take far longer.
    """
    generator = torch.Generator().manual_seed(0)
    factors = torch.randint(-(2**62), 2**62, (rows.shape[1],), generator=generator).to(rows.device)
    sums, number = torch.unique((rows.long() * factors).sum(1), return_inverse=True)
    first = torch.full((len(sums),), len(rows), dtype=torch.int64, device=rows.device)
    first.scatter_reduce_(0, number, torch.arange(len(rows), device=rows.device), "amin")
    return rows[first].long(), number
