"""What stands in a report and in which order; the page and its Markdown twin both follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from neurosym.ablation.report.answer import Answer, answer_question
from neurosym.ablation.report.figures import Figure, draw_figures
from neurosym.ablation.report.summary import GOAL, Summary
from neurosym.ablation.report.table import Table
from neurosym.ablation.report.tables import make_tables
from neurosym.ablation.report.wording import say_percent
from neurosym.ablation.statistics import RESAMPLES

__all__ = ["Outline", "Section", "make_outline"]

GOAL_WORDS = say_percent(GOAL)


@dataclass(frozen=True)
class Section:
    """A heading, a paragraph on how to read what follows, figures and tables."""

    id: str
    title: str
    prose: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Outline:
    """A whole report before it is HTML or Markdown."""

    summary: Summary
    answer: Answer
    sections: tuple[Section, ...]

    @property
    def figures(self) -> list[Figure]:
        return [figure for section in self.sections for figure in section.figures]

    @property
    def scope(self) -> str:
        """How much was run, in a line."""
        methods, tasks, seeds = (
            len(each) for each in (self.summary.methods, self.summary.tasks, self.summary.seeds)
        )
        return f"{_number(methods, 'method')} × {_number(tasks, 'task')} × {_number(seeds, 'seed')}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


PLAN: tuple[tuple[str, str, str, Sequence[str]], ...] = (
    ("methods", "What was compared", "", ("methods", "comparison")),
    (
        "curves",
        "Learning curves",
        (
            "Success rate on levels of unseen seeds against environment frames. A thin line is a seed, the thick one "
            "the interquartile mean over seeds, the band its 95 % interval. A level line is a method that learns "
            "nothing."
        ),
        (),
    ),
    (
        "aggregates",
        "Over all tasks",
        (
            "The interquartile mean is the mean of the middle half of all runs. The optimality gap is by how much runs "
            "miss a success rate of 1."
        ),
        ("aggregates",),
    ),
    (
        "runs",
        "Run against run",
        (
            "To the left, the share of all runs that score above τ: a higher line is better. To the right, how likely "
            "a run of one method beats a run of another; at 0.5 neither is better."
        ),
        ("improvement",),
    ),
    (
        "frames",
        "Frames to a success rate",
        (
            f"A ring is a seed at the first point of its curve with {GOAL_WORDS} success that the next point confirms; "
            "the upright mark is the median, the bar its 95 % interval. An arrow stands at the budget for the seeds "
            "that did not get there."
        ),
        ("frames",),
    ),
    ("final", "Final success", "", ("final",)),
    ("failures", "Failures by cause", "", ("failures",)),
    ("budgets", "Budgets", "", ("budgets",)),
    ("replays", "Example episodes", "", ("replays",)),
    ("absent", "Cells without a result", "", ("absent",)),
    ("settings", "Settings", "", ("settings", "shared-settings")),
    (
        "made",
        "How this was made",
        (
            f"Intervals are 95 % percentile intervals of {RESAMPLES:,} stratified bootstrap resamples with a fixed "
            "seed, after Agarwal et al. 2021 (arXiv:2108.13264). Success is the environment's own verdict on levels "
            "of seeds that nobody trained on; in a small task another seed may have made the same level."
        ),
        ("runs", "versions"),
    ),
)


def make_outline(summary: Summary) -> Outline:
    """Everything that there is something to say about; a section without figures and rows is left out."""
    figures, tables = draw_figures(summary), make_tables(summary)
    sections = [_fill(each, figures, tables) for each in PLAN]
    return Outline(
        summary, answer_question(summary), tuple(each for each in sections if each.figures or each.tables)
    )


def _fill(
    plan: tuple[str, str, str, Sequence[str]], figures: Sequence[Figure], tables: Mapping[str, Table]
) -> Section:
    name, title, prose, wanted = plan
    mine = tuple(figure for figure in figures if figure.section == name)
    return Section(name, title, prose, mine, tuple(tables[each] for each in wanted if tables[each].rows))
