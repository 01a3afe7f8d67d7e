"""How fast worlds are stepped, believed and learned from, beside `minigrid`, EnvPool and stable-baselines3.

    python -m benchmarks.throughput [--json] [--only PART,…] [--device cuda] [--quick]
                                    [--out FILE] [--page FILE]

Parts: engine, belief, training, start, scaling, time-to-success. Without --only, the first four, in about ten
minutes; `--only all` takes a few hours, most of them stable-baselines3's. A part may be narrowed, as in
`--only engine/BabyAI-BossLevel-v0,time-to-success/ours`; `--only none` measures nothing.

With --out, each result is written to that JSON file as soon as it is there, and what the file holds already is not
measured again. With --page, the tables between the markers of that page are replaced and its plots drawn.

The peers are extras: pip install -c constraints.txt -e ".[bench]"
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.speed.jobs import Job, Settings, Store, run_jobs
from benchmarks.speed.summary import PARTS, summarise
from benchmarks.speed.tables import describe, update_page
from neurosym.errors import NeurosymError
from neurosym.provenance import provenance

UNASKED = PARTS[:4]
QUICK = Settings(
    worlds=64,
    steps=50,
    warm_up=8,
    repeats=1,
    levels=10,
    frames=150_000,
    runs=1,
    iterations=2,
    goals=("MiniGrid-Empty-5x5-v0",),
    cap_s=20.0,
    confirming=5,
    world_counts=(32, 64),
    grid_sizes=(8, 16),
    task_counts=(1, 2),
)


def main(given: list[str] | None = None) -> None:
    """Measure what is asked for and print tables, or one JSON object."""
    words = sys.argv[1:] if given is None else given
    options = read_options(words)
    store = Store(options.out)
    settings = replace(QUICK if options.quick else Settings(), device=options.device)
    run_jobs(all_jobs(settings), store, choose(options.only))
    summary = {
        **summarise(store),
        **provenance(words, "python -m benchmarks.throughput"),
    }
    if options.page:
        update_page(options.page, summary)
    print(json.dumps(summary, indent=1) if options.json else describe(summary))


def read_options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--only", default="", help="what is measured, separated by commas")
    parser.add_argument("--out", type=Path, help="JSON file that results are kept in, and taken from")
    parser.add_argument("--page", type=Path, help="page whose tables are to be replaced")
    parser.add_argument("--device", default="cpu", help="of our learner in the part `training`, such as cuda")
    parser.add_argument("--quick", action="store_true", help="sizes that show only that everything runs")
    return parser.parse_args(words)


def choose(only: str) -> tuple[str, ...]:
    """The beginnings of the names of what is to be measured."""
    if only in ("", "all", "none"):
        return {"": UNASKED, "all": PARTS, "none": ()}[only]
    chosen = tuple(word.strip() for word in only.split(","))
    for name in chosen:
        if name.partition("/")[0] not in PARTS:
            raise SystemExit(f"benchmarks/throughput.py: no part {name!r}; there are {', '.join(PARTS)}")
    return chosen


def all_jobs(settings: Settings) -> list[Job]:
    """Every measurement, part by part.

    What they import is imported here: each process that is started imports this file, and should hold what it needs.
    """
    from benchmarks.speed.belief import belief_jobs
    from benchmarks.speed.engine import engine_jobs
    from benchmarks.speed.scaling import scaling_jobs
    from benchmarks.speed.start import start_jobs
    from benchmarks.speed.success import success_jobs
    from benchmarks.speed.training import training_jobs

    makers = (engine_jobs, belief_jobs, training_jobs, start_jobs, scaling_jobs, success_jobs)
    return [job for make in makers for job in make(settings)]


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks/throughput.py: {error}") from None
