"""Stacked bars: what failures are blamed on."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from neurosym.ablation.report.figures.frame import (
    TOP,
    WIDTH,
    Figure,
    draw_row_names,
    margin,
    rows_plot,
    runs_on,
    wrap,
)
from neurosym.ablation.report.summary import Summary, TaskRuns
from neurosym.ablation.report.svg import Pen, Plot, Scale, text_width
from neurosym.ablation.report.wording import say_percent, say_share
from neurosym.evaluation import CAUSES

__all__ = ["draw_failures"]


def draw_failures(summary: Summary, task: str) -> Figure:
    """A bar for each method, a part for each cause."""
    runs, pen = runs_on(summary, task), Pen()
    left, top = margin(list(runs)), TOP + 18
    most = max((sum(each.failures.values()) for each in runs.values()), default=0) or 0.05
    plot = rows_plot(Scale(0, min(1, most * 1.05), left + 14, WIDTH - 64), top, len(runs))
    _draw_causes(pen, plot.x.left)
    plot.draw_grid(pen, say_percent, with_y=False)
    draw_row_names(summary, pen, list(runs), top)
    for row, (name, each) in enumerate(runs.items()):
        pen.begin(f'data-method="{escape(name)}"')
        _draw_bar(pen, plot, row, each)
        pen.end()
    said = "; ".join(f"{name}: {_say_failures(each)}" for name, each in runs.items())
    title = f"{task}: failed episodes by cause"
    return wrap(f"failures-{task}", "failures", title, f"{said}.", pen, WIDTH, plot.y.left + 26)


def _draw_causes(pen: Pen, left: float) -> None:
    """The key."""
    for number, cause in enumerate(CAUSES):
        pen.box(left, TOP - 9, 11, 11, f'class="cause-{number}"')
        pen.text(left + 15, TOP + 1, cause.replace("_", " "), 'class="tick dark"')
        left += 30 + text_width(cause)


def _draw_bar(pen: Pen, plot: Plot, row: int, runs: TaskRuns) -> None:
    start = 0.0
    for number, cause in enumerate(CAUSES):
        share = runs.failures[cause]
        if share:
            x, y = plot.at(start, -row)
            pen.box(x, y - 8, plot.x(start + share) - x, 16, f'class="cause-{number}"')
            start += share
    pen.text(plot.x(start) + 6, plot.y(-row) + 4, say_percent(start), 'class="tick"')


def _say_failures(runs: TaskRuns) -> str:
    parts = list(_parts(runs))
    return ", ".join(parts) if parts else "no failure"


def _parts(runs: TaskRuns) -> Iterator[str]:
    for cause, share in runs.failures.items():
        if share:
            yield f"{cause.replace('_', ' ')} {say_share(share)}"
