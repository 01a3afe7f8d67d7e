"""The plots of results, as SVG on a light ground; the same results give the same file."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report.page import Evidence, reliable
from neurosym.errors import NeurosymError
from neurosym.evaluation import RELIABLE

__all__ = ["draw_curve", "draw_steps", "draw_success"]

OURS, BOT, LINE = "#0b7a75", "#c2571a", "#dddddd"
STYLE = {
    "svg.hashsalt": "results",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
COLUMNS = 2
ROW_INCHES = 0.145


@contextmanager
def figure(path: Path, size: tuple[float, float], columns: int = 1) -> Iterator[Any]:
    """Axes, one for each column, that are saved in the end.

    Raises:
        NeurosymError: matplotlib is not installed.
    """
    try:
        matplotlib: Any = importlib.import_module("matplotlib")
    except ImportError:
        raise NeurosymError('matplotlib is not installed; pip install -e ".[bench]"') from None
    matplotlib.use("svg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    with pyplot.rc_context(STYLE):
        drawing, axes = pyplot.subplots(1, columns, figsize=size, squeeze=False, layout="constrained")
        yield axes[0]
        drawing.savefig(path, facecolor="white", metadata={"Date": None})
        pyplot.close(drawing)


def draw_success(evidence: Evidence, path: Path) -> None:
    """A line for each task: the agent's success, and the bot's where it played."""
    tasks = evidence.tasks
    rows = -(-len(tasks) // COLUMNS)
    with figure(path, (11, max(rows, 4) * ROW_INCHES + 1.0), COLUMNS) as axes:
        for place, panel in enumerate(axes):
            draw_column(panel, evidence, tasks[place * rows : (place + 1) * rows])
        axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)


def draw_column(panel: Any, evidence: Evidence, tasks: Sequence[Any]) -> None:
    names = [task["task"] for task in tasks]
    bot = [(row, evidence.bot_tasks[name]) for row, name in enumerate(names) if name in evidence.bot_tasks]
    panel.axvline(RELIABLE, color=LINE, linewidth=0.8)
    panel.hlines(range(len(names)), 0, 1, color="#f0f0f0", linewidth=0.6)
    panel.scatter(
        *([one["success_rate"] for _, one in bot], [row for row, _ in bot]),
        s=26,
        facecolors="none",
        edgecolors=BOT,
        linewidths=0.9,
        label="BabyAI's bot",
        clip_on=False,
    )
    panel.scatter(
        *([task["success_rate"] for task in tasks], range(len(names))),
        s=11,
        color=OURS,
        label="agent",
        zorder=3,
        clip_on=False,
    )
    panel.set_yticks(range(len(names)), names, fontsize=6.5)
    panel.set_ylim(max(len(names), 1) - 0.5, -0.5)
    panel.set_xlim(0, 1)
    panel.set_xlabel("episodes solved")
    panel.tick_params(axis="y", length=0)


def draw_steps(evidence: Evidence, path: Path) -> None:
    """A dot for each task that both solve: the agent's mean steps over the bot's."""
    bot = evidence.bot_tasks
    both = [
        (bot[task["task"]]["mean_steps"], task["mean_steps"])
        for task in evidence.tasks
        if task["task"] in bot
        and min(task["success_rate"], bot[task["task"]]["success_rate"]) >= RELIABLE
        and min(task["mean_steps"], bot[task["task"]]["mean_steps"]) > 0
    ]
    with figure(path, (5.5, 5)) as (panel,):
        ends = [min(map(min, both), default=1) * 0.8, max(map(max, both), default=100) * 1.25]
        panel.plot(ends, ends, color=LINE, linewidth=1)
        panel.scatter([x for x, _ in both], [y for _, y in both], s=16, color=OURS, zorder=3)
        panel.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
        panel.set_xlabel("the bot's mean steps")
        panel.set_ylabel("the agent's mean steps")


def draw_curve(evidence: Evidence, path: Path) -> None:
    """Mean success, and the share of tasks at RELIABLE or more, against training frames."""
    frames = [point.frames / 1e6 for point in evidence.curve]
    shares = [reliable(tasks := point.record["tasks"]) / len(tasks) for point in evidence.curve]
    with figure(path, (6.5, 3.6)) as (panel,):
        panel.plot(
            frames, [point.mean_success for point in evidence.curve], "o-", color=OURS, label="mean success"
        )
        panel.plot(frames, shares, "s--", color=BOT, label=f"tasks at {RELIABLE:.2f} or more")
        panel.set(ylim=(0, 1.02), xlabel="training frames, millions", ylabel="share")
        panel.grid(axis="y", color=LINE, linewidth=0.8)
        panel.legend(frameon=False, loc="lower right")
