"""How kernels are compiled with numba, everywhere, and when machine code that was kept on disk is good no more.

numba keeps the code of a function that Python calls, and compiles it anew when the file of that function changes. What
the function calls or reads from other files it does not look at; so here a digest of all that goes into the names of
the kept files.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numba.core.cpu import CPUTargetOptions
from numba.extending import is_jitted

__all__ = ["inner", "kernel"]

_MARKS = (
    b"neurosym.jit",
    b"NamedTuple",
)  # in files that hold kernels, or say in what order their arguments lie
_CONSTANT = (bool, int, float, str, bytes, tuple, np.generic)

_stamps: dict[str, str] = {}  # by module


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Compile a function that Python calls, once for each combination of types, and keep its machine code on disk.

    It must not allocate, nor return an array, and its indices are trusted. Kernels take tuples of many arrays, and
    to count references to each of them at every call took nine tenths of the time, so none are counted. Division by
    zero gives infinity or 0, as numpy has it. Other threads may run meanwhile.

    Args:
        options: more of `numba.njit`, such as fastmath=True.
    """
    if function is None:
        return lambda function: kernel(function, **options)
    known = function.__globals__["__name__"] in _stamps
    name, stamp = function.__qualname__, _stamp(function.__globals__)
    function.__qualname__ = f"{name}-{stamp}"  # what numba names its files after
    try:
        compiled = _compile(function, cache=True, nogil=True, error_model="numpy", **options)
    finally:
        function.__qualname__ = name
    if not known and is_jitted(compiled):
        folder: str = compiled.stats.cache_path  # type: ignore[assignment]
        _sweep(Path(folder), Path(function.__code__.co_filename).stem, stamp)
    return compiled


def inner(function: Callable[..., Any]) -> Any:
    """Compile a part of kernels into each of its callers: to pass those tuples costs more than most parts do.

    What is said of `kernel` holds here too, except that nothing is kept on disk.
    """
    return _compile(function, forceinline=True, error_model="numpy")


def _uncounted(known: type) -> dict[str, Any]:
    """Not to count references; where numba's `known` options do not say how, the same code runs, only slower."""
    return {"_nrt": False} if hasattr(known, "_nrt") else {}


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    return numba.njit(**_uncounted(CPUTargetOptions), **options)(function)


def _stamp(scope: dict[str, Any]) -> str:
    """A digest of all that kernels of a module can have in them, made when the first is compiled.

    That is the text of every file beside it that has to do with kernels, the constants in its scope, and the same of
    the modules whose kernels it has imported by then.
    """
    name = scope["__name__"]
    if name not in _stamps:
        digest = hashlib.sha256(_texts(Path(scope["__file__"]).parent))
        for key, value in sorted(scope.items()):
            if not key.startswith("__"):
                digest.update(f"{key} {_telling(value, scope)}\n".encode())
        _stamps[name] = digest.hexdigest()[:16]
    return _stamps[name]


def _telling(value: Any, scope: dict[str, Any]) -> str:
    """What a kernel may have in it of something in its scope."""
    if isinstance(value, _CONSTANT):
        return repr(value)
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, ModuleType):
        return _stamp(vars(value)) if value.__package__ == scope["__package__"] else ""
    if is_jitted(value):
        home = value.py_func.__globals__
        return "" if home is scope else _stamp(home)
    return ""


@cache
def _texts(folder: Path) -> bytes:
    """A digest of this file and of those in a folder that have to do with kernels; unreadable ones do not count."""
    digest = hashlib.sha256()
    for path in [Path(__file__), *sorted(folder.glob("*.py"))]:
        with contextlib.suppress(OSError):
            text = path.read_bytes()
            if any(mark in text for mark in _MARKS):
                digest.update(hashlib.sha256(text).digest())
    return digest.digest()


def _sweep(folder: Path, stem: str, stamp: str) -> None:
    """Delete what was kept of a file's kernels under other stamps. Another process may do so at the same time."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{stem}.*.nb[ic]"):
            if stamp not in path.name:
                path.unlink(missing_ok=True)
