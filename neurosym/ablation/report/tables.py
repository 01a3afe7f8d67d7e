"""The tables of a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from neurosym.ablation.milestones import LEVELS
from neurosym.ablation.records import add_up
from neurosym.ablation.report import wording
from neurosym.ablation.report.summary import GOAL, Summary
from neurosym.ablation.report.table import Column, Links, Table
from neurosym.evaluation import CAUSES

__all__ = ["make_tables", "raw_tables"]


def make_tables(summary: Summary) -> dict[str, Table]:
    """Every table that the report shows, by name."""
    makers = (
        _compare,
        _aggregate,
        _improve,
        _reach,
        _finish,
        _blame,
        _spend,
        _replay,
        _list_absent,
        _list_changes,
        _differ,
        _agree,
        _list_runs,
        _list_versions,
    )
    return {table.name: table for table in (make(summary) for make in makers)}


def raw_tables(summary: Summary) -> list[Table]:
    """What the figures are drawn from and no table shows: CSV files only."""
    return [_all_points(summary), _all_bands(summary), _all_profiles(summary)]


def _columns(*heads: str | tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(head) if isinstance(head, str) else Column(*head) for head in heads)


def _compare(summary: Summary) -> Table:
    baseline = summary.facts.baseline
    goal = wording.say_percent(GOAL)
    rows = [
        (
            name,
            each.ratio,
            f"{len(each.tasks)} of {len(summary.tasks)}" if each.ratio else None,
            each.gain,
            each.better,
        )
        for name, each in summary.comparisons.items()
    ]
    return Table(
        "comparison",
        f"Each method and {baseline}",
        _columns(
            "method",
            (f"frames to {goal} of {baseline} over the method's", "ratio"),
            "on tasks",
            (f"final IQM less that of {baseline}", "gain"),
            (f"probability to beat {baseline}", "estimate"),
        ),
        tuple(rows),
        f"Above 1 × the method needs fewer frames than {baseline}. ≥ and ≤ are bounds: one side did not get there "
        "within its budget. Tasks where neither median got there do not count.",
    )


def _aggregate(summary: Summary) -> Table:
    rows = []
    for method in summary.methods:
        each = summary.aggregates.get(method)
        values = (each.iqm, each.median, each.mean, each.gap) if each else (None,) * 4
        rows.append((method, each.runs if each else 0, *values))
    names = ("interquartile mean", "median", "mean", "optimality gap")
    return Table(
        "aggregates",
        "Final success over all tasks",
        _columns("method", ("seeds", "count"), *((name, "estimate") for name in names)),
        tuple(rows),
        "With 95 % stratified bootstrap intervals. Only seeds that are done on every task count.",
    )


def _improve(summary: Summary) -> Table:
    names = [method for method in summary.methods if method in summary.aggregates]
    rows = [(x, *(summary.improvement.get((x, y)) for y in names)) for x in names]
    return Table(
        "improvement",
        "How likely a run of the row's method beats a run of the column's",
        _columns("method", *((name, "estimate") for name in names)),
        tuple(rows),
        "By final success on the same task, ties counting half, tasks counting the same.",
    )


def _reach(summary: Summary) -> Table:
    rows = []
    for (task, method), runs in summary.runs.items():
        times = runs.milestones[GOAL].times
        got = f"{times.reached} of {len(times.frames)}"
        rows.append((task, method, *(runs.milestones[level] for level in LEVELS), got))
    levels = [(f"to {wording.say_percent(level)}", "milestone") for level in LEVELS]
    return Table(
        "frames",
        "Environment frames to a success rate",
        _columns("task", "method", *levels, f"seeds that reach {wording.say_percent(GOAL)}"),
        tuple(rows),
        "The median seed, with its 95 % interval, at the resolution of the curve's points. A seed that does not get "
        "there counts as later than its budget: > says that the median, or an end of the interval, is one of those.",
    )


def _finish(summary: Summary) -> Table:
    rows = [
        (
            method,
            *(runs.final if (runs := summary.runs.get((task, method))) else None for task in summary.tasks),
        )
        for method in summary.methods
    ]
    return Table(
        "final",
        "Final success by task",
        _columns("method", *((task, "estimate") for task in summary.tasks)),
        tuple(rows),
        "The interquartile mean over seeds with its 95 % interval, on levels of unseen seeds.",
    )


def _blame(summary: Summary) -> Table:
    rows = []
    for (task, method), runs in summary.runs.items():
        episodes = sum(len(cell.episodes) for cell in runs.cells)
        shares = [runs.failures[cause] for cause in CAUSES]
        rows.append((task, method, episodes, sum(shares), *shares))
    causes = [(cause.replace("_", " "), "percent") for cause in CAUSES]
    return Table(
        "failures",
        "What the last episodes' failures are blamed on",
        _columns("task", "method", ("episodes", "count"), ("failed", "percent"), *causes),
        tuple(rows),
        "Shares of all last episodes of all seeds.",
    )


def _spend(summary: Summary) -> Table:
    heads = (
        ("cells", "count"),
        ("frames", "count"),
        ("evaluation frames", "count"),
        ("plans needed", "count"),
        ("planning", "seconds"),
        ("model calls", "count"),
        ("learning", "seconds"),
        ("wall time", "seconds"),
    )
    rows: list[tuple[Any, ...]] = []
    for name in summary.methods:
        cells = [cell for runs in summary.of(name) for cell in runs.cells]
        spent = add_up(cell.spent for cell in cells)
        planning, frames = (spent.plans, spent.planning_seconds), (spent.frames, spent.evaluation_frames)
        rows.append(
            (name, len(cells), *frames, *planning, spent.model_calls, spent.learning_seconds, spent.seconds)
        )
    return Table(
        "budgets",
        "What each method has cost",
        _columns("method", *heads),
        tuple(rows),
        "Sums over its cells with a result, learning and evaluation together. A plan that was known already counts as "
        "needed. Wall times of cells side by side add up.",
    )


def _replay(summary: Summary) -> Table:
    rows = []
    for (task, method), runs in summary.runs.items():
        paths = [str(PurePosixPath(cell.key.folder) / name) for cell in runs.cells for name in cell.replays]
        if paths:
            rows.append((task, method, Links(tuple(paths))))
    return Table(
        "replays",
        "Episodes to watch",
        _columns("task", "method", ("pages", "links")),
        tuple(rows),
        "Pages of their own, in the cells' folders beside this report. Nothing else here needs them.",
    )


def _list_absent(summary: Summary) -> Table:
    rows = [(each.key.method, each.key.task, each.key.seed, each.reason) for each in summary.absent]
    return Table("absent", "Cells without a result", _columns("method", "task", "seed", "why"), tuple(rows))


def _list_changes(summary: Summary) -> Table:
    rows = [(name, change) for name, change in summary.facts.changes.items() if name in summary.methods]
    return Table("methods", "The methods", _columns("method", "what is changed"), tuple(rows))


def _differ(summary: Summary) -> Table:
    flat, shared = _share(summary)
    names = sorted({name for each in flat.values() for name in each} - set(shared))
    return Table(
        "settings",
        "Settings in which the methods differ",
        _columns("setting", *summary.methods),
        tuple((name, *(each.get(name) for each in flat.values())) for name in names),
    )


def _agree(summary: Summary) -> Table:
    _, shared = _share(summary)
    return Table(
        "shared-settings",
        "Settings that are the same in every method that has them",
        _columns("setting", "value"),
        tuple(sorted(shared.items())),
        "All of a cell's settings are in its cell.json.",
    )


def _share(summary: Summary) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Each method's settings; those that several have, and all with one value."""
    flat = {method: _settings(summary, method) for method in summary.methods}
    values: dict[str, list[str]] = {}
    for each in flat.values():
        for name, value in each.items():
            values.setdefault(name, []).append(value)
    return flat, {name: given[0] for name, given in values.items() if len(given) > 1 and len(set(given)) == 1}


def _settings(summary: Summary, method: str) -> dict[str, str]:
    """The method's settings by dotted name; one that is not the same in all cells has every value."""
    values: dict[str, dict[str, None]] = {}
    for runs in summary.of(method):
        for cell in runs.cells:
            for name, value in _flatten(cell.settings or {}):
                values.setdefault(name, {})[value] = None
    return {name: ", ".join(each) for name, each in values.items()}


def _flatten(settings: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value if isinstance(value, str) else json.dumps(value)


def _list_runs(summary: Summary) -> Table:
    """Nothing where one command has made it all, which is told anyhow."""
    runs = summary.facts.runs if len(summary.facts.runs) > 1 else ()
    names = ("command", "version", "commit")
    rows = tuple(tuple(run.get(name) or "" for name in names) for run in runs)
    note = "Each went on with the cells that were missing when it was typed."
    return Table("runs", "What was typed for this folder", _columns(*names), rows, note)


def _list_versions(summary: Summary) -> Table:
    rows = tuple((name, version) for name, version in summary.facts.versions.items())
    return Table("versions", "Versions", _columns("what", "version"), rows)


def _all_points(summary: Summary) -> Table:
    rows = [
        (task, method, cell.key.seed, point.frames, point.success, point.episodes, point.seconds)
        for (task, method), runs in summary.runs.items()
        for cell in runs.cells
        for point in cell.curve
    ]
    heads = _columns("task", "method", "seed", "frames", "success", "episodes", "seconds")
    return Table("curves", "Learning curves, seed by seed", heads, tuple(rows))


def _all_bands(summary: Summary) -> Table:
    rows = [
        (task, method, *point)
        for (task, method), runs in summary.runs.items()
        if (band := runs.band) is not None
        for point in zip(*(each.tolist() for each in (band.at, band.value, band.low, band.high)), strict=True)
    ]
    heads = _columns("task", "method", "frames", "iqm", "low", "high")
    return Table("bands", "Learning curves over the seeds", heads, tuple(rows))


def _all_profiles(summary: Summary) -> Table:
    rows = [
        (method, *point)
        for method, each in summary.aggregates.items()
        for point in zip(
            *(
                part.tolist()
                for part in (each.profile.at, each.profile.value, each.profile.low, each.profile.high)
            ),
            strict=True,
        )
    ]
    return Table(
        "profiles", "Performance profiles", _columns("method", "success", "runs", "low", "high"), tuple(rows)
    )
