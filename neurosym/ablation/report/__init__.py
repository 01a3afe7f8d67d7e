"""An ablation's report: what was asked, the answer with its interval, and everything it rests on."""

from neurosym.ablation.report.facts import ReportFacts
from neurosym.ablation.report.write import read_cells, write_report

__all__ = ["ReportFacts", "read_cells", "write_report"]
