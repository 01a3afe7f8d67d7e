"""Rows of points with their intervals: aggregates, improvement, frames to a level."""

from __future__ import annotations

import math
from collections.abc import Callable

from neurosym.ablation.report.figures.frame import (
    ROW,
    TOP,
    WIDE,
    WIDTH,
    Figure,
    draw_row_names,
    frames_scale,
    margin,
    method_mark,
    rows_plot,
    runs_on,
    say_axis,
    wrap,
)
from neurosym.ablation.report.summary import GOAL, Aggregates, Summary, TaskRuns
from neurosym.ablation.report.svg import Pen, Plot, Scale
from neurosym.ablation.report.wording import say_estimate, say_frames, say_milestone, say_percent
from neurosym.ablation.statistics import Estimate

__all__ = ["draw_aggregates", "draw_improvement", "draw_milestones"]


def draw_aggregates(summary: Summary) -> Figure:
    """Four panels side by side, a row for each method."""
    parts: tuple[tuple[str, Callable[[Aggregates], Estimate]], ...] = (
        ("interquartile mean ↑", lambda each: each.iqm),
        ("median ↑", lambda each: each.median),
        ("mean ↑", lambda each: each.mean),
        ("optimality gap ↓", lambda each: each.gap),
    )
    pen, left = Pen(), margin(list(summary.aggregates))
    height = TOP + 22 + ROW * len(summary.aggregates) + 24
    room = (WIDE - left) / len(parts)
    draw_row_names(summary, pen, list(summary.aggregates), TOP + 22)
    for number, (title, pick) in enumerate(parts):
        start = left + number * room
        plot = rows_plot(Scale(0, 1, start + 10, start + room - 18), TOP + 22, len(summary.aggregates))
        plot.draw_grid(pen, lambda tick: f"{tick:g}", with_y=False)
        pen.text(start + 10, TOP + 8, title, 'class="head"')
        for row, (name, each) in enumerate(summary.aggregates.items()):
            _draw_estimate(summary, pen, plot, row, name, pick(each))
    alt = "; ".join(
        f"{name} has an IQM of {say_estimate(each.iqm)}" for name, each in summary.aggregates.items()
    )
    return wrap(
        "aggregates",
        "aggregates",
        "Final success over all tasks, with 95 % intervals",
        f"{alt}.",
        pen,
        WIDE,
        height,
    )


def _draw_estimate(summary: Summary, pen: Pen, plot: Plot, row: int, name: str, estimate: Estimate) -> None:
    pen.begin(method_mark(summary, name))
    pen.line([plot.at(estimate.low, -row), plot.at(estimate.high, -row)], 'class="interval"')
    pen.dot(*plot.at(estimate.value, -row), 4, 'class="point"')
    pen.end()


def draw_improvement(summary: Summary) -> Figure:
    """The answering method against each other one."""
    lead = summary.subject if summary.subject in summary.aggregates else next(iter(summary.aggregates))
    others = [name for name in summary.aggregates if name != lead]
    pen, left = Pen(), margin(others)
    top = TOP - 6
    plot = rows_plot(Scale(0, 1, left + 14, WIDTH - 24), top, len(others))
    plot.draw_grid(pen, lambda tick: f"{tick:g}", with_y=False)
    pen.line([(plot.x(0.5), top), (plot.x(0.5), plot.y.left)], 'class="even"')
    draw_row_names(summary, pen, others, top)
    for row, name in enumerate(others):
        _draw_estimate(summary, pen, plot, row, name, summary.improvement[lead, name])
    alt = "; ".join(f"{name} {say_estimate(summary.improvement[lead, name])}" for name in others)
    height = plot.y.left + 26
    return wrap(
        "improvement",
        "runs",
        f"How likely a run of {lead} beats one of …",
        f"{alt}.",
        pen,
        WIDTH,
        height,
    )


def draw_milestones(summary: Summary, task: str) -> Figure:
    """Each seed, the median with its interval; an arrow at the budget is a seed that did not get there."""
    runs = {name: each for name, each in runs_on(summary, task).items() if each.budget}
    pen, left = Pen(), margin(list(runs))
    top = TOP - 6
    scale = frames_scale(list(runs.values()), left + 14, WIDTH - 92)
    plot = rows_plot(scale, top, len(runs))
    plot.draw_grid(pen, with_y=False)
    draw_row_names(summary, pen, list(runs), top)
    for row, (name, each) in enumerate(runs.items()):
        pen.begin(method_mark(summary, name))
        _draw_milestone(pen, plot, row, each)
        pen.end()
    axis = say_axis(f"frames to {say_percent(GOAL)}", scale)
    pen.text((scale.left + scale.right) / 2, plot.y.left + 32, axis, 'class="note"', "middle")
    said = "; ".join(f"{name} {say_milestone(each.milestones[GOAL])}" for name, each in runs.items())
    title = f"{task}: frames to {say_percent(GOAL)} success"
    return wrap(f"frames-{task}", "frames", title, f"{said}.", pen, WIDTH, plot.y.left + 40)


def _draw_milestone(pen: Pen, plot: Plot, row: int, runs: TaskRuns) -> None:
    found = runs.milestones[GOAL]
    budget = found.times.budget
    for frames in found.times.frames:
        if math.isfinite(frames):
            pen.dot(*plot.at(frames, -row), 3.4, 'class="run"')
    ends = [plot.at(min(each, budget), -row) for each in (found.low, found.high)]
    pen.line(ends, 'class="interval"')
    x, y = plot.at(min(found.value, budget), -row)
    if math.isfinite(found.value):
        pen.line([(x, y - 7), (x, y + 7)], 'class="median"')
    missing = len(found.times.frames) - found.times.reached
    if missing:
        x, y = plot.at(budget, -row)
        pen.area([(x, y - 5), (x + 9, y)], [(x, y + 5)], 'class="censored"')
        pen.text(x + 13, y + 4, f"{missing} > {say_frames(budget)}", 'class="tick"')
