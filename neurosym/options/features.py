"""What a policy sees, as arrays: for each state a list of table rows and a short dense vector. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["FeatureSpec", "Features"]

PADDING = 0
"""The row that pads short lists. It stands for nothing: it adds nothing and is never learned."""


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """The sizes a policy and its features must agree on.

    Attributes:
        rows: rows of the table, the padding row 0 included; at least 2.
        width: the most rows that one state can name (K); at least 1.
        dense: length of the dense vector (D); may be 0.
        actions: number of primitive actions; at least 1.

    Raises:
        ValueError: a size is out of range.
    """

    rows: int
    width: int
    dense: int
    actions: int

    def __post_init__(self) -> None:
        for name, least in (("rows", 2), ("width", 1), ("dense", 0), ("actions", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")

    def empty(self, count: int) -> Features:
        """`count` states with no row named and a dense vector of zeros."""
        return Features(
            np.full((count, self.width), PADDING, np.int32), np.zeros((count, self.dense), np.float32)
        )

    def check(self, features: Features) -> None:
        """ValueError unless the widths of `features` are the ones named here."""
        found, wanted = (features.sparse.shape[1], features.dense.shape[1]), (self.width, self.dense)
        if found != wanted:
            raise ValueError(f"sparse and dense features are {found} wide, expected {wanted}")


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The features of a batch of N states.

    Attributes:
        sparse: int32[N, K], rows of the table in any order; 0 is padding and may stand anywhere.
        dense: float32[N, D], of order one.

    Raises:
        ValueError: a shape or dtype is not as above.
    """

    sparse: NDArray[np.int32]
    dense: NDArray[np.float32]

    def __post_init__(self) -> None:
        for name, array, dtype in (("sparse", self.sparse, np.int32), ("dense", self.dense, np.float32)):
            if array.ndim != 2 or array.dtype != dtype:
                wanted = np.dtype(dtype).name
                raise ValueError(f"{name} must be {wanted} with 2 axes, got {array.dtype}{list(array.shape)}")
        if len(self.sparse) != len(self.dense):
            raise ValueError(f"sparse holds {len(self.sparse)} states but dense holds {len(self.dense)}")

    def __len__(self) -> int:
        return len(self.sparse)

    def __getitem__(self, index: Any) -> Features:
        """The chosen states, by number, slice, mask or array; one number gives a batch of one."""
        chosen: Any = [index] if isinstance(index, int | np.integer) else index
        return Features(self.sparse[chosen], self.dense[chosen])

    @classmethod
    def concatenate(cls, parts: Sequence[Features]) -> Features:
        """The states of all parts, one after the other."""
        sparse = np.concatenate([part.sparse for part in parts])
        return cls(cast("NDArray[np.int32]", sparse), np.concatenate([part.dense for part in parts]))
