"""Which things an instruction speaks of, and where they are, as part of the first layer. Twice: plain and compiled.

The score of a thing depends on what the instruction says and on what the thing is told as, and both recur: there are
few different texts and few different kinds of things, so that scores are worked out for each pair of them once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from neurosym.jit import kernel

__all__ = ["CompiledGrounding", "Heard", "ground", "hear"]

_FACTORS = np.random.default_rng(0).integers(1, 2**63 - 1, size=64, dtype=np.int64) | 1


class Heard(NamedTuple):
    """What N states hear of.

    Attributes:
        texts: int64[U, length], the different instructions; text_of: int64[N], which of them each state hears.
        kinds: int64[V, said], the different things; kind_of: int64[N, things], -1 where there is none.
        place: int64[N, things], rows of the table of places.
    """

    texts: torch.Tensor
    text_of: torch.Tensor
    kinds: torch.Tensor
    kind_of: torch.Tensor
    place: torch.Tensor

    def of(self, chosen: torch.Tensor) -> Heard:
        """What the states int64[B] `chosen` hear of."""
        return self._replace(
            text_of=self.text_of[chosen], kind_of=self.kind_of[chosen], place=self.place[chosen]
        )


def hear(things: torch.Tensor, said: torch.Tensor) -> Heard:
    """What int32[N, things, words + 1] `things`, with their places last, and int32[N, length] texts come to."""
    texts, text_of = _distinct(said)
    length = max(1, int((texts > 0).sum(1).max()) if len(texts) else 1)
    told = things[..., :-1]
    kinds, kind_of = _distinct(told.reshape(-1, told.shape[2]))
    kind_of = torch.where((kinds > 0).any(1)[kind_of], kind_of, -1)
    return Heard(texts[:, :length], text_of, kinds, kind_of.view(told.shape[:2]), things[..., -1].long())


def ground(
    scores: torch.Tensor,
    nothing: torch.Tensor,
    gates: torch.Tensor,
    shift: torch.Tensor,
    places: torch.Tensor,
    heard: Heard,
) -> torch.Tensor:
    """What N states hear adds to the first layer, float32[N, H]; by torch's own means, on any device: the definition.

    Args:
        scores: float32[U, Q, V], how well each of Q queries of a text fits a kind of thing; nothing: float32[Q], how
            well it fits nothing at all.
        gates: float32[Q, U, H], what the places that a query finds are multiplied by; shift: float32[U, H], of a text.
        places: float32[P, H], the table of places.
    """
    none = heard.kind_of < 0
    here = scores[heard.text_of[:, None], :, heard.kind_of.clamp(min=0)]
    here = here.masked_fill(none[..., None], -torch.inf).transpose(1, 2)
    weights = torch.softmax(torch.cat([here, nothing[None, :, None].expand(len(here), -1, 1)], 2), 2)[
        ..., :-1
    ]
    where = torch.einsum("nqe,neh->nqh", weights, places[heard.place])
    return shift[heard.text_of] + (where * gates.transpose(0, 1)[heard.text_of]).sum(1)


class CompiledGrounding(torch.autograd.Function):
    """The same, compiled, with its gradient; on the CPU."""

    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> torch.Tensor:
        tensors, heard = inputs[:5], inputs[5]
        scores, nothing, gates, shift, places = (tensor.detach().contiguous().numpy() for tensor in tensors)
        told = heard.text_of.numpy(), heard.kind_of.numpy(), heard.place.numpy()
        out = np.empty((len(told[0]), shift.shape[1]), np.float32)
        weights = np.zeros((len(out), len(nothing), told[1].shape[1] + 1), np.float32)
        _ground(
            scores, nothing, gates, shift, places, *told, weights, np.empty(shift.shape[1], np.float32), out
        )
        ctx.kept = scores, gates, places, told, weights
        return torch.from_numpy(out)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        scores, gates, places, told, weights = ctx.kept
        slopes = (
            np.zeros_like(scores),
            np.zeros(len(gates), np.float32),
            np.zeros_like(gates),
            np.zeros(gates.shape[1:], np.float32),
            np.zeros_like(places),
        )
        scratch = (
            np.empty(size, np.float32) for size in (*places.shape[1:], *places.shape[1:], weights.shape[2])
        )
        _ground_backward(gates, places, *told, weights, *scratch, gradients[0].contiguous().numpy(), *slopes)
        return *map(torch.from_numpy, slopes), None


def _distinct(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The different rows of int[N, L] `rows`, int64[U, L], and which of them each row is, int64[N].

    Rows are told apart by a sum with fixed random factors, modulo 2^64; sorting them whole would take far longer.
    """
    factors = torch.from_numpy(_FACTORS[: rows.shape[1]]).to(rows.device)
    sums, number = torch.unique((rows.long() * factors).sum(1), return_inverse=True)
    first = torch.zeros(len(sums), dtype=torch.int64, device=rows.device)
    first[number] = torch.arange(len(rows), device=rows.device)
    return rows[first].long(), number


@kernel(fastmath=True)
def _ground(
    scores, nothing, gates, shift, places, text_of, kind_of, place, weights, where, out
):  # pragma: no cover - compiled
    things = kind_of.shape[1]
    for n in range(out.shape[0]):
        text, total = text_of[n], out[n]
        for h in range(where.shape[0]):
            total[h] = shift[text, h]
        for q in range(nothing.shape[0]):
            share, most = weights[n, q], nothing[q]
            for e in range(things):
                if kind_of[n, e] >= 0:
                    most = max(most, scores[text, q, kind_of[n, e]])
            share[things] = np.exp(nothing[q] - most)
            whole = share[things]
            for e in range(things):
                if kind_of[n, e] >= 0:
                    share[e] = np.exp(scores[text, q, kind_of[n, e]] - most)
                    whole += share[e]
            where[:] = 0
            share[things] /= whole
            for e in range(things):
                if kind_of[n, e] >= 0:
                    share[e] /= whole
                    part, row = share[e], places[place[n, e]]
                    for h in range(where.shape[0]):
                        where[h] += part * row[h]
            gate = gates[q, text]
            for h in range(where.shape[0]):
                total[h] += gate[h] * where[h]


@kernel(fastmath=True)
def _ground_backward(
    gates,
    places,
    text_of,
    kind_of,
    place,
    weights,
    where,
    below,
    pull,
    slope,
    scores_,
    nothing_,
    gates_,
    shift_,
    places_,
):  # pragma: no cover - compiled
    """The gradients, added to what ends in an underscore."""
    things, wide = kind_of.shape[1], slope.shape[1]
    for n in range(slope.shape[0]):
        text, above = text_of[n], slope[n]
        for h in range(wide):
            shift_[text, h] += above[h]
        for q in range(gates.shape[0]):
            share, gate, gate_ = weights[n, q], gates[q, text], gates_[q, text]
            where[:] = 0
            for h in range(wide):
                below[h] = above[h] * gate[h]
            mean = np.float32(0)
            for e in range(things):
                if kind_of[n, e] >= 0:
                    part, row, row_ = share[e], places[place[n, e]], places_[place[n, e]]
                    dot = np.float32(0)
                    for h in range(wide):
                        where[h] += part * row[h]
                        dot += below[h] * row[h]
                        row_[h] += part * below[h]
                    pull[e] = dot
                    mean += part * dot
            for h in range(wide):
                gate_[h] += above[h] * where[h]
            for e in range(things):
                if kind_of[n, e] >= 0:
                    scores_[text, q, kind_of[n, e]] += share[e] * (pull[e] - mean)
            nothing_[q] -= share[things] * mean
