"""Flat PPO beside stable-baselines3 and published figures: `python -m benchmarks.flat --out FOLDER`.

    python -m benchmarks.flat --out runs/flat [--seeds 3] [--first-seed 0] [--only TASK …] [--methods flat sb3]
                              [--most FRAMES] [--jobs 2] [--page docs/results-flat.md]

An ablation can be trusted only if what it compares with is as good as elsewhere. On every task for which
`published.toml` has a figure of flat PPO, `flat` (the belief's features, no plan), `flat-raw` (the raw view) and `sb3`
(stable-baselines3's PPO on the original environment) learn from as many frames as the published run did, and are judged
on 100 levels of seeds that none of them has seen. A task that asks for more frames than --most is left to the methods
of ours, since stable-baselines3 would take hours over it: there the published run is the witness.

What is done is kept in the folder and not done again. With --page, the table is written there, with the commands at
whose commits its cells were played; what the folder knows nothing of, a task or a method on it, stays there as the page
has it.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from neurosym.ablation.cell import play_cell
from neurosym.ablation.engines import find_engine
from neurosym.ablation.grid import play_cells, split
from neurosym.ablation.milestones import Times, compare_times, times_of
from neurosym.ablation.records import EPISODES, POINTS, CellKey, CellOrder, CellRecord
from neurosym.ablation.report.summary import GOAL, curve_of
from neurosym.ablation.report.wording import say_ratio
from neurosym.ablation.store import Store, read_cells, read_settings, runs_of
from neurosym.errors import NeurosymError, UnknownNameError
from neurosym.files import write_whole
from neurosym.processes import cores
from neurosym.provenance import provenance

__all__ = ["Figure", "lines_of", "main", "orders_for", "read_figures"]

PUBLISHED = Path(__file__).parent / "published.toml"
WHOSE = "PPO"
OURS, WITNESS = ("flat", "flat-raw"), "sb3"
PROSE = """# Is the flat baseline a fair one?

Written by `python -m benchmarks.flat`; do not edit. Flat PPO of three kinds, after as many frames as a published run:
the mean return on 100 levels of unseen seeds (median over seeds; in brackets the least and the most, and how many
seeds), the frames until 90 % of 20 such levels are solved at two points running (median; "never" within the budget),
and frames learned from in a second of learning, on one core, beside whatever else the machine did then. What the
methods are told stands in [the methods](ablation-methods.md); the published figures are of one run each. Below the
table: how many times as many frames stable-baselines3 needs to 90 %, with the bootstrap 95 % interval of all reports.
"""
_NOTHING = ("–", "–", "–")
SUFFIXES = {"k": 1_000, "M": 1_000_000}


@dataclass(frozen=True)
class Figure:
    """A published return of flat PPO after so many frames."""

    task: str
    value: float
    frames: int
    source: str


def read_figures(path: Path = PUBLISHED) -> list[Figure]:
    """Those of flat PPO, by frames."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["figure"]
    figures = [
        Figure(row["task"], row["value"], _count(row["frames"]), row["source"])
        for row in rows
        if row["system"] == WHOSE and row["measure"] == "return"
    ]
    return sorted(figures, key=lambda figure: (figure.frames, figure.task))


def _count(text: str) -> int:
    """`500k` as a number."""
    return int(float(text[:-1]) * SUFFIXES[text[-1]])


def orders_for(figure: Figure, methods: Sequence[str], seeds: Sequence[int], most: int) -> list[CellOrder]:
    """The cells of a task, seed after seed."""
    playing = [method for method in methods if method != WITNESS or figure.frames <= most]
    return [
        CellOrder(CellKey(method, figure.task, seed), "minigrid", figure.frames)
        for seed in seeds
        for method in playing
    ]


def measure(
    figure: Figure, orders: Sequence[CellOrder], out: Path, jobs: int, made: Mapping[str, str | None]
) -> None:
    """Play what is not in the folder yet."""
    folder = out / figure.task
    _, missing = split(folder, orders)
    if not missing:
        return
    settings = {"frames": figure.frames, "points": POINTS, "episodes": EPISODES}
    notes = {"runs": runs_of(folder, made)}
    with (
        Store(folder, settings, notes) as store,
        closing(play_cells(store, missing, play_cell, find_engine("local"), jobs)) as stream,
    ):
        for news in stream:
            if isinstance(news, CellRecord):
                print(f"{news.key.folder}: {news.reason or _returned(news)}", file=sys.stderr)


def _returned(cell: CellRecord) -> float:
    return round(cell.curve[-1].mean_return, 3)


def lines_of(figures: Sequence[Figure], out: Path, page: Path | None = None) -> Iterator[str]:
    """The page, with what the page there told of what the folder has no cell of."""
    told = page.read_text(encoding="utf-8").splitlines() if page and page.exists() else []
    yield PROSE
    heads = [f"{name}: {what}" for name in (*OURS, WITNESS) for what in ("return", "to 90 %", "frames/s")]
    yield "| " + " | ".join(["task", "frames", "published return", *heads]) + " |"
    yield "|" + "---|" + "---:|" * (len(heads) + 2)
    parts = [_part(figure, out, told) for figure in figures]
    for rows, _ in parts:
        yield from rows
    yield ""
    sources = sorted({figure.source for figure in figures})
    yield f"Published figures: {', '.join(sources)}."
    yield ""
    for _, notes in parts:
        yield from notes


def _part(figure: Figure, out: Path, told: Sequence[str]) -> tuple[list[str], list[str]]:
    """A task's line of the table and the notes on it; from `told` comes what the folder has no cell of."""
    start, note = f"| {figure.task} |", f"- {figure.task}: "
    rows, notes = ([line for line in told if line.startswith(each)] for each in (start, note))
    done = [cell for cell in read_cells(out / figure.task) if cell.status == "done"]
    if not done:
        return rows, notes
    cells = {name: [cell for cell in done if cell.key.method == name] for name in (*OURS, WITNESS)}
    kept = {name: columns for row in rows for name, columns in _columns(row).items() if not cells[name]}
    measured = [part for name, mine in cells.items() for part in kept.get(name) or _told(mine)]
    made = {(cell.made or {}).get("commit") for cell in done}
    runs = (read_settings(out / figure.task) or {}).get("runs", [])
    runs = [run for run in runs if run["commit"] in made or None in made]  # what others made was played again
    lines = [note + line for line in _ratios(cells)]
    if WITNESS in kept:
        lines += [line for line in notes if line.endswith(tuple(f" the frames of {name}" for name in kept))]
    if kept:  # measured by what the page names
        lines += [line for line in notes if ", commit `" in line and _plays(line, kept)]
    lines += [f"{note}`{run['command']}`, commit `{run['commit']}`" for run in runs]
    row = " | ".join([f"{start} {figure.frames:,}", f"{figure.value:.3f}", *measured])
    return [f"{row} |"], list(dict.fromkeys(lines))


def _plays(line: str, methods: Iterable[str]) -> bool:
    """Whether the command that a note tells played one of the methods; one that names none played all."""
    named = re.search(r"--methods((?: \w[\w-]*)+)", line)
    return named is None or not set(methods).isdisjoint(named[1].split())


def _columns(row: str) -> dict[str, Sequence[str]]:
    """What a line of the table tells of each method that it has figures of."""
    measured = row.strip("| ").split(" | ")[3:]
    columns = {name: tuple(measured[3 * k : 3 * k + 3]) for k, name in enumerate((*OURS, WITNESS))}
    return {name: told for name, told in columns.items() if told != _NOTHING}


def _ratios(cells: Mapping[str, Sequence[CellRecord]]) -> Iterator[str]:
    """How many times as many frames the witness needs to GOAL."""
    for name in OURS:
        if cells[name] and cells[WITNESS]:
            ratio = compare_times([(_times(cells[name]), _times(cells[WITNESS]))])
            if ratio is not None:
                yield f"{WITNESS} needs {say_ratio(ratio)} the frames of {name}"


def _times(cells: Sequence[CellRecord]) -> Times:
    return times_of([curve_of(cell) for cell in cells], GOAL)


def _told(mine: Sequence[CellRecord]) -> tuple[str, str, str]:
    """Return, frames and speed of a method's cells on a task."""
    if not mine:
        return _NOTHING
    returns = [cell.curve[-1].mean_return for cell in mine]
    spread = f"{statistics.median(returns):.3f} ({min(returns):.3f} to {max(returns):.3f}; {len(mine)})"
    needed = _times(mine).median
    speed = sum(cell.spent.frames for cell in mine) / sum(cell.spent.learning_seconds for cell in mine)
    reached = f"{int(needed):,}" if needed < float("inf") else "never"
    return spread, reached, f"{speed:,.0f}"


def main(given: list[str] | None = None) -> None:
    words = sys.argv[1:] if given is None else given
    figures = read_figures()
    tasks = [figure.task for figure in figures]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="keeps what is done")
    parser.add_argument("--seeds", type=int, default=3, help="how many learning seeds; 3")
    parser.add_argument("--first-seed", type=int, default=0, help="the first of them; 0")
    parser.add_argument("--only", nargs="+", default=tasks, metavar="TASK", help="tasks; all by default")
    parser.add_argument("--methods", nargs="+", default=[*OURS, WITNESS], choices=[*OURS, WITNESS])
    parser.add_argument("--most", type=int, default=1_000_000, help="frames for stable-baselines3; 1,000,000")
    parser.add_argument("--jobs", type=int, default=cores(), help="cells at a time; one for each core")
    parser.add_argument("--page", type=Path, help="a Markdown file to write")
    options = parser.parse_args(words)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    made = provenance(words, "python -m benchmarks.flat")
    try:
        for name in options.only:
            if name not in tasks:
                raise UnknownNameError("task with a published figure", name, tasks)
        for figure in figures:
            if figure.task in options.only:
                orders = orders_for(figure, options.methods, seeds, options.most)
                measure(figure, orders, options.out, options.jobs, made)
        text = "\n".join(lines_of(figures, options.out, options.page)) + "\n"
        print(text)
        if options.page:
            write_whole(options.page, text.encode())
    except NeurosymError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
