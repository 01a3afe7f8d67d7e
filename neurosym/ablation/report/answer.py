"""The answer in one sentence with its interval, or that these runs do not give one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurosym.ablation.milestones import Ratio, compare_times
from neurosym.ablation.report.summary import GOAL, Summary
from neurosym.ablation.report.wording import (
    list_words,
    say_as_many,
    say_estimate,
    say_frames,
    say_milestone,
    say_percent,
    say_ratio,
)
from neurosym.ablation.statistics import FEW_SEEDS, Estimate

__all__ = ["Answer", "answer_question"]

UNSETTLED = "the difference is not settled by these runs"
VISIBLE = 0.005  # a difference of success that is not 0.00 when it is told


@dataclass(frozen=True)
class Answer:
    """One sentence, whether it settles the question, and the same for each task."""

    sentence: str
    settled: bool
    by_task: tuple[str, ...]


def answer_question(summary: Summary) -> Answer:
    """The first method beside the baseline against the baseline: frames to GOAL, else final success.

    Fewer than FEW_SEEDS settle nothing.
    """
    subject, baseline = summary.subject, summary.facts.baseline
    if subject == baseline:
        return Answer(f"{baseline} alone was run, so there is nothing to compare it with.", False, ())
    comparison = summary.comparisons[subject]
    ratio, gain = comparison.ratio, comparison.gain
    by_task = tuple(_say_task(summary, task) for task in summary.tasks)
    if ratio is None or not ratio.settled:
        sentence, settled = _say_success(summary, gain, ratio)
    else:
        if len(by_task) == 1:
            (sentence,), by_task = by_task, ()
        else:
            sentence = _say_tasks(summary, comparison.tasks, ratio)
        sentence, settled = sentence + _say_turn(summary, gain, ratio), True
    if settled and summary.fewest_seeds(subject, baseline) < FEW_SEEDS:
        sentence, settled = f"{sentence} Fewer than {FEW_SEEDS} seeds settle nothing.", False
    return Answer(sentence, settled, by_task)


def _say_turn(summary: Summary, gain: Estimate | None, ratio: Ratio) -> str:
    """That who is later has more success in the end, where that is so."""
    if gain is None or not _differs(gain):
        return ""
    leader, other, _ = _lead(summary, ratio)
    if (gain.value > 0) == (leader == summary.subject):
        return ""
    return f" In the end {other} has more success: {_say_pair(summary)}."


def _differs(gain: Estimate) -> bool:
    return (gain.low > 0 or gain.high < 0) and abs(gain.value) >= VISIBLE


def _say_pair(summary: Summary) -> str:
    names = (summary.subject, summary.facts.baseline)
    return ", ".join(f"{say_estimate(summary.aggregates[name].iqm)} for {name}" for name in names)


def _say_tasks(summary: Summary, tasks: tuple[str, ...], ratio: Ratio) -> str:
    leader, other, ratio = _lead(summary, ratio)
    left = [task for task in summary.tasks if task not in tasks]
    alone = [task for task in left if any((task, name) not in summary.runs for name in (leader, other))]
    neither = [task for task in left if task not in alone]
    where = f"On {len(tasks)} of {len(summary.tasks)} tasks" if left else f"Over {len(tasks)} tasks"
    rest = f"; on {list_words(neither)} neither gets there" if neither else ""
    rest += f"; on {list_words(alone)} one of them has no run" if alone else ""
    return (
        f"{where}, {leader} reaches {say_percent(GOAL)} success in fewer frames: {other} needs "
        f"{say_as_many(ratio)}{rest}."
    )


def _lead(summary: Summary, ratio: Ratio) -> tuple[str, str, Ratio]:
    """Who needs fewer frames, who more, and how many times as many that is."""
    subject, baseline = summary.subject, summary.facts.baseline
    return (subject, baseline, ratio) if ratio.low > 1 else (baseline, subject, ratio.turned)


def _say_task(summary: Summary, task: str) -> str:
    """The same for one task, from its medians."""
    names = (summary.subject, summary.facts.baseline)
    if any((task, name) not in summary.runs for name in names):
        return f"On {task} one of {list_words(list(names))} has no run."
    x, y = (summary.runs[task, name].milestones[GOAL] for name in names)
    ratio = compare_times([(x.times, y.times)])
    goal = f"{say_percent(GOAL)} success on {task}"
    if ratio is None or not ratio.settled:
        reached = "; ".join(f"{name} {say_milestone(each)}" for name, each in zip(names, (x, y), strict=True))
        verdict = "one of them learns nothing" if ratio is None else UNSETTLED
        return f"Frames to {goal}: {reached}; {verdict}."
    leader, other, ratio = _lead(summary, ratio)
    first, second = (x, y) if leader == summary.subject else (y, x)
    if math.isinf(second.value):
        needs = f"{other} did not within {say_frames(second.times.budget)}: {say_as_many(ratio)}"
    else:
        needs = f"{other} needs {say_milestone(second)}, {say_as_many(ratio)}"
    return f"{leader} reaches {goal} in {say_milestone(first)} frames; {needs}."


def _say_success(summary: Summary, gain: Estimate | None, ratio: Ratio | None) -> tuple[str, bool]:
    """What final success says where frames do not settle it."""
    subject, baseline = summary.subject, summary.facts.baseline
    if gain is None:
        return f"{subject} or {baseline} has no seed that is done on every task, so {UNSETTLED}.", False
    frames = "" if ratio is None else f" (frames to {say_percent(GOAL)} do not settle it: {say_ratio(ratio)})"
    pair, apart = _say_pair(summary), say_estimate(gain, "signed")
    if _differs(gain):
        better = subject if gain.low > 0 else baseline
        return f"{better} ends with more success: {pair}, apart by {apart}{frames}.", True
    return f"Final success is {pair}, apart by {apart}: {UNSETTLED}{frames}.", False
