"""What episodes come to: each task's result once all its episodes are there, and the table that people get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from neurosym.evaluation import EpisodeResult, SuiteResult, TaskResult, sum_up, summarise

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Scores", "table_of"]


class Scores:
    """Gathers episodes, which may come in any order.

    Args:
        tasks: in the order in which they are reported.
        seeds: of each task's episodes.
    """

    def __init__(self, tasks: Sequence[str], seeds: range) -> None:
        self._seeds = seeds
        self._episodes: dict[str, dict[int, EpisodeResult]] = {task: {} for task in tasks}

    def take(self, episode: EpisodeResult) -> None:
        self._episodes[episode.task][episode.seed] = episode

    def episodes(self) -> list[EpisodeResult]:
        """Those that were played, by task and seed."""
        return [played[seed] for played in self._episodes.values() for seed in self._seeds if seed in played]

    def results(self) -> list[TaskResult]:
        """Of the tasks that are finished."""
        return [
            summarise([played[seed] for seed in self._seeds])
            for played in self._episodes.values()
            if len(played) == len(self._seeds)
        ]


def table_of(results: Sequence[TaskResult]) -> Table:
    """A line for each task and one of sums where there are several; a column more where a language model was asked."""
    from rich.table import Table

    headings = ["episodes", "solved", "steps", "return", "plans", "planning/step", "time/step", "failures"]
    asked = any(str(result.translator) for result in results)
    headings += ["language model"] * asked
    table = Table("task", box=None, pad_edge=False, show_footer=len(results) > 1)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("failures", "language model") else "right")
    for result in results:
        steps_ms = 1000 / max(result.env_steps, 1)
        table.add_row(
            result.task,
            str(result.episodes),
            f"{result.success_rate:.1%}",
            f"{result.mean_steps:.1f}",
            f"{result.mean_return:.3f}",
            f"{result.plans / result.episodes:.1f}",
            f"{steps_ms * result.planning_seconds:.2f} ms",
            f"{steps_ms * result.seconds:.2f} ms",
            _causes(result.failures),
            *[str(result.translator)] * asked,
        )
    if len(results) > 1:
        for column, text in zip(table.columns, _footer(sum_up(results)), strict=False):
            column.footer = text
    return table


def _footer(summary: SuiteResult) -> tuple[str, ...]:
    return (
        f"{summary.tasks} tasks, {summary.tasks_reliable} of them at 95% or more",
        str(summary.episodes),
        f"{summary.mean_success:.1%}",
        f"{summary.env_steps / max(summary.episodes, 1):.1f}",
        "",
        "",
        f"{summary.planning_ms_per_step:.2f} ms",
        f"{summary.ms_per_step:.2f} ms",
        _causes(summary.failures),
        str(summary.translator),
    )


def _causes(failures: Mapping[str, int]) -> str:
    return ", ".join(f"{cause} {count}" for cause, count in failures.items() if count)
