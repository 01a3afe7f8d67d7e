"""The first layer: for each state, the sum of the table rows it names. Compiled; cost follows the rows named.

Summing rows instead of multiplying by a mostly empty one-hot vector is what chess engines' efficiently
updatable networks do (Nasu 2018). Forward is torch's `embedding_bag` on lists without padding; backward is
a compiled scatter, about ten times as fast here as `embedding_bag`'s own (see docs/learning.md).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["RowLists", "pack_rows", "sum_rows"]


class RowLists(NamedTuple):
    """The rows that each of N states names, without padding.

    Attributes:
        rows: int32[M], the lists one after the other.
        starts: int32[N], where each list begins.
    """

    rows: torch.Tensor
    starts: torch.Tensor


def pack_rows(sparse: NDArray[np.int32], chosen: NDArray[np.int64] | None = None) -> RowLists:
    """The padded lists `sparse`, int32[N, K], packed; only the `chosen` states, in that order, if given."""
    count = len(sparse) if chosen is None else len(chosen)
    rows = np.empty(count * sparse.shape[1], np.int32)
    starts = np.empty(count, np.int32)
    chosen = np.arange(count) if chosen is None else chosen
    used = _pack(np.ascontiguousarray(sparse), chosen, rows, starts)
    return RowLists(torch.from_numpy(rows[:used]), torch.from_numpy(starts))


def sum_rows(table: torch.Tensor, lists: RowLists) -> torch.Tensor:
    """float32[N, H], the sum of the rows of `table` that each list names; zeros for an empty list.

    Args:
        table: float32[R, H], contiguous.

    Raises:
        RuntimeError: a row number is outside the table.
    """
    return _RowSum.apply(table, lists.rows, lists.starts)  # pyright: ignore[reportReturnType]


class _RowSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, table: torch.Tensor, rows: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(rows, starts)
        ctx.shape = table.shape
        return torch.nn.functional.embedding_bag(rows, table.detach(), starts, mode="sum")

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        rows, starts = ctx.saved_tensors
        table_grad = torch.zeros(ctx.shape)
        _scatter(rows.numpy(), starts.numpy(), grads[0].contiguous().numpy(), table_grad.numpy())
        return table_grad, None, None


@numba.njit(cache=True)
def _pack(sparse, chosen, rows, starts):  # pragma: no cover - compiled
    used = 0
    for i in range(chosen.shape[0]):
        starts[i] = used
        for row in sparse[chosen[i]]:
            if row != 0:
                rows[used] = row
                used += 1
    return used


@numba.njit(cache=True, fastmath=True)
def _scatter(rows, starts, grad, table_grad):  # pragma: no cover - compiled
    for i in range(starts.shape[0]):
        stop = starts[i + 1] if i + 1 < starts.shape[0] else rows.shape[0]
        for j in range(starts[i], stop):
            row = rows[j]
            for c in range(grad.shape[1]):
                table_grad[row, c] += grad[i, c]
