"""The methods that an ablation compares, in one table; see docs/ablation-methods.md."""

import neurosym.ablation.methods.table  # noqa: F401  enters them
from neurosym.ablation.methods.registry import METHODS, Contender, Method, Trial, method

__all__ = ["METHODS", "Contender", "Method", "Trial", "method"]
