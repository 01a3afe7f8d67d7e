"""Results remembered: the latest ones, or by the identity of what they were made from."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["IdentityMemo", "RecentlyUsed"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class RecentlyUsed(OrderedDict[Key, Value]):
    """At most `size` results; the one not used for longest goes first. Read it with `find`.

    Raises:
        ValueError: the size is below 1.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"the size must be 1 or more, got {size}")
        super().__init__()
        self.size = size

    def find(self, key: Key) -> Value | None:
        """What was kept under `key`, if it still is."""
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def keep(self, key: Key, value: Value) -> None:
        self[key] = value
        if len(self) > self.size:
            self.popitem(last=False)


class IdentityMemo(Generic[Value]):
    """`make(key)` once for each object: hashing a whole domain each time would cost more than planning.

    What is made must not refer to the object, or neither is ever let go.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self._values: dict[int, Value] = {}

    def __call__(self, key: Any) -> Value:
        number = id(key)
        try:
            return self._values[number]
        except KeyError:
            value = self._make(key)
            self._values[number] = value
            weakref.finalize(key, self._values.pop, number, None).atexit = False
            return value

    def __len__(self) -> int:
        return len(self._values)
