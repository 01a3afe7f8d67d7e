"""The results as tables, in plain text and on a page, and the OfficeWorld curves as a plot."""

from __future__ import annotations

import importlib
import statistics
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.tables import Table, as_markdown, as_text, fill_page

__all__ = ["describe", "draw_curves", "first_at", "tables", "update_page"]

OFFICE = "OfficeWorld"
PLOT = "images/small-worlds.svg"
PLOT_SHOWS = "OfficeWorld, four tasks in turn: reward per step over the optimum's against steps"
PUBLISHED = Path(__file__).with_name("published.toml")
COLOURS = {"plan-guided": "#0b7a75", "CRM": "#c2571a", "flat Q-learning": "#5b6b8c"}
ENOUGH = 0.9

World = Mapping[str, Any]


def tables(result: Mapping[str, Any]) -> dict[str, Table]:
    """By name: a table for each world that was measured."""
    found = {}
    for name, world in result["worlds"].items():
        if name == OFFICE:
            found[place_of(name)] = office_table(world)
            found["tasks"] = task_table(world)
        else:
            found[place_of(name)] = return_table(world)
    return found


def place_of(world: str) -> str:
    """What a world's table is called on a page."""
    return world.lower().replace(" ", "-")


def return_table(world: World) -> Table:
    """Means over seeds, the least and the most below them, at each checkpoint."""
    head = ["", *(f"{steps:,} steps" for steps in world["checkpoints"]), "of the best, in the end"]
    rows = []
    for player, runs in world["players"].items():
        curves = np.array([run["curve"] for run in runs])
        final = statistics.mean(curves[:, -1].tolist()) / world["best"]
        rows.append([f"{player}, {len(runs)} runs", *map(spread, curves.T.tolist()), f"{final:.3f}"])
    best = f"{world['best']:.3f}"
    return Table("", head, [*rows, ["the best there is", *[best] * len(world["checkpoints"]), "1"]])


def office_table(world: World) -> Table:
    """Medians over seeds, as published, and published figures below them."""
    marks = world["checkpoints"]
    rows = []
    for player, runs in world["players"].items():
        curve = np.median([run["curve"] for run in runs], axis=0).tolist()
        finals = [run["curve"][-1] for run in runs]
        rows.append(
            [f"{player}, {len(runs)} runs", told(first_at(curve, marks)), f"{marks[-1]:,}", spread(finals)]
        )
    head = ["", f"steps to ≥ {ENOUGH}", "after steps", "reward per step over the optimum's"]
    return Table("", head, [*rows, *published_rows()])


def published_rows() -> Iterator[list[str]]:
    for figure in tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))["figure"]:
        reached = figure.get("steps_to_enough")
        yield [
            f"{figure['system']} ({figure['source']})",
            told(reached),
            f"{figure['steps']:,}",
            f"{figure['final']:.2f}",
        ]


def task_table(world: World) -> Table:
    """How each task went in the end: the last episodes with epsilon, and one without."""
    head = [
        "task",
        "",
        "reward per step over the optimum's",
        "solved",
        "the optimum's",
        "steps without epsilon",
    ]
    rows = []
    for task in world["tasks"]:
        for player, runs in world["players"].items():
            last = [run["tasks"][task] for run in runs]
            rate, success, best = (
                statistics.mean(entry[key] for entry in last) for key in ("rate", "success", "best_success")
            )
            steps = sorted({told(entry["greedy_steps"]) for entry in last})
            rows.append([task, player, f"{rate:.2f}", f"{success:.2f}", f"{best:.2f}", ", ".join(steps)])
    return Table("", head, rows)


def first_at(curve: Sequence[float], marks: Sequence[int]) -> int | None:
    """The first mark at which the curve is high enough."""
    return next((mark for mark, value in zip(marks, curve, strict=True) if value >= ENOUGH), None)


def told(number: int | None) -> str:
    return "never" if number is None else f"{number:,}"


def spread(values: Sequence[float]) -> str:
    """The mean, and the least and the most."""
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def describe(result: Mapping[str, Any]) -> str:
    """All tables in plain text."""
    return "\n\n".join(f"{name}\n{as_text(table)}" for name, table in tables(result).items())


def update_page(path: Path, result: Mapping[str, Any]) -> None:
    """Fill the places of a page that are named like the tables; the plot itself goes to `images/` beside it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the page lacks one of these places.
    """
    blocks = {name: as_markdown(table) for name, table in tables(result).items()}
    for name, world in result["worlds"].items():
        blocks[place_of(name)] += f"\n\n{source(world)}"
    if OFFICE in result["worlds"]:
        draw_curves(result["worlds"][OFFICE], path.parent / PLOT)
        blocks["plot"] = f"![{PLOT_SHOWS}]({PLOT})"
    fill_page(path, blocks)


def source(world: World) -> str:
    commit, dirty, _ = (world["commit"] or "unknown").partition("-dirty")
    return f"`{world['command']}`, commit {commit[:10]}{dirty}, Gymnasium {world['gymnasium']}."


def draw_curves(world: World, path: Path) -> None:
    """The median over seeds and the middle half, as an SVG on a light ground.

    Raises:
        ImportError: matplotlib is not installed.
    """
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    style = {"svg.hashsalt": "small", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
    with pyplot.rc_context(style):
        figure, panel = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
        panel.axhline(1.0, color="#dddddd", linewidth=0.8)
        for player, runs in world["players"].items():
            low, middle, high = np.percentile([run["curve"] for run in runs], [25, 50, 75], axis=0)
            thousands = [mark / 1000 for mark in world["checkpoints"]]
            panel.fill_between(thousands, low, high, color=COLOURS[player], alpha=0.2, linewidth=0)
            panel.plot(thousands, middle, color=COLOURS[player], linewidth=1.6, label=player)
        panel.set(ylim=(0, 1.1), xlabel="steps, thousands", ylabel="reward per step over the optimum's")
        panel.legend(frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, facecolor="white", metadata={"Date": None})
        pyplot.close(figure)
