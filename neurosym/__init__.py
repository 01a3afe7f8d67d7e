"""Plan in symbols, say each step in words, act by options learned with reinforcement.

Importing this package costs next to nothing: what is heavy is imported when it is first asked for.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosym.agent import load
    from neurosym.wrapper import PlanGuided

__all__ = ["PlanGuided", "__version__", "load"]

__version__ = "0.1.0"

_HOMES = {"PlanGuided": "neurosym.wrapper", "load": "neurosym.agent"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _can_write(folder: str) -> bool:
    """Whether this folder, or the nearest one above it that exists, can be written to."""
    while not os.path.exists(folder):  # noqa: PTH110  pathlib would cost more than this whole import
        folder = os.path.dirname(folder)  # noqa: PTH120
    return os.access(folder, os.W_OK | os.X_OK)


def _find_place_for_compiled_code(package: str, user_cache: str) -> None:
    """Give numba a folder of its own, for this process, where it could keep compiled code nowhere else.

    It would refuse to compile at all with an installed package that is read-only and a user without a home.
    """
    if "NUMBA_CACHE_DIR" in os.environ or _can_write(package) or _can_write(user_cache):
        return
    import atexit
    import shutil
    import tempfile

    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="neurosym-")
    atexit.register(shutil.rmtree, os.environ["NUMBA_CACHE_DIR"], ignore_errors=True)


_find_place_for_compiled_code(
    __path__[0],
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),  # noqa: PTH111
)
