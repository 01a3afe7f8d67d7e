"""Everything a report says in numbers, worked out once; the page, its Markdown twin and the CSV files all show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.made import unlike
from neurosym.ablation.milestones import (
    LEVELS,
    Milestone,
    Ratio,
    compare_times,
    find_milestone,
    times_of,
)
from neurosym.ablation.records import CellKey, CellRecord
from neurosym.ablation.report.facts import ReportFacts
from neurosym.ablation.statistics import (
    FEW_SEEDS,
    Band,
    Curve,
    Estimate,
    difference,
    estimate,
    estimate_band,
    estimate_curve,
    interquartile_mean,
    mean_score,
    median_score,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
)
from neurosym.errors import NeurosymError
from neurosym.evaluation import CAUSES

__all__ = [
    "GOAL",
    "AbsentCell",
    "Aggregates",
    "Comparison",
    "Summary",
    "TaskRuns",
    "curve_of",
    "summarise_cells",
]

GOAL = 0.9  # the success rate that the answer is about
THRESHOLDS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class TaskRuns:
    """All runs of one method on one task that were done.

    Attributes:
        curves: one a run, by seed; band: over the runs, None where nothing is learned.
        final: the interquartile mean of the runs' last success rates.
        failures: the share of the last episodes that each of CAUSES is blamed for.
        milestones: by level.
    """

    cells: tuple[CellRecord, ...]
    curves: tuple[Curve, ...]
    band: Band | None
    final: Estimate
    failures: Mapping[str, float]
    milestones: Mapping[float, Milestone]

    @property
    def budget(self) -> float:
        return self.milestones[GOAL].times.budget

    @property
    def scores(self) -> list[float]:
        return [float(curve.success[-1]) for curve in self.curves]


@dataclass(frozen=True)
class Aggregates:
    """One method over all tasks; `runs` is how many of its seeds are done on every task."""

    runs: int
    iqm: Estimate
    median: Estimate
    mean: Estimate
    gap: Estimate
    profile: Band


@dataclass(frozen=True)
class Comparison:
    """One method with the baseline.

    Attributes:
        ratio: frames to GOAL of the baseline over those of the method, on `tasks`, where at least one median is
            known; None where there is no such task, or nothing is learned.
        gain: the method's interquartile mean less the baseline's; better: how likely its run beats the baseline's.
    """

    tasks: tuple[str, ...]
    ratio: Ratio | None
    gain: Estimate | None
    better: Estimate | None


@dataclass(frozen=True)
class AbsentCell:
    """A cell without a result, and why."""

    key: CellKey
    reason: str


@dataclass(frozen=True)
class Summary:
    """The numbers of a report. Tasks stand in the order of the cells, methods in that of the facts before."""

    facts: ReportFacts
    methods: tuple[str, ...]
    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    runs: Mapping[tuple[str, str], TaskRuns]  # by task and method
    aggregates: Mapping[str, Aggregates]
    improvement: Mapping[tuple[str, str], Estimate]
    comparisons: Mapping[str, Comparison]
    absent: tuple[AbsentCell, ...]

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before believing a number."""
        return tuple(_warn(self))

    @property
    def subject(self) -> str:
        """The method that answers the question; the baseline itself if it is alone."""
        others = [name for name in self.methods if name != self.facts.baseline]
        return next((name for name in (self.facts.subject, *others) if name in others), self.facts.baseline)

    def fewest_seeds(self, *methods: str) -> int:
        """How many runs the least certain number of these methods rests on, on a task or on all of them."""
        alone = [len(runs.cells) for (_, method), runs in self.runs.items() if method in methods]
        together = [each.runs for method, each in self.aggregates.items() if method in methods]
        return min([*alone, *together], default=0)

    def of(self, method: str) -> list[TaskRuns]:
        """The method's runs, task by task, where there are any."""
        return [self.runs[task, method] for task in self.tasks if (task, method) in self.runs]


def summarise_cells(cells: Sequence[CellRecord], facts: ReportFacts) -> Summary:
    """Work out all numbers.

    Raises:
        NeurosymError: there is no cell, or none of the baseline.
    """
    if not cells:
        raise NeurosymError("there are no cells to report on")
    methods, tasks = _order_methods(cells, facts), _once(cell.key.task for cell in cells)
    seeds = tuple(sorted({cell.key.seed for cell in cells}))
    if facts.baseline not in methods:
        raise NeurosymError(f"no cell is of the baseline {facts.baseline}; there are {', '.join(methods)}")
    runs = _gather(cells, tasks, methods)
    matrices = {method: matrix for method in methods if (matrix := _matrix(runs, tasks, method)) is not None}
    return Summary(
        facts,
        methods,
        tasks,
        seeds,
        runs,
        {method: _aggregate(matrix) for method, matrix in matrices.items()},
        {
            (x, y): estimate(probability_of_improvement, matrices[x], matrices[y])
            for x, y in permutations(matrices, 2)
        },
        {
            name: _compare(runs, matrices, tasks, name, facts.baseline)
            for name in methods
            if name != facts.baseline
        },
        tuple(_find_absent(cells, product(methods, tasks, seeds))),
    )


def _order_methods(cells: Sequence[CellRecord], facts: ReportFacts) -> tuple[str, ...]:
    here = _once(cell.key.method for cell in cells)
    return _once([*(name for name in facts.changes if name in here), *here])


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _gather(
    cells: Sequence[CellRecord], tasks: Sequence[str], methods: Sequence[str]
) -> dict[tuple[str, str], TaskRuns]:
    """Each task's and method's runs, without those that have none."""
    found: dict[tuple[str, str], list[CellRecord]] = {pair: [] for pair in product(tasks, methods)}
    for cell in sorted(cells, key=lambda cell: cell.key.seed):
        if cell.status == "done" and cell.curve:
            found[cell.key.task, cell.key.method].append(cell)
    return {pair: _sum_up(tuple(group)) for pair, group in found.items() if group}


def _sum_up(cells: tuple[CellRecord, ...]) -> TaskRuns:
    curves = tuple(curve_of(cell) for cell in cells)
    scores = [[curve.success[-1]] for curve in curves]
    learns = any(curve.frames[-1] > 0 for curve in curves)
    return TaskRuns(
        cells,
        curves,
        estimate_curve(curves) if learns else None,
        estimate(interquartile_mean, scores),
        _blame(cells),
        {level: find_milestone(times_of(curves, level)) for level in LEVELS},
    )


def curve_of(cell: CellRecord) -> Curve:
    """Success by frames, at the points where the cell was judged."""
    return Curve(
        np.array([point.frames for point in cell.curve], dtype=np.float64),
        np.array([point.success for point in cell.curve], dtype=np.float64),
    )


def _blame(cells: Sequence[CellRecord]) -> dict[str, float]:
    episodes = [episode for cell in cells for episode in cell.episodes]
    return {
        cause: sum(episode.cause == cause for episode in episodes) / max(len(episodes), 1) for cause in CAUSES
    }


def _matrix(
    runs: Mapping[tuple[str, str], TaskRuns], tasks: Sequence[str], method: str
) -> NDArray[np.float64] | None:
    """float64[runs, tasks] of the seeds that are done on every task; None if there is no such seed."""
    if any((task, method) not in runs for task in tasks):
        return None
    by_seed = [{cell.key.seed: cell.curve[-1].success for cell in runs[task, method].cells} for task in tasks]
    shared = sorted(set.intersection(*map(set, by_seed)))
    return np.array([[scores[seed] for scores in by_seed] for seed in shared]) if shared else None


def _aggregate(matrix: NDArray[np.float64]) -> Aggregates:
    return Aggregates(
        len(matrix),
        estimate(interquartile_mean, matrix),
        estimate(median_score, matrix),
        estimate(mean_score, matrix),
        estimate(optimality_gap, matrix),
        estimate_band(lambda drawn: performance_profile(drawn, THRESHOLDS), matrix, at=THRESHOLDS),
    )


def _compare(
    runs: Mapping[tuple[str, str], TaskRuns],
    matrices: Mapping[str, NDArray[np.float64]],
    tasks: Sequence[str],
    method: str,
    baseline: str,
) -> Comparison:
    pairs = {
        task: (runs[task, method].milestones[GOAL].times, runs[task, baseline].milestones[GOAL].times)
        for task in tasks
        if (task, method) in runs and (task, baseline) in runs
    }
    known = {task: pair for task, pair in pairs.items() if min(times.median for times in pair) < np.inf}
    both = [matrices[name] for name in (method, baseline) if name in matrices]
    complete = len(both) == 2
    return Comparison(
        tuple(known),
        compare_times(list(known.values())),
        estimate(difference(interquartile_mean), *both) if complete else None,
        estimate(probability_of_improvement, *both) if complete else None,
    )


def _find_absent(cells: Sequence[CellRecord], wanted: Iterable[tuple[str, str, int]]) -> Iterable[AbsentCell]:
    here = {cell.key: cell for cell in cells}
    for key in (CellKey(*each) for each in wanted):
        cell = here.get(key)
        if cell is None:
            yield AbsentCell(key, "not run")
        elif cell.status == "failed" or not cell.curve:
            yield AbsentCell(key, cell.reason or "it left no curve")


def _warn(summary: Summary) -> Iterable[str]:
    if not summary.runs:
        yield "No cell was done, so there is nothing to compare."
    elif (fewest := summary.fewest_seeds(*summary.methods)) < FEW_SEEDS:
        yield (
            f"Fewer than {FEW_SEEDS} seeds: some method has {fewest} on some task, or on all of them together. "
            "Intervals from so few runs are too narrow; take what follows as a first look, not as a result."
        )
    for (task, method), runs in summary.runs.items():
        errors = [episode.error for cell in runs.cells for episode in cell.episodes if episode.error]
        if errors:
            total = sum(len(cell.episodes) for cell in runs.cells)
            yield (
                f"{method} on {task}: {len(errors)} of {total} last episodes were ended by an error and count as "
                f"failures; the first is {errors[0]}"
            )
    for name, values in unlike(cell for runs in summary.runs.values() for cell in runs.cells).items():
        told = ", ".join(f"{count} with {value}" for value, count in values.most_common())
        yield f"Not all cells were made by the same code: {name} differs ({told})."
    if summary.absent:
        total = len(summary.methods) * len(summary.tasks) * len(summary.seeds)
        yield f"{len(summary.absent)} of {total} cells have no result; they are listed below, with the reason."
    left_out = [method for method in summary.methods if method not in summary.aggregates]
    if left_out and summary.runs:
        yield f"No seed is done on every task for {', '.join(left_out)}: without it, no aggregate over the tasks."
