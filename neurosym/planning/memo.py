"""Results remembered by the identity of what they were made from, for as long as that lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["IdentityMemo"]

Value = TypeVar("Value")


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
