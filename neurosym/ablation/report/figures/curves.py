"""Lines: learning curves and performance profiles."""

from __future__ import annotations

from neurosym.ablation.report.figures.frame import (
    BOTTOM,
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    Figure,
    frames_scale,
    margin,
    method_line,
    runs_on,
    say_axis,
    shorten,
    wrap,
)
from neurosym.ablation.report.summary import Summary, TaskRuns
from neurosym.ablation.report.svg import Pen, Plot, Scale, spread
from neurosym.ablation.report.wording import say_estimate, say_percent

__all__ = ["draw_curves", "draw_profiles"]

LABEL = 14.5  # from one name to the next
KEY = 26  # length of a line in a key


def draw_curves(summary: Summary, task: str) -> Figure:
    runs, pen = runs_on(summary, task), Pen()
    right = WIDTH - margin(list(runs)) - 14
    plot = Plot(frames_scale(list(runs.values()), LEFT, right), Scale(0, 1, HEIGHT - BOTTOM, TOP))
    plot.draw_grid(pen)
    pen.text(
        (LEFT + right) / 2, HEIGHT - 10, say_axis("environment frames", plot.x), 'class="note"', "middle"
    )
    for name, each in runs.items():
        pen.begin(method_line(summary, name))
        _draw_runs(pen, plot, each)
        pen.end()
    _label_curves(summary, pen, plot, runs)
    said = "; ".join(f"{name} ends at {say_estimate(each.final)}" for name, each in runs.items())
    alt = f"Success rate against environment frames: {said}."
    return wrap(f"curves-{task}", "curves", task, alt, pen, WIDTH, HEIGHT)


def _draw_runs(pen: Pen, plot: Plot, runs: TaskRuns) -> None:
    """Each seed faint, the interquartile mean with its band; a level where nothing is learned."""
    if runs.band is None:
        pen.line(
            [plot.at(end, runs.final.value) for end in (plot.x.start, plot.x.end)], 'class="curve level"'
        )
        return
    band = runs.band
    pen.area(plot.points(band.at, band.low), plot.points(band.at, band.high), 'class="band"')
    for curve in runs.curves:
        pen.line(plot.points(curve.frames, curve.success), 'class="seed"')
    pen.line(plot.points(band.at, band.value), 'class="curve"')


def _label_curves(summary: Summary, pen: Pen, plot: Plot, runs: dict[str, TaskRuns]) -> None:
    """Names to the right, each tied to its curve's end."""
    ends = {
        name: plot.at(plot.x.end, each.final.value)
        if each.band is None
        else plot.at(each.band.at[-1], each.band.value[-1])
        for name, each in runs.items()
    }
    places = spread([y for _, y in ends.values()], LABEL, TOP, HEIGHT - BOTTOM)
    for (name, (x, y)), place in zip(ends.items(), places, strict=True):
        pen.begin(method_line(summary, name))
        pen.line([(x, y), (plot.x.right + 4, place), (plot.x.right + 11, place)], 'class="leader"')
        pen.dot(x, y, 2.6, 'class="end"')
        pen.text(plot.x.right + 14, place + 4, shorten(name), 'class="label"')
        pen.end()


def draw_profiles(summary: Summary) -> Figure:
    pen, names = Pen(), list(summary.aggregates)
    right = WIDTH - margin(names) - KEY - 21
    plot = Plot(Scale(0, 1, LEFT, right), Scale(0, 1, HEIGHT - BOTTOM, TOP))
    plot.draw_grid(pen, lambda tick: f"{tick:g}")
    pen.text((LEFT + right) / 2, HEIGHT - 10, "success rate τ", 'class="note"', "middle")
    for name, each in summary.aggregates.items():
        band = each.profile
        pen.begin(method_line(summary, name))
        pen.area(plot.points(band.at, band.low), plot.points(band.at, band.high), 'class="band"')
        pen.line(plot.points(band.at, band.value), 'class="curve"')
        pen.end()
    _label_profiles(summary, pen, plot)
    half = {name: each.profile.value[50] for name, each in summary.aggregates.items()}
    said = ", ".join(f"{say_percent(share)} of {name}" for name, share in half.items())
    alt = f"Runs above a success rate of 0.5: {said}."
    return wrap("profiles", "runs", "Share of runs that score above τ", alt, pen, WIDTH, HEIGHT)


def _label_profiles(summary: Summary, pen: Pen, plot: Plot) -> None:
    """A key, best first: profiles all end at 0, so that their ends cannot carry the names."""
    ranked = sorted(summary.aggregates, key=lambda name: -summary.aggregates[name].mean.value)
    apart = min(17, (plot.y.left - TOP) / len(ranked))
    for row, name in enumerate(ranked):
        x, y = plot.x.right + 14, TOP + 8 + apart * row
        pen.begin(method_line(summary, name))
        pen.line([(x, y), (x + KEY, y)], 'class="curve"')
        pen.text(x + KEY + 7, y + 4, shorten(name), 'class="label"')
        pen.end()
