"""The results as tables, in plain text and on a page, and as a plot against the number of rooms."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.speed.tables import Table, as_markdown, as_text, fill_page, number

__all__ = ["describe", "draw_rooms", "update_page"]

PLOT = "images/generalisation.svg"
PLOT_SHOWS = "Success, steps and planning time against the number of rooms"
HEAD = [
    "world",
    "rooms",
    "success",
    "mean steps",
    "plans an episode",
    "planning, ms a plan",
    "ms a step, planning included",
    "failures",
]
COLOURS = ("#0b7a75", "#c2571a")

# each panel: its title, and what is drawn in it with the label of each line
PANELS = (
    ("episodes solved", (("success_rate", ""),)),
    ("mean steps", (("mean_steps", ""),)),
    ("planning, ms", (("planning_ms_per_plan", "a plan"), ("planning_ms_per_step", "a step"))),
)


def table(worlds: dict[str, Any]) -> Table:
    return Table("", HEAD, [row(name, world) for name, world in worlds.items()])


def row(name: str, world: dict[str, Any]) -> list[str]:
    failures = [f"{cause.replace('_', ' ')} {count}" for cause, count in world["failures"].items() if count]
    return [
        name,
        str(world["rooms"]),
        f"{world['success_rate']:.2f}",
        number(world["mean_steps"]),
        number(world["plans"] / world["episodes"]),
        number(world["planning_ms_per_plan"]),
        number(world["ms_per_step"]),
        ", ".join(failures),
    ]


def describe(result: dict[str, Any]) -> str:
    """The table in plain text, and below it each failure."""
    return "\n".join([as_text(table(result["worlds"])), *failures_of(result["worlds"])])


def failures_of(worlds: dict[str, Any]) -> Iterator[str]:
    for name, world in worlds.items():
        for failed in world["failed"]:
            seen = failed["error"] or failed["last_note"]
            yield f"{name}, seed {failed['seed']}: {failed['cause']} after {failed['steps']} steps; {seen}"


def update_page(path: Path, result: dict[str, Any]) -> None:
    """Fill the places `worlds`, `rooms` and `plot` of a page; the plot itself goes to `images/` beside it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the page lacks one of these places.
    """
    series = {name: world for name, world in result["worlds"].items() if world["in_series"]}
    others = {name: world for name, world in result["worlds"].items() if not world["in_series"]}
    blocks = {
        name: f"{as_markdown(table(worlds))}\n\n{source(result)}"
        for name, worlds in (("worlds", others), ("rooms", series))
        if worlds
    }
    if series:
        draw_rooms(series, path.parent / PLOT)
        blocks["plot"] = f"![{PLOT_SHOWS}]({PLOT})"
    fill_page(path, blocks)


def source(result: dict[str, Any]) -> str:
    """Who played how much, and the command and commit."""
    counts = sorted({world["episodes"] for world in result["worlds"].values()})
    episodes = " or ".join(map(str, counts))
    commit, dirty, _ = (result["commit"] or "unknown").partition("-dirty")
    return (
        f"Played by {result['player']}, {episodes} episodes of each, seeds from {result['seed']:,}; "
        f"`{result['command']}`, commit {commit[:10]}{dirty}."
    )


def draw_rooms(series: dict[str, Any], path: Path) -> None:
    """Three panels against the number of rooms, as an SVG on a light ground.

    Raises:
        ImportError: matplotlib is not installed.
    """
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    style = {"svg.hashsalt": "rooms", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
    with pyplot.rc_context(style):
        figure, panels = pyplot.subplots(1, len(PANELS), figsize=(11, 3.4), layout="constrained")
        for panel, (title, lines) in zip(panels, PANELS, strict=True):
            draw_panel(panel, list(series.values()), title, lines)
        panels[0].set_ylim(0, 1.05)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, facecolor="white", metadata={"Date": None})
        pyplot.close(figure)


def draw_panel(
    panel: Any, worlds: list[dict[str, Any]], title: str, lines: tuple[tuple[str, str], ...]
) -> None:
    rooms = [world["rooms"] for world in worlds]
    for (key, label), colour in zip(lines, COLOURS, strict=False):
        values = [world[key] for world in worlds]
        panel.plot(rooms, values, marker="o", markersize=4, linewidth=1.6, color=colour, label=label)
    panel.set_title(title, fontsize=10)
    panel.set_xticks(rooms, list(map(str, rooms)))
    panel.set_xlabel("rooms")
    panel.set_ylim(bottom=0)
    panel.grid(axis="y", color="#dddddd", linewidth=0.8)
    if len(lines) > 1:
        panel.legend(frameon=False)
