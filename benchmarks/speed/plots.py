"""The plot of what size costs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

__all__ = ["draw_scaling"]

PANELS = (("worlds", "worlds", True), ("grid", "side of the grid", False), ("tasks", "tasks at once", True))
LINES = (
    ("engine", "engine, steps/s", "#0b7a75"),
    ("belief", "belief, worlds/s", "#c2571a"),
    ("training", "training, frames/s", "#4b4fa8"),
)


def draw_scaling(details: dict[str, Any], path: Path) -> None:
    """Three panels, one for each kind of size, as an SVG on a light ground.

    Raises:
        ImportError: matplotlib is not installed.
    """
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    style = {"svg.hashsalt": "scaling", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
    with pyplot.rc_context(style):
        figure, panels = pyplot.subplots(1, 3, figsize=(11, 3.6), sharey=True, layout="constrained")
        for panel, (kind, name, doubling) in zip(panels, PANELS, strict=True):
            draw_panel(panel, points_of(details, kind), name, doubling)
        panels[0].set_ylabel("a second")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(LINES), frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, facecolor="white", metadata={"Date": None})
        pyplot.close(figure)


def points_of(details: dict[str, Any], kind: str) -> dict[int, dict[str, float]]:
    return dict(
        sorted(
            (int(name.partition("/")[2]), result)
            for name, result in details.items()
            if name.startswith(f"{kind}/")
        )
    )


def draw_panel(panel: Any, points: dict[int, dict[str, float]], name: str, doubling: bool) -> None:
    sizes = list(points)
    for key, label, colour in LINES:
        values = [points[size][key] for size in sizes]
        panel.plot(sizes, values, marker="o", markersize=4, linewidth=1.6, color=colour, label=label)
    panel.set_yscale("log")
    if doubling:
        panel.set_xscale("log", base=2)
    panel.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=45)
    panel.minorticks_off()
    panel.set_xlabel(name)
    panel.grid(axis="y", color="#dddddd", linewidth=0.8)
