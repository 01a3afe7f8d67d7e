"""An ablation's report: what was asked, the answer with its interval, and everything it rests on."""

from neurosym.ablation.report.facts import ReportFacts
from neurosym.ablation.report.write import write_report

__all__ = ["ReportFacts", "write_report"]
