"""Plan in symbols, say each step in words, act by options learned with reinforcement.

Importing this package costs next to nothing: what is heavy is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosym.agent import load

__all__ = ["__version__", "load"]

__version__ = "0.1.0"

_HOMES = {"load": "neurosym.agent"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
