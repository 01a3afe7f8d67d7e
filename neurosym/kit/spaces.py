"""Values of Gymnasium spaces as a policy's inputs: table rows for discrete parts, numbers of order one for others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from gymnasium import Space, spaces
from numpy.typing import NDArray

from neurosym.errors import DomainError
from neurosym.options.features import FeatureSpec

__all__ = ["Encoder", "Path", "choices", "leaves", "reach"]

MOST_PARTS = 4096  # of one space; an image wants features of its own
MOST_VALUES = 256  # of an integer Box that is still taken as discrete
MISSION = "mission"  # words are for the translator

Path = tuple[Any, ...]
"""Keys and places that lead to a part of a space, and to that part of a value."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part of a space.

    Attributes:
        path: keys and places that lead to it.
        sizes: how many values each of its discrete entries has; empty if it is made of numbers.
        starts: the least value of each entry.
        low, high: float64 bounds of its numbers, infinite where there is none.
    """

    path: Path
    sizes: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None


class Encoder:
    """Turns values of a space into sparse and dense features.

    Discrete, MultiDiscrete, MultiBinary and small integer Boxes give one table row for each entry, which says entry and
    value. Other Boxes give numbers: scaled to [-1, 1] where they are bounded, sign(x) log(1 + |x|) where they are not.
    Dict and Tuple are the parts one after the other; words under the key `mission` are left out.

    Args:
        space: what the values are of.
        name: how to call the space in errors.

    Attributes:
        rows: table rows used, the padding row 0 included; width: rows that one value names; dense: its numbers.

    Raises:
        DomainError: a part is of a kind that is not handled, or there are too many.
    """

    def __init__(self, space: Space[Any], name: str = "the observation space") -> None:
        try:
            self._leaves = tuple(_leaf(part, path) for path, part in leaves(space, name))
        except DomainError as error:
            raise DomainError(f"{error}; write features() and feature_space for others") from None
        sizes = [size for leaf in self._leaves for size in leaf.sizes]
        self._offsets = [1, *(1 + total for total in accumulate(sizes))]
        self.rows, self.width = self._offsets[-1], len(sizes)
        self.dense = sum(leaf.low.size for leaf in self._leaves if leaf.low is not None)
        self._name = name
        if self.width + self.dense > MOST_PARTS:
            raise DomainError(
                f"{name} has {self.width + self.dense} entries, more than {MOST_PARTS}: write features() and "
                "feature_space for it"
            )

    def spec(self, actions: int) -> FeatureSpec:
        """The sizes, for a policy with so many actions."""
        return FeatureSpec(max(self.rows, 2), max(self.width, 1), self.dense, actions)

    def write(self, value: Any, sparse: NDArray[np.int32], dense: NDArray[np.float32]) -> None:
        """Write one value into int32[K] and float32[D].

        Raises:
            DomainError: the value is not of the space.
        """
        rows: list[int] = []
        number = 0
        for leaf in self._leaves:
            part = reach(value, leaf.path)
            if leaf.low is None:
                self._tell(rows, part, leaf, value)
            else:
                scaled = _scale(np.asarray(part, dtype=np.float64).reshape(-1), leaf)
                dense[number : number + len(scaled)] = scaled
                number += len(scaled)
        sparse[:] = rows

    def _tell(self, rows: list[int], part: Any, leaf: _Leaf, value: Any) -> None:
        """Append a row for each entry. Lists, since most parts are so short that arrays would cost more."""
        codes = part if isinstance(part, list | tuple) else np.asarray(part).reshape(-1).tolist()
        if len(codes) != len(leaf.sizes):
            raise DomainError(f"{value!r} is not a value of {self._name}")
        for code, size, start in zip(codes, leaf.sizes, leaf.starts, strict=True):
            if not start <= code < start + size:
                raise DomainError(f"{value!r} is not a value of {self._name}")
            rows.append(self._offsets[len(rows)] + int(code) - start)


_HANDLED = (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary, spaces.Box, spaces.Dict, spaces.Tuple)


def leaves(space: Space[Any], name: str = "the observation space") -> Iterator[tuple[Path, Space[Any]]]:
    """The parts of Dict and Tuple spaces, or the space itself; words under the key `mission` are left out.

    Raises:
        DomainError: a part is of a kind that is not handled.
    """
    yield from _leaves(space, (), name)


def reach(value: Any, path: Path) -> Any:
    """The part of a space's value that a path leads to."""
    for key in path:
        value = value[key]
    return value


def _leaves(space: Space[Any], path: Path, name: str) -> Iterator[tuple[Path, Space[Any]]]:
    if isinstance(space, spaces.Dict):
        for key, part in space.spaces.items():
            if key != MISSION or isinstance(part, _HANDLED):
                yield from _leaves(part, (*path, key), name)
    elif isinstance(space, spaces.Tuple):
        for place, part in enumerate(space.spaces):
            yield from _leaves(part, (*path, place), name)
    elif isinstance(space, _HANDLED):
        yield path, space
    else:
        place = "".join(f"[{key!r}]" for key in path)
        raise DomainError(
            f"{name}{place} is a {type(space).__name__} space: Box, Discrete, MultiDiscrete, MultiBinary, Dict and "
            "Tuple are handled"
        )


def _leaf(space: Space[Any], path: Path) -> _Leaf:
    if isinstance(space, spaces.Box):
        return _box(space, path)
    sizes, starts = choices(space)
    return _Leaf(path, tuple(sizes.tolist()), tuple(starts.tolist()))


def choices(space: Space[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each entry of a Discrete, MultiDiscrete or MultiBinary space, how many values and the least; int64[K] both."""
    if isinstance(space, spaces.Discrete):
        return np.array([space.n]), np.array([space.start])
    if isinstance(space, spaces.MultiDiscrete):
        return space.nvec.reshape(-1), np.asarray(space.start).reshape(-1)
    entries = int(np.prod(space.shape or ()))
    return np.full(entries, 2), np.zeros(entries, np.int64)


def _box(space: spaces.Box, path: Path) -> _Leaf:
    low = np.asarray(space.low, dtype=np.float64).reshape(-1)
    high = np.asarray(space.high, dtype=np.float64).reshape(-1)
    if np.issubdtype(space.dtype, np.integer) and (high - low < MOST_VALUES).all():
        sizes = tuple(int(n) for n in high - low + 1)
        return _Leaf(path, sizes, tuple(int(least) for least in low))
    return _Leaf(path, low=low, high=high)


def _scale(numbers: NDArray[np.float64], leaf: _Leaf) -> NDArray[np.float32]:
    assert leaf.low is not None
    assert leaf.high is not None
    bounded = np.isfinite(leaf.low) & np.isfinite(leaf.high) & (leaf.high > leaf.low)
    bounded &= np.abs(leaf.high - leaf.low) < 1e6  # such bounds only say that there are none
    low, high = np.where(bounded, leaf.low, 0.0), np.where(bounded, leaf.high, 1.0)
    free = np.sign(numbers) * np.log1p(np.abs(numbers))
    return np.where(bounded, 2 * (numbers - low) / (high - low) - 1, free).astype(np.float32)
