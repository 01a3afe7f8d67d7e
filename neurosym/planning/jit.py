"""How this package's planning kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["inner", "kernel"]

_UNCOUNTED: dict[str, Any] = {"_nrt": False}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile an entry point that allocates nothing and returns no array, and keep its machine code on disk.

    The kernels pass tuples of many arrays around, and counting references to each of them at every call
    took nine tenths of the time. Arrays that are only read and written need no counting, so it is switched
    off; a numba that does not know this option compiles the same code, only slower.
    """
    try:
        return njit(cache=True, **_UNCOUNTED)(function)
    except (KeyError, TypeError):
        return njit(cache=True)(function)


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of kernels into each of its callers: to pass those tuples costs more than most parts do."""
    try:
        return njit(forceinline=True, **_UNCOUNTED)(function)
    except (KeyError, TypeError):
        return njit()(function)
