"""The first layer: for each state, the sum of the table rows it names. Compiled; cost follows the rows named.

Summing rows instead of multiplying by a mostly empty one-hot vector is what chess engines' efficiently
updatable networks do (Nasu 2018). The gradient is the same sum once the lists are turned around, states by row
in place of rows by state: each row is written once, and rows that nobody named cost nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import kernel

__all__ = ["RowGradient", "RowLists", "add_rows", "pack_rows"]


class RowLists(NamedTuple):
    """The rows that each of N states names, without padding.

    Attributes:
        rows: int32[M], the lists one after the other.
        bounds: int64[N + 1], list i is rows[bounds[i] : bounds[i + 1]].
    """

    rows: NDArray[np.int32]
    bounds: NDArray[np.int64]


def pack_rows(sparse: NDArray[np.int32], table_rows: int) -> RowLists:
    """The padded lists `sparse`, int32[N, K], packed.

    Raises:
        ValueError: a row number is not in a table of `table_rows` rows.
    """
    rows = np.empty(sparse.size + 1, np.int32)  # one to spare: padding at the very end is written, not kept
    bounds = np.empty(len(sparse) + 1, np.int64)
    used = _pack(np.ascontiguousarray(sparse), table_rows, rows, bounds)
    if used < 0:
        raise ValueError(
            f"rows from {sparse.min()} to {sparse.max()} are named, the table has 0 to {table_rows - 1}"
        )
    return RowLists(rows[:used], bounds)


def add_rows(
    table: NDArray[np.float32], lists: RowLists, chosen: NDArray[np.int64], out: NDArray[np.float32]
) -> None:
    """Adds to out[k], float32[B, H], the rows of `table`, float32[R, H], that state chosen[k] names."""
    _add_rows(table, lists.rows, lists.bounds, chosen, out)


class RowGradient:
    """The gradient of sums with respect to a table of R rows, for the rows that matter alone.

    Args:
        shape: (R, H) of the table.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._cursor = np.zeros(shape[0], np.int64)
        self._named = np.empty(shape[0], np.int64)
        self._bounds = np.empty(shape[0] + 1, np.int64)
        self._states = np.empty(0, np.int32)
        self._gradient = np.empty(shape, np.float32)

    def of(
        self, lists: RowLists, chosen: NDArray[np.int64], gradient: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows that `chosen` states name, and the gradient of each.

        Args:
            gradient: float32[B, H], with respect to the sums of the chosen states.

        Returns:
            int64[U], ascending, and float32[U, H]; good until the next call.
        """
        length = int((lists.bounds[chosen + 1] - lists.bounds[chosen]).sum())
        if len(self._states) < length:
            self._states = np.empty(length, np.int32)
        turn = lists.rows, lists.bounds, chosen, self._cursor, self._named, self._bounds, self._states
        count = _turn(*turn)
        result = self._gradient[:count]
        result[:] = 0
        add_rows(gradient, RowLists(self._states, self._bounds), np.arange(count), result)
        return self._named[:count], result


@kernel
def _pack(sparse, table_rows, rows, bounds):  # pragma: no cover - compiled
    """How many rows were packed, or -1 if one is out of range."""
    used, wrong = 0, False
    for i in range(sparse.shape[0]):
        bounds[i] = used
        for k in range(sparse.shape[1]):
            row = sparse[i, k]
            wrong |= (row < 0) | (row >= table_rows)
            rows[used] = row
            used += row != 0
    bounds[sparse.shape[0]] = used
    return -1 if wrong else used


@kernel(fastmath=True)
def _add_rows(table, rows, bounds, chosen, out):  # pragma: no cover - compiled
    """Four rows at a time, so that a sum is fetched and stored less often than rows are added to it."""
    for k in range(chosen.shape[0]):
        total = out[k]
        j, stop = bounds[chosen[k]], bounds[chosen[k] + 1]
        while j + 4 <= stop:
            a, b, c, d = table[rows[j]], table[rows[j + 1]], table[rows[j + 2]], table[rows[j + 3]]
            for h in range(total.shape[0]):
                total[h] += (a[h] + b[h]) + (c[h] + d[h])
            j += 4
        while j < stop:
            a = table[rows[j]]
            for h in range(total.shape[0]):
                total[h] += a[h]
            j += 1


@kernel
def _turn(rows, bounds, chosen, cursor, named, turned, states):  # pragma: no cover - compiled
    """A counting sort: `states[turned[u] : turned[u + 1]]` become the places in `chosen` that name `named[u]`."""
    cursor[:] = 0
    for i in chosen:
        for j in range(bounds[i], bounds[i + 1]):
            cursor[rows[j]] += 1
    count, used = 0, 0
    for row in range(cursor.shape[0]):
        if cursor[row] > 0:
            named[count], turned[count] = row, used
            count += 1
            used += cursor[row]
            cursor[row] = turned[count - 1]
    turned[count] = used
    for k in range(chosen.shape[0]):
        for j in range(bounds[chosen[k]], bounds[chosen[k] + 1]):
            states[cursor[rows[j]]] = k
            cursor[rows[j]] += 1
    return count
