"""The reference implementation, imported past what breaks its import and has nothing to do with it."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from typing import Any

import pytest


def import_rliable() -> tuple[Any, Any]:
    """Its `library` and `metrics`; skips where it is not installed."""
    spec = importlib.util.find_spec("arch")
    if spec is None or importlib.util.find_spec("rliable") is None:
        pytest.skip("rliable is not installed")
    if "arch" not in sys.modules:
        # rliable asks for arch below 8, whose volatility models cannot be imported beside pandas 3; of arch it
        # needs the bootstrap alone, which can.
        sys.modules["arch"] = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its own imports say is not ours to put right
        from rliable import library, metrics
    return library, metrics
