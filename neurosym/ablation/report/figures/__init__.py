"""The figures of a report, each an SVG that stands in the page and as a file."""

from __future__ import annotations

from neurosym.ablation.report.figures.curves import draw_curves, draw_profiles
from neurosym.ablation.report.figures.failures import draw_failures
from neurosym.ablation.report.figures.frame import Figure
from neurosym.ablation.report.figures.intervals import draw_aggregates, draw_improvement, draw_milestones
from neurosym.ablation.report.summary import Summary

__all__ = ["Figure", "draw_figures"]


def draw_figures(summary: Summary) -> list[Figure]:
    """Every figure, in the order of the page."""
    figures = [draw_curves(summary, task) for task in summary.tasks]
    if summary.aggregates:
        figures += [draw_aggregates(summary), draw_profiles(summary)]
        figures += [draw_improvement(summary)] if len(summary.aggregates) > 1 else []
    figures += [draw_milestones(summary, task) for task in summary.tasks]
    figures += [draw_failures(summary, task) for task in summary.tasks]
    return figures
