"""What all figures of a report share: their size, their frame, how a method is marked and named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from neurosym.ablation.report.summary import Summary, TaskRuns
from neurosym.ablation.report.svg import TONES, Pen, Plot, Scale, text_width, tone

__all__ = [
    "BOTTOM",
    "HEIGHT",
    "LEFT",
    "ROW",
    "TOP",
    "WIDE",
    "WIDTH",
    "Figure",
    "draw_row_names",
    "frames_scale",
    "margin",
    "method_line",
    "method_mark",
    "rows_plot",
    "runs_on",
    "say_axis",
    "shorten",
    "wrap",
]

WIDTH, HEIGHT = 540, 320  # pixels
WIDE = 1096
LEFT, TOP, BOTTOM = 46, 40, 44
ROW = 24
LONGEST = 26  # characters of a label


@dataclass(frozen=True)
class Figure:
    """A picture; `alt` says in words what it shows."""

    name: str
    section: str
    title: str
    alt: str
    svg: str


def wrap(name: str, section: str, title: str, alt: str, pen: Pen, width: float, height: float) -> Figure:
    """The figure in its frame, with its title and its words for those who cannot see it."""
    name = re.sub(r"[^\w.-]+", "-", name)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(title)}. {escape(alt)}">'
        f'<text x="2" y="16" class="title">{escape(title)}</text>{"".join(pen.elements)}</svg>'
    )
    return Figure(name, section, title, alt, svg)


def shorten(name: str) -> str:
    """A name that fits beside a plot."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def margin(names: Sequence[str]) -> float:
    """The pixels that the longest name takes."""
    return max((text_width(shorten(name)) for name in names), default=0) + 12


def method_line(summary: Summary, method: str) -> str:
    """Attributes of a group whose lines are the method's."""
    return f'{tone(summary.methods.index(method))} data-method="{escape(method)}"'


def method_mark(summary: Summary, name: str) -> str:
    """The same without dashes, for points and names."""
    return f'class="tone-{summary.methods.index(name) % TONES}" data-method="{escape(name)}"'


def runs_on(summary: Summary, task: str) -> dict[str, TaskRuns]:
    """The task's runs by method, where there are any."""
    return {name: summary.runs[task, name] for name in summary.methods if (task, name) in summary.runs}


def frames_scale(runs: Sequence[TaskRuns], left: float, right: float) -> Scale:
    """Frames from the first point to the largest budget; logarithmic, as the points lie."""
    budgets = [each.budget for each in runs if each.budget] or [1.0]
    firsts = [frames for each in runs for curve in each.curves if (frames := _first(curve.frames.tolist()))]
    log = bool(firsts) and max(budgets) > min(firsts)
    return Scale(min(firsts) if log else 0.0, max(budgets), left, right, log)


def _first(frames: Sequence[float]) -> float:
    """The first that is above 0, or 0."""
    return next((float(each) for each in frames if each > 0), 0.0)


def say_axis(what: str, scale: Scale) -> str:
    """The axis in words."""
    return f"{what}, logarithmic" if scale.log else what


def rows_plot(x: Scale, top: float, rows: int) -> Plot:
    """A plot whose y counts rows from above, at their middles."""
    bottom = top + ROW * rows
    return Plot(x, Scale(-rows + 0.5, 0.5, bottom, top))


def draw_row_names(summary: Summary, pen: Pen, names: Sequence[str], top: float) -> None:
    """A name before each row of `rows_plot`."""
    for row, name in enumerate(names):
        pen.begin(method_mark(summary, name))
        pen.text(2, top + ROW * (row + 0.5) + 4, shorten(name), 'class="label"')
        pen.end()
