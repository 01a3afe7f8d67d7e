"""The figures of a report, each an SVG that stands in the page and as a file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from neurosym.ablation.report.summary import GOAL, Aggregates, Summary, TaskRuns
from neurosym.ablation.report.svg import Pen, Plot, Scale, spread, text_width, tone
from neurosym.ablation.report.wording import say_estimate, say_frames, say_milestone, say_percent, say_share
from neurosym.ablation.statistics import Estimate
from neurosym.evaluation import CAUSES

__all__ = ["Figure", "draw_figures"]

WIDTH, HEIGHT = 540, 320  # pixels
WIDE = 1096
LEFT, TOP, BOTTOM = 46, 40, 44
ROW = 24
LONGEST = 26  # characters of a label
LOG_FROM = 3  # budgets this many times apart ask for a logarithmic axis


@dataclass(frozen=True)
class Figure:
    """A picture; `alt` says in words what it shows."""

    name: str
    section: str
    title: str
    alt: str
    svg: str


def draw_figures(summary: Summary) -> list[Figure]:
    """Every figure, in the order of the page."""
    figures = [_draw_curves(summary, task) for task in summary.tasks]
    if summary.aggregates:
        figures += [_draw_aggregates(summary), _draw_profiles(summary)]
        figures += [_draw_improvement(summary)] if len(summary.aggregates) > 1 else []
    figures += [_draw_milestones(summary, task) for task in summary.tasks]
    figures += [_draw_failures(summary, task) for task in summary.tasks]
    return figures


def _wrap(name: str, section: str, title: str, alt: str, pen: Pen, width: float, height: float) -> Figure:
    name = re.sub(r"[^\w.-]+", "-", name)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(title)}. {escape(alt)}">'
        f'<text x="2" y="16" class="title">{escape(title)}</text>{"".join(pen.elements)}</svg>'
    )
    return Figure(name, section, title, alt, svg)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _margin(names: Sequence[str]) -> float:
    return max((text_width(_short(name)) for name in names), default=0) + 12


def _group(summary: Summary, method: str) -> str:
    return f'{tone(summary.methods.index(method))} data-method="{escape(method)}"'


def _on(summary: Summary, task: str) -> dict[str, TaskRuns]:
    return {name: summary.runs[task, name] for name in summary.methods if (task, name) in summary.runs}


def _frames_scale(runs: Sequence[TaskRuns], left: float, right: float) -> Scale:
    """Frames from the first point to the largest budget; logarithmic where budgets lie far apart."""
    budgets = [each.budget for each in runs if each.budget] or [1.0]
    firsts = [frames for each in runs for curve in each.curves if (frames := _first(curve.frames.tolist()))]
    log = max(budgets) >= LOG_FROM * min(budgets) and bool(firsts)
    return Scale(min(firsts) if log else 0.0, max(budgets), left, right, log)


def _first(frames: Sequence[float]) -> float:
    """The first that is above 0, or 0."""
    return next((float(each) for each in frames if each > 0), 0.0)


def _draw_curves(summary: Summary, task: str) -> Figure:
    runs, pen = _on(summary, task), Pen()
    right = WIDTH - _margin(list(runs)) - 14
    plot = Plot(_frames_scale(list(runs.values()), LEFT, right), Scale(0, 1, HEIGHT - BOTTOM, TOP))
    plot.draw_grid(pen)
    pen.text(
        (LEFT + right) / 2, HEIGHT - 10, _say_axis("environment frames", plot.x), 'class="note"', "middle"
    )
    for name, each in runs.items():
        pen.begin(_group(summary, name))
        _draw_runs(pen, plot, each)
        pen.end()
    _label_curves(summary, pen, plot, runs)
    said = "; ".join(f"{name} ends at {say_estimate(each.final)}" for name, each in runs.items())
    alt = f"Success rate against environment frames: {said}."
    return _wrap(f"curves-{task}", "curves", task, alt, pen, WIDTH, HEIGHT)


def _say_axis(what: str, scale: Scale) -> str:
    return f"{what}, logarithmic" if scale.log else what


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
    places = spread([y for _, y in ends.values()], 14.5, TOP, HEIGHT - BOTTOM)
    for (name, (x, y)), place in zip(ends.items(), places, strict=True):
        pen.begin(_group(summary, name))
        pen.line([(x, y), (plot.x.right + 4, place), (plot.x.right + 11, place)], 'class="leader"')
        pen.dot(x, y, 2.6, 'class="end"')
        pen.text(plot.x.right + 14, place + 4, _short(name), 'class="label"')
        pen.end()


def _draw_aggregates(summary: Summary) -> Figure:
    """Four panels side by side, a row for each method."""
    parts: tuple[tuple[str, Callable[[Aggregates], Estimate]], ...] = (
        ("interquartile mean ↑", lambda each: each.iqm),
        ("median ↑", lambda each: each.median),
        ("mean ↑", lambda each: each.mean),
        ("optimality gap ↓", lambda each: each.gap),
    )
    pen, left = Pen(), _margin(list(summary.aggregates))
    height = TOP + 22 + ROW * len(summary.aggregates) + 24
    room = (WIDE - left) / len(parts)
    _draw_row_names(summary, pen, list(summary.aggregates), TOP + 22)
    for number, (title, pick) in enumerate(parts):
        start = left + number * room
        plot = _rows_plot(Scale(0, 1, start + 10, start + room - 18), TOP + 22, len(summary.aggregates))
        plot.draw_grid(pen, lambda tick: f"{tick:g}", with_y=False)
        pen.text(start + 10, TOP + 8, title, 'class="head"')
        for row, (name, each) in enumerate(summary.aggregates.items()):
            _draw_estimate(summary, pen, plot, row, name, pick(each))
    alt = "; ".join(
        f"{name} has an IQM of {say_estimate(each.iqm)}" for name, each in summary.aggregates.items()
    )
    return _wrap(
        "aggregates",
        "aggregates",
        "Final success over all tasks, with 95 % intervals",
        f"{alt}.",
        pen,
        WIDE,
        height,
    )


def _rows_plot(x: Scale, top: float, rows: int) -> Plot:
    """A plot whose y counts rows from above, at their middles."""
    bottom = top + ROW * rows
    return Plot(x, Scale(-rows + 0.5, 0.5, bottom, top))


def _draw_row_names(summary: Summary, pen: Pen, names: Sequence[str], top: float) -> None:
    for row, name in enumerate(names):
        pen.text(2, top + ROW * (row + 0.5) + 4, _short(name), f"{_plain(summary, name)}")


def _plain(summary: Summary, name: str) -> str:
    return f'class="label tone-{summary.methods.index(name) % 8}" data-method="{escape(name)}"'


def _draw_estimate(summary: Summary, pen: Pen, plot: Plot, row: int, name: str, estimate: Estimate) -> None:
    pen.begin(f'class="tone-{summary.methods.index(name) % 8}" data-method="{escape(name)}"')
    pen.line([plot.at(estimate.low, -row), plot.at(estimate.high, -row)], 'class="interval"')
    pen.dot(*plot.at(estimate.value, -row), 4, 'class="point"')
    pen.end()


def _draw_profiles(summary: Summary) -> Figure:
    pen, names = Pen(), list(summary.aggregates)
    right = WIDTH - _margin(names) - 14
    plot = Plot(Scale(0, 1, LEFT, right), Scale(0, 1, HEIGHT - BOTTOM, TOP))
    plot.draw_grid(pen, lambda tick: f"{tick:g}")
    pen.text((LEFT + right) / 2, HEIGHT - 10, "success rate τ", 'class="note"', "middle")
    for name, each in summary.aggregates.items():
        band = each.profile
        pen.begin(_group(summary, name))
        pen.area(plot.points(band.at, band.low), plot.points(band.at, band.high), 'class="band"')
        pen.line(plot.points(band.at, band.value), 'class="curve"')
        pen.end()
    _label_profiles(summary, pen, plot)
    half = {name: each.profile.value[50] for name, each in summary.aggregates.items()}
    said = ", ".join(f"{say_percent(share)} of {name}" for name, share in half.items())
    alt = f"Runs above a success rate of 0.5: {said}."
    return _wrap("profiles", "profiles", "Share of runs that score above τ", alt, pen, WIDTH, HEIGHT)


def _label_profiles(summary: Summary, pen: Pen, plot: Plot) -> None:
    """Profiles all end at 0, so that each is named at its height a little before."""
    at = 95
    ys = [plot.y(each.profile.value[at]) for each in summary.aggregates.values()]
    places = spread(ys, 14.5, TOP, HEIGHT - BOTTOM)
    for name, y, place in zip(summary.aggregates, ys, places, strict=True):
        pen.begin(_group(summary, name))
        pen.line(
            [(plot.x(at / 100), y), (plot.x.right + 4, place), (plot.x.right + 11, place)], 'class="leader"'
        )
        pen.text(plot.x.right + 14, place + 4, _short(name), 'class="label"')
        pen.end()


def _draw_improvement(summary: Summary) -> Figure:
    """The answering method against each other one."""
    lead = summary.subject if summary.subject in summary.aggregates else next(iter(summary.aggregates))
    others = [name for name in summary.aggregates if name != lead]
    pen, left = Pen(), _margin(others)
    top = TOP - 6
    plot = _rows_plot(Scale(0, 1, left + 14, WIDTH - 24), top, len(others))
    plot.draw_grid(pen, lambda tick: f"{tick:g}", with_y=False)
    pen.line([(plot.x(0.5), top), (plot.x(0.5), plot.y.left)], 'class="even"')
    _draw_row_names(summary, pen, others, top)
    for row, name in enumerate(others):
        _draw_estimate(summary, pen, plot, row, name, summary.improvement[lead, name])
    alt = "; ".join(f"{name} {say_estimate(summary.improvement[lead, name])}" for name in others)
    height = plot.y.left + 26
    return _wrap(
        "improvement",
        "improvement",
        f"How likely a run of {lead} beats one of …",
        f"{alt}.",
        pen,
        WIDTH,
        height,
    )


def _draw_milestones(summary: Summary, task: str) -> Figure:
    """Each seed, the median with its interval; an arrow at the budget is a seed that did not get there."""
    runs = {name: each for name, each in _on(summary, task).items() if each.budget}
    pen, left = Pen(), _margin(list(runs))
    top = TOP - 6
    scale = _frames_scale(list(runs.values()), left + 14, WIDTH - 92)
    plot = _rows_plot(scale, top, len(runs))
    plot.draw_grid(pen, with_y=False)
    _draw_row_names(summary, pen, list(runs), top)
    for row, (name, each) in enumerate(runs.items()):
        pen.begin(f'class="tone-{summary.methods.index(name) % 8}" data-method="{escape(name)}"')
        _draw_milestone(pen, plot, row, each)
        pen.end()
    axis = _say_axis(f"frames to {say_percent(GOAL)}", scale)
    pen.text((scale.left + scale.right) / 2, plot.y.left + 32, axis, 'class="note"', "middle")
    said = "; ".join(f"{name} {say_milestone(each.milestones[GOAL])}" for name, each in runs.items())
    title = f"{task}: frames to {say_percent(GOAL)} success"
    return _wrap(f"frames-{task}", "frames", title, f"{said}.", pen, WIDTH, plot.y.left + 40)


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


def _draw_failures(summary: Summary, task: str) -> Figure:
    """A bar for each method, a part for each cause."""
    runs, pen = _on(summary, task), Pen()
    left, top = _margin(list(runs)), TOP + 18
    most = max((sum(each.failures.values()) for each in runs.values()), default=0) or 0.05
    plot = _rows_plot(Scale(0, min(1, most * 1.05), left + 14, WIDTH - 64), top, len(runs))
    _draw_causes(pen, plot.x.left)
    plot.draw_grid(pen, say_percent, with_y=False)
    _draw_row_names(summary, pen, list(runs), top)
    for row, (name, each) in enumerate(runs.items()):
        pen.begin(f'data-method="{escape(name)}"')
        _draw_bar(pen, plot, row, each)
        pen.end()
    said = "; ".join(f"{name}: {_say_failures(each)}" for name, each in runs.items())
    title = f"{task}: failed episodes by cause"
    return _wrap(f"failures-{task}", "failures", title, f"{said}.", pen, WIDTH, plot.y.left + 26)


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
