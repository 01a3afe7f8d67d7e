"""Which level seeds are for what. Standard library only."""

from __future__ import annotations

__all__ = ["EVALUATION_SEED"]

EVALUATION_SEED = 1_000_000
"""The first for evaluation. Training stays below it, so no seed serves both."""
