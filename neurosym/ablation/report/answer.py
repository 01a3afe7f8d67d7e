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
from neurosym.ablation.statistics import Estimate

__all__ = ["Answer", "answer_question"]

UNSETTLED = "the difference is not settled by these runs"


@dataclass(frozen=True)
class Answer:
    """One sentence, whether it settles the question, and the same for each task."""

    sentence: str
    settled: bool
    by_task: tuple[str, ...]


def answer_question(summary: Summary) -> Answer:
    """The first method beside the baseline against the baseline: frames to GOAL, else final success."""
    subject, baseline = summary.subject, summary.facts.baseline
    if subject == baseline:
        return Answer(f"{baseline} alone was run, so there is nothing to compare it with.", False, ())
    comparison = summary.comparisons[subject]
    ratio = comparison.ratio
    by_task = tuple(_say_task(summary, task) for task in summary.tasks)
    if ratio is None or not ratio.settled:
        sentence, settled = _say_success(summary, comparison.gain, ratio)
        return Answer(sentence, settled, by_task)
    if len(summary.tasks) == 1:
        return Answer(by_task[0], True, ())
    return Answer(_say_tasks(summary, comparison.tasks, ratio), True, by_task)


def _say_tasks(summary: Summary, tasks: tuple[str, ...], ratio: Ratio) -> str:
    leader, other, ratio = _lead(summary, ratio)
    every = len(tasks) == len(summary.tasks)
    where = f"Over {len(tasks)} tasks" if every else f"On {len(tasks)} of {len(summary.tasks)} tasks"
    rest = (
        "" if every else f"; on {list_words([t for t in summary.tasks if t not in tasks])} neither gets there"
    )
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
        return f"Frames to {goal}: {reached}; {UNSETTLED}."
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
        return f"{subject} and {baseline} were not both run on every task, so {UNSETTLED}.", False
    frames = "" if ratio is None else f" (frames to {say_percent(GOAL)} do not settle it: {say_ratio(ratio)})"
    iqm = {name: say_estimate(summary.aggregates[name].iqm) for name in (subject, baseline)}
    pair = f"{iqm[subject]} for {subject}, {iqm[baseline]} for {baseline}"
    apart = f"{say_estimate(gain, 'signed')}"
    if gain.low > 0 or gain.high < 0:
        better = subject if gain.low > 0 else baseline
        return f"{better} ends with more success: {pair}, apart by {apart}{frames}.", True
    return f"Final success is {pair}, apart by {apart}: {UNSETTLED}{frames}.", False
