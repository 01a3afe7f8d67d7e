"""The results as tables, in plain text and on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed.plots import draw_scaling

__all__ = ["Table", "as_markdown", "as_text", "describe", "fill_page", "number", "tables", "update_page"]

Rows = list[list[str]]

PLOT = "images/scaling.svg"
PLOT_SHOWS = "Engine, belief and training loop against the number of worlds, the side of the grid and the tasks at once"

WANTED = (
    ("engine_vs_minigrid", "engine against `minigrid`, worst task", "≥ 300 ×", lambda found: found >= 300),
    ("engine_vs_envpool", "engine against EnvPool, worst task", "≥ 15 ×", lambda found: found >= 15),
    ("belief_worlds_per_second", "belief, worlds/s, worst case", "≥ 400,000", lambda found: found >= 400_000),
    ("training_vs_sb3", "training against stable-baselines3", "≥ 20 ×", lambda found: found >= 20),
    ("planner_share", "planners' share of training time", "≤ 20 %", lambda found: found <= 0.2),
)


@dataclass(frozen=True)
class Table:
    """A heading and rows of text; `part` is what was measured for it."""

    part: str
    head: list[str]
    rows: Rows


def tables(summary: dict[str, Any]) -> dict[str, Table]:
    """Every table there are results for, by name."""
    details = summary["details"]
    found = {"summary": Table("", ["", "wanted", "measured", ""], list(wanted_rows(summary)))}
    makers = {
        "engine": engine_table,
        "belief": belief_table,
        "training": training_table,
        "start": start_table,
        "time-to-success": success_table,
    }
    found.update({name: make(details[name]) for name, make in makers.items() if name in details})
    for what in ("worlds", "grid", "tasks"):
        rows = scaling_rows(details.get("scaling", {}), what)
        if rows:
            found[f"scaling-{what}"] = Table("scaling", [what, *SCALING_HEAD], rows)
    return found


def wanted_rows(summary: dict[str, Any]) -> Iterator[list[str]]:
    for key, name, wanted, is_good in WANTED:
        found = summary[key]
        if found is None:
            yield [name, wanted, "not measured", ""]
        else:
            shown = percent(found) if key == "planner_share" else number(found)
            yield [name, wanted, shown, "reached" if is_good(found) else "missed"]


def engine_table(details: dict[str, Any]) -> Table:
    rows = []
    for task, result in details.items():
        rates = {name: rate["median"] for name, rate in result["steps_per_second"].items()}
        pool = max((rate for name, rate in rates.items() if name.startswith("envpool")), default=None)
        rows.append(
            [
                task,
                number(rates["engine"]),
                number(rates["engine, vector API"]),
                number(rates["minigrid"]),
                number(pool),
                times(result["vs_minigrid"]),
                times(result["vs_envpool"]),
            ]
        )
    head = [
        "task",
        "engine, steps/s",
        "by Gymnasium's vector API",
        "`minigrid`",
        "EnvPool",
        "against `minigrid`",
        "against EnvPool",
    ]
    return Table("engine", head, rows)


def belief_table(details: dict[str, Any]) -> Table:
    head = ["task", "play", "worlds/s", "update, µs a world", "achieved", "features", "rows named in a state"]
    rows = []
    for name, result in details.items():
        play, _, task = name.partition("/")
        each = [f"{micro:.2f}" for micro in result["microseconds_of_a_world"].values()]
        rows.append(
            [task, play, number(result["worlds_per_second"]), *each, f"{result['rows_named_in_a_state']:.0f}"]
        )
    return Table("belief", head, rows)


def training_table(details: dict[str, Any]) -> Table:
    head = [
        "learner",
        "run",
        "frames/s, steady state",
        "whole run",
        "planners' share",
        "core share",
        "memory, MiB",
    ]
    rows = []
    for name, result in details.items():
        learner, _, run = name.partition("/")
        whole = result.get("whole_run", {}).get("frames_per_second")
        rows.append(
            [
                {"ours": "plan-guided options", "sb3": "stable-baselines3 PPO"}[learner],
                str(int(run) + 1),
                number(result["frames_per_second"]),
                number(whole),
                percent(result.get("planning_share")),
                percent(result.get("core_share")),
                number(result["peak_memory_mib"]),
            ]
        )
    return Table("training", head, sorted(rows))


def start_table(details: dict[str, Any]) -> Table:
    rows = []
    if "warm" in details:
        rows.append(
            ["command to first update, compiled before", f"{details['warm']['seconds']:.1f} s", "≤ 20 s"]
        )
    if "first-compile" in details:
        rows.append(["the same, all to be compiled", f"{details['first-compile']['seconds']:.1f} s", ""])
    if "memory" in details:
        memory = details["memory"]
        name = f"memory, all processes, {memory['worlds']:,} worlds"
        rows.append([name, f"{number(memory['peak_memory_mib'])} MiB", "< 2 GB"])
    return Table("start", ["", "measured", "wanted"], rows)


def success_table(details: dict[str, Any]) -> Table:
    head = [
        "task",
        "plan-guided options",
        "frames",
        "unseen levels solved",
        "stable-baselines3 PPO",
        "frames",
    ]
    tasks = dict.fromkeys(name.partition("/")[2] for name in details)
    rows = []
    for task in tasks:
        ours, peer = details.get(f"ours/{task}"), details.get(f"sb3/{task}")
        solved = f"{ours['success_rate_on_unseen_levels']:.0%}" if ours else "–"
        rows.append([task, *time_taken(ours), solved, *time_taken(peer)])
    return Table("time-to-success", head, rows)


def time_taken(result: dict[str, Any] | None) -> list[str]:
    """Seconds and frames; a run that was stopped says how far it had come."""
    if result is None or result["reached"] is None:
        return ["–", "–"]
    seconds, frames = f"{result['seconds']:.0f} s", number(result["frames"])
    if result["reached"]:
        return [seconds, frames]
    rate = result.get("success_rate_of_recent_episodes", result.get("success_rate_on_unseen_levels"))
    return [f"not in {seconds} ({percent(rate)})", frames]


SCALING_HEAD = ["engine, steps/s", "belief, worlds/s", "training, frames/s", "planners' share", "memory, MiB"]


def scaling_rows(details: dict[str, Any], what: str) -> Rows:
    found = {
        int(name.partition("/")[2]): result for name, result in details.items() if name.startswith(f"{what}/")
    }
    return [
        [
            f"{size:,}",
            *(number(result[key]) for key in ("engine", "belief", "training")),
            percent(result["planning_share"]),
            number(result["peak_memory_mib"]),
        ]
        for size, result in sorted(found.items())
    ]


def number(value: float | None) -> str:
    """Three digits are enough for what is measured here."""
    if value is None:
        return "–"
    if abs(value) < 100:
        return f"{value:.3g}"
    return f"{round(value, 2 - len(str(int(abs(value)))) + 1):,.0f}"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def times(value: float | None) -> str:
    return "–" if value is None else f"{number(value)} ×"


def describe(summary: dict[str, Any]) -> str:
    """All tables in plain text."""
    return "\n\n".join(f"{name}\n{as_text(table)}" for name, table in tables(summary).items())


def as_text(table: Table) -> str:
    lines = [[word.replace("`", "") for word in line] for line in (table.head, *table.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.head))]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_markdown(table: Table) -> str:
    lines = [table.head, ["---"] * len(table.head), *table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def update_page(path: Path, summary: dict[str, Any]) -> None:
    """Fill a page with the tables, by their names; see `fill_page`.

    The plot of the scaling results, whose name is `plot`, goes to `images/scaling.svg` beside the page.

    Raises:
        ValueError: the page has no place for a table.
    """
    blocks = {
        name: f"{as_markdown(table)}\n\n{source(table, summary)}" for name, table in tables(summary).items()
    }
    if "scaling" in summary["details"]:
        draw_scaling(summary["details"]["scaling"], path.parent / PLOT)
        blocks["plot"] = f"![{PLOT_SHOWS}]({PLOT})"
    fill_page(path, blocks)


def fill_page(path: Path, blocks: dict[str, str]) -> None:
    """Replace what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` by the block of that name.

    Raises:
        ValueError: the page has no such markers for a block.
    """
    text = path.read_text(encoding="utf-8")
    for name, block in blocks.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{path}: {begin} and {end} are wanted")
        text = f"{before}{begin}\n{block}\n{end}{after}"
    path.write_text(text, encoding="utf-8")


def source(table: Table, summary: dict[str, Any]) -> str:
    """The command that measures a table's part, and the commits it was measured at; of all parts, the machine."""
    if not table.part:
        return where(summary)
    commits = ", ".join(
        commit[:10] + "-dirty" * commit.endswith("-dirty") for commit in summary["commits"][table.part]
    )
    return f"`python -m benchmarks.throughput --only {table.part}`, commit {commits}."


def where(summary: dict[str, Any]) -> str:
    machine = summary["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    return f"{machine['processor']}, {machine['cpu_count']} cores; Python {machine['python']}, {versions}."
