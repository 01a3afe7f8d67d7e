"""How the kernels of the worlds are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "forceinline": True,
    "_nrt": False,
}


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a kernel that allocates nothing, reads the arrays it is given and trusts its indices.

    Without numba's run time (`_nrt`) no reference is counted: those atomic increments took nine tenths of a step.
    Kernels are small and call one another for every world, so all are inlined. Compiled code is kept beside the file of
    the kernel that is called from Python; numba does not notice when only a callee in another file changes.
    """
    return numba.njit(**_OPTIONS)(function)


__all__ = ["compiled"]
