"""Ablations: the same learner with and without the plan, cell by cell, with statistics and a report."""
