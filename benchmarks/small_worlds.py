"""Small worlds, with a plan and without one: `python -m benchmarks.small_worlds`.

    python -m benchmarks.small_worlds [--only WORLD …] [--seeds N] [--jobs 2] [--json] [--out FILE] [--page FILE]
                                      [--results FILE]

In each world of `benchmarks/small/worlds.py` the plan-guided agent and tabular Q-learning over whole episodes learn
from the same observations, for as many steps, and are measured against the best that can be done, worked out from the
world's own table. With --json one JSON object is printed instead of the table.

With --out, the result goes to that JSON file, beside the worlds that it holds already. With --page, the tables of that
page are replaced, and its plot drawn (which wants the extra `bench`). With --results, nothing is learned: the result is
what that JSON file holds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium

from benchmarks.small.measures import measure, seeds_of
from benchmarks.small.page import describe, update_page
from benchmarks.small.worlds import WORLDS, World
from neurosym.errors import NeurosymError
from neurosym.processes import in_processes
from neurosym.provenance import provenance


def main(given: list[str] | None = None) -> None:
    """Measure what is asked for, keep it, write the page, and print it."""
    words = sys.argv[1:] if given is None else given
    options = read_options(words)
    if options.results:
        result = read_result(options.results)
    else:
        measured = collect(options, words)
        known = read_result(options.out)["worlds"] if options.out and options.out.exists() else {}
        result = {"worlds": {**known, **measured}}
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.page:
        update_page(options.page, result)
    print(json.dumps(result) if options.json else describe(result))


def collect(options: argparse.Namespace, words: list[str]) -> dict[str, Any]:
    """The figures of each world, and how to make them again."""
    made = {
        **provenance(words, "python -m benchmarks.small_worlds"),
        "gymnasium": gymnasium.__version__,
    }
    found = measure_all(options.only or list(WORLDS), options.seeds, options.jobs)
    return {name: {**record(WORLDS[name], players), **made} for name, players in found.items()}


def measure_all(names: Sequence[str], seeds: int | None, jobs: int) -> dict[str, dict[str, dict[int, Any]]]:
    """By world, player and seed."""
    todo = [
        (name, who, seed)
        for name in names
        for who in WORLDS[name].learners
        for seed in range(seeds or WORLDS[name].seeds)
    ]
    found: dict[str, dict[str, dict[int, Any]]] = {name: {} for name in names}
    work = in_processes([partial(measure, *job) for job in todo], jobs)
    with closing(work):
        for done in work:
            if done is None:
                continue
            name, who, seed = todo[done[0]]
            print(f"{name}, {who}, seed {seed}", file=sys.stderr)
            for player, figures in done[1].items():
                found[name].setdefault(player, {})[seed] = figures
    return found


def record(world: World, players: dict[str, dict[int, Any]]) -> dict[str, Any]:
    """What is kept of a world: for each player a list with an entry for each seed."""
    return {
        "about": world.about,
        "tasks": list(world.played),
        "checkpoints": list(world.checkpoints),
        "episodes": world.episodes,
        "best": world.best(seeds_of(world)) if world.episodes else 1.0,
        "players": {
            player: [runs[seed] for seed in sorted(runs)] for player, runs in sorted(players.items())
        },
    }


def read_result(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NeurosymError(f"{path}: cannot be read: {error}") from error


def read_options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=[], choices=list(WORLDS), metavar="WORLD")
    parser.add_argument(
        "--seeds", type=int, help="of the learners, from 0; each world's own number by default"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, help="JSON file that the result goes to")
    parser.add_argument("--page", type=Path, help="page whose tables and plot are to be replaced")
    parser.add_argument("--results", type=Path, help="JSON file that the result is taken from")
    options = parser.parse_args(words)
    if (options.seeds is not None and options.seeds < 1) or options.jobs < 1:
        parser.error("--seeds and --jobs must be at least 1")
    return options


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks.small_worlds: {error}") from None
