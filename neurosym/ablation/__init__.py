"""Ablations: the same learner with and without the plan, cell by cell, with statistics and a report."""

from neurosym.ablation.records import CellKey, CellOrder, CellRecord, CurvePoint, Spent

__all__ = ["CellKey", "CellOrder", "CellRecord", "CurvePoint", "Spent"]
