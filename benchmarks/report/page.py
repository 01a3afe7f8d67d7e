"""The page of results: what was played, beside the bot, published figures and known ceilings."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from neurosym.evaluation import CAUSES, RELIABLE

__all__ = ["Evidence", "Point", "reliable", "write_page"]

Task = Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    """A point of a training curve: results after so many frames."""

    frames: int
    record: Mapping[str, Any]

    @property
    def mean_success(self) -> float:
        return mean_success(self.record["tasks"])


@dataclass(frozen=True)
class Evidence:
    """All that the page is made from.

    Attributes:
        results: what `neurosym solve --json` printed.
        bot: what `benchmarks.bot` wrote.
        figures: as in published.toml; reasons: its ceilings.
        ceilings: for each task the seeds proven unsolvable, as `benchmarks.ceiling` wrote it.
    """

    results: Mapping[str, Any]
    bot: Mapping[str, Any] | None = None
    curve: Sequence[Point] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    ceilings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reasons: Sequence[Mapping[str, Any]] = ()

    @property
    def tasks(self) -> Sequence[Task]:
        return self.results["tasks"]

    @cached_property
    def bot_tasks(self) -> dict[str, Task]:
        """The bot's figures on the seeds of the results, of the tasks whose seeds it played all."""
        played = {task["task"]: task for task in (self.bot or {"tasks": ()})["tasks"]}
        found = ((task["task"], on_seeds(played.get(task["task"]), task["seeds"])) for task in self.tasks)
        return {name: figures for name, figures in found if figures is not None}

    def figures_of(self, task: str) -> list[Mapping[str, Any]]:
        """The best of each measure."""
        about = [figure for figure in self.figures if figure["task"] == task]
        return [figure for figure in about if not any(beats(other, figure) for other in about)]


def on_seeds(bot: Task | None, seeds: Sequence[int]) -> Task | None:
    """A task of the bot, over these seeds only; None if it did not play them all."""
    if bot is None:
        return None
    outcomes = dict(zip(bot["seeds"], zip(bot["successes"], bot["steps"], strict=True), strict=True))
    if not outcomes.keys() >= set(seeds):
        return None
    successes, steps = zip(*(outcomes[seed] for seed in seeds), strict=True)
    return {"success_rate": statistics.mean(successes), "mean_steps": statistics.mean(steps)}


def mean_success(tasks: Sequence[Task]) -> float:
    return statistics.mean(task["success_rate"] for task in tasks)


def reliable(tasks: Sequence[Task]) -> int:
    """How many tasks have a success rate of RELIABLE or more."""
    return sum(task["success_rate"] >= RELIABLE for task in tasks)


def write_page(evidence: Evidence, path: Path) -> None:
    path.write_text("\n".join(lines_of(evidence)) + "\n", encoding="utf-8")


def lines_of(evidence: Evidence) -> Iterator[str]:
    yield from opening(evidence)
    yield from summary(evidence)
    if evidence.bot_tasks:
        yield from beside_the_bot(evidence)
    if evidence.curve:
        yield from curve(evidence)
    yield from failures(evidence)
    yield from beside_published(evidence)
    yield from ceilings(evidence)
    yield from all_tasks(evidence)


def opening(evidence: Evidence) -> Iterator[str]:
    results, bot = evidence.results, evidence.bot
    seeds = [seed for task in evidence.tasks for seed in task["seeds"]]
    yield from (
        "# Results",
        "",
        "Written by `python -m benchmarks.results`; do not edit. All tasks are played with one set of weights, on",
        f"levels of seeds {min(seeds):,} to {max(seeds):,}, which training never uses (small tasks have",
        "[the same levels under other seeds](minigrid.md#levels-that-come-again)). An episode is solved when its",
        "environment ends it with a reward above 0. Times are wall times, with whatever else the machine had to do.",
        "",
        f"- Made by `{results.get('command')}`, version {results.get('version')}, commit `{results.get('commit')}`.",
    )
    if bot:
        yield f"- The bot's by `{bot.get('command')}`, minigrid {bot.get('minigrid')}, commit `{bot.get('commit')}`."
    for point in evidence.curve:
        record = point.record
        yield f"- {point.frames:,} frames: by `{record.get('command')}`, commit `{record.get('commit')}`."
    yield ""


def families(tasks: Sequence[Task]) -> dict[str, list[Task]]:
    """The tasks by the first part of their names, and all of them."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task["task"].partition("-")[0], []).append(task)
    return {**found, "all": list(tasks)} if len(found) > 1 else {"all": list(tasks)}


def summary(evidence: Evidence) -> Iterator[str]:
    yield from ("## In short", "")
    yield from row(
        "",
        "tasks",
        "episodes",
        "mean success",
        f"tasks at {RELIABLE:.2f} or more",
        "planning/step",
        "time/step",
    )
    yield from rule("lrrrrrr")
    for name, tasks in families(evidence.tasks).items():
        steps = max(sum(task["env_steps"] for task in tasks), 1)
        yield from row(
            name,
            len(tasks),
            f"{sum(task['episodes'] for task in tasks):,}",
            f"{mean_success(tasks):.3f}",
            reliable(tasks),
            f"{1000 * sum(task['planning_seconds'] for task in tasks) / steps:.2f} ms",
            f"{1000 * sum(task['seconds'] for task in tasks) / steps:.2f} ms",
        )
    yield from ("", "![Success in each task](images/results-success.svg)", "")
    reasons: dict[str, list[str]] = {}
    for task in evidence.results.get("skipped", ()):
        reasons.setdefault(task["reason"], []).append(f"`{task['task']}`")
    for reason, names in reasons.items():
        yield from (f"Not among them: {', '.join(names)}; {reason}.", "")


def beside_the_bot(evidence: Evidence) -> Iterator[str]:
    bot = evidence.bot_tasks
    ours = {task["task"]: task for task in evidence.tasks if task["task"] in bot}
    both = [name for name in ours if min(ours[name]["success_rate"], bot[name]["success_rate"]) >= RELIABLE]
    ahead = sum(ours[name]["success_rate"] >= bot[name]["success_rate"] for name in ours)
    yield from (
        "## Beside the bot",
        "",
        "BabyAI's hand-written bot reads the instruction's objects from the simulator and knows the rules; the agent",
        "is given `image`, `direction` and `mission`. Both played the same levels.",
        "",
    )
    yield from row(f"{len(ours)} BabyAI tasks", "agent", "bot")
    yield from rule("lrr")
    yield from row("mean success", *(f"{mean_success([*who.values()]):.3f}" for who in (ours, bot)))
    yield from row(f"tasks at {RELIABLE:.2f} or more", *(reliable([*who.values()]) for who in (ours, bot)))
    if both:
        steps = (statistics.mean(who[name]["mean_steps"] for name in both) for who in (ours, bot))
        yield from row(
            f"mean steps of the {len(both)} tasks where both are there", *(f"{n:.1f}" for n in steps)
        )
    yield from (
        "",
        f"In {ahead} of {len(ours)} tasks the agent solves as many levels as the bot, or more.",
        "",
        "![Steps beside the bot's](images/results-steps.svg)",
        "",
    )


def curve(evidence: Evidence) -> Iterator[str]:
    yield from ("## While it learns", "")
    yield from row("frames", "tasks", "mean success", f"tasks at {RELIABLE:.2f} or more")
    yield from rule("rrrr")
    for point in evidence.curve:
        tasks = point.record["tasks"]
        yield from row(f"{point.frames:,}", len(tasks), f"{point.mean_success:.3f}", reliable(tasks))
    yield from ("", "![Success while it learns](images/results-curve.svg)", "")


def failures(evidence: Evidence) -> Iterator[str]:
    failing = [task for task in evidence.tasks if sum(task["failures"].values())]
    yield from ("## What failed", "")
    if not failing:
        yield from ("Nothing.", "")
        return
    yield from ("Episodes that were not solved, by the part that is to blame ([the agent](agent.md)).", "")
    yield from row("task", "episodes", *(cause.replace("_", " ") for cause in CAUSES))
    yield from rule("lr" + "r" * len(CAUSES))
    for task in sorted(failing, key=lambda task: task["success_rate"]):
        yield from row(task["task"], task["episodes"], *(task["failures"][cause] or "" for cause in CAUSES))
    totals = (sum(task["failures"][cause] for task in failing) for cause in CAUSES)
    yield from row("all tasks", sum(task["episodes"] for task in evidence.tasks), *totals)
    yield ""


def beside_published(evidence: Evidence) -> Iterator[str]:
    yield from (
        "## Beside published figures",
        "",
        "The best that was found for each task, as its authors report it; most were trained on that task alone. Return",
        "is not success, since MiniGrid takes off for steps.",
        "",
    )
    yield from row("task", "measure", "here", "published", "system", "frames", "source", "remark")
    yield from rule("llrrllll")
    for task in evidence.tasks:
        for figure in evidence.figures_of(task["task"]):
            yield from row(
                task["task"],
                figure["measure"],
                shown(figure["measure"], task[KEYS[figure["measure"]]]),
                shown(figure["measure"], figure["value"]),
                figure["system"],
                figure["frames"],
                figure["source"],
                figure.get("note", ""),
            )
    yield ""


KEYS = {"success": "success_rate", "return": "mean_return", "steps": "mean_steps"}


def shown(measure: str, value: float) -> str:
    return f"{value:.1f}" if measure == "steps" else f"{value:.3f}"


def ceilings(evidence: Evidence) -> Iterator[str]:
    """The tasks of which some levels that were played are proven unsolvable."""
    reasons = {task: entry["reason"] for entry in evidence.reasons for task in entry["tasks"]}
    bad = {name: set(found["unsolvable_seeds"]) for name, found in evidence.ceilings.items()}
    yield from (
        "## What nobody can solve",
        "",
        "By `python -m benchmarks.ceiling`, which knows the whole level.",
        "",
    )
    yield from row("task", "success here", "at most", "why")
    yield from rule("lrrl")
    for task in evidence.tasks:
        lost = bad.get(task["task"], set()) & set(task["seeds"])
        if lost:
            most = f"{1 - len(lost) / task['episodes']:.2f}"
            yield from row(task["task"], f"{task['success_rate']:.2f}", most, reasons.get(task["task"], ""))
    yield ""


def all_tasks(evidence: Evidence) -> Iterator[str]:
    yield from ("## All tasks", "", "Steps are means over all episodes, solved or not.", "")
    yield from row("task", "success", "steps", "bot's success", "bot's steps", "best published")
    yield from rule("lrrrrl")
    for task in evidence.tasks:
        bot = evidence.bot_tasks.get(task["task"])
        yield from row(
            task["task"],
            f"{task['success_rate']:.2f}",
            f"{task['mean_steps']:.1f}",
            f"{bot['success_rate']:.2f}" if bot else "",
            f"{bot['mean_steps']:.1f}" if bot else "",
            "; ".join(map(quoted, evidence.figures_of(task["task"]))),
        )


def beats(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether one figure is better than the other, by the same measure."""
    sign = -1 if one["measure"] == "steps" else 1
    return one["measure"] == other["measure"] and sign * one["value"] > sign * other["value"]


def quoted(figure: Mapping[str, Any]) -> str:
    return f"{figure['measure']} {shown(figure['measure'], figure['value'])} ({figure['system']}, {figure['source']})"


def row(*cells: Any) -> Iterator[str]:
    yield f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in cells)} |"


def rule(alignments: str) -> Iterator[str]:
    yield f"|{'|'.join('---:' if way == 'r' else '---' for way in alignments)}|"
