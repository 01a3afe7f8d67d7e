"""How many of the levels that are judged on were practised too: `python -m benchmarks.repeated [--out FILE]`.

    python -m benchmarks.repeated [--tasks TASK …] [--levels 1000] [--seed 0] [--episodes 100] [--jobs 2] [--out FILE]
                                  [--played runs/suite]

Practice and evaluation take levels of different seeds, but a small task has few different levels: then other seeds
make the same ones. Two levels are the same where the same things lie in the same places, the agent starts alike, and
the same is asked for. `--levels` and `--seed` are those of a training, whose level seeds are `seed × levels` and
following. With the folder of a `neurosym solve --suite`, success is told apart for the levels that were practised and
for the others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.ceiling import Level, choose, for_each, levels_by_seed
from neurosym.errors import NeurosymError
from neurosym.files import write_whole
from neurosym.provenance import provenance
from neurosym.seeds import EVALUATION_SEED
from neurosym.training import TrainingConfig

__all__ = ["compare", "describe", "fingerprint", "main", "tell_apart"]


def fingerprint(level: Level) -> bytes:
    """The same for the same level, and for no other."""
    parts = (
        level.tiles.shape,
        level.tiles.tobytes(),
        level.marks.tobytes(),
        level.start.tobytes(),
        level.places,
    )
    return hashlib.sha256(repr(parts).encode()).digest()


def compare(task: str, practised: range, judged: range) -> dict[str, Any]:
    """How many different levels were practised, and the seeds of evaluation whose level is one of them."""
    known = set(_fingerprints(task, practised).values())
    repeated = [seed for seed, print_ in _fingerprints(task, judged).items() if print_ in known]
    return {"different": len(known), "repeated_seeds": repeated}


def _fingerprints(task: str, seeds: range) -> dict[int, bytes]:
    levels, _ = levels_by_seed(task, seeds)
    return {seed: fingerprint(level) for seed, level in levels.items()}


def measure(tasks: Sequence[str], practised: range, judged: range, jobs: int) -> dict[str, dict[str, Any]]:
    """`compare` for each task."""
    return for_each({task: partial(compare, task, practised, judged) for task in tasks}, jobs)


def tell_apart(results: Mapping[str, Mapping[str, Any]], played: Path) -> dict[str, Any]:
    """Success on the levels that were practised too, and on the others: over all episodes, and the mean over tasks.

    Raises:
        NeurosymError: nothing was played there.
    """
    path = played / "episodes.jsonl"
    try:
        episodes = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise NeurosymError(f"{path}: {error.strerror or error}") from None
    told: dict[str, Any] = {}
    for name, wanted in (("practised", True), ("others", False)):
        tasks: dict[str, list[bool]] = {}
        for episode in episodes:
            result = results.get(episode["task"])
            if result is not None and (episode["seed"] in result["repeated_seeds"]) is wanted:
                tasks.setdefault(episode["task"], []).append(episode["success"])
        count = sum(map(len, tasks.values()))
        told[name] = {
            "episodes": count,
            "success": sum(map(sum, tasks.values())) / max(count, 1),
            "tasks": len(tasks),
            "mean_success": sum(sum(each) / len(each) for each in tasks.values()) / max(len(tasks), 1),
        }
    return told


def describe(results: Mapping[str, Mapping[str, Any]], apart: Mapping[str, Any] | None) -> str:
    """The tasks with such levels, the most of them first."""
    rows = sorted(results.items(), key=lambda each: (-len(each[1]["repeated_seeds"]), each[0]))
    lines = [f"{'task':42} different  also practised"]
    lines += [
        f"{task:42} {result['different']:9}  {len(result['repeated_seeds'])}"
        for task, result in rows
        if result["repeated_seeds"]
    ]
    for name, each in (apart or {}).items():
        lines.append(
            f"{name}: {each['success']:.4f} of {each['episodes']} episodes solved; "
            f"{each['mean_success']:.4f} on the mean of {each['tasks']} tasks"
        )
    return "\n".join(lines)


def main(given: list[str] | None = None) -> None:
    words = sys.argv[1:] if given is None else given
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", default=[], help="all, unless some are named")
    parser.add_argument("--levels", type=int, default=TrainingConfig().levels, help="practised, of each task")
    parser.add_argument("--seed", type=int, default=0, help="of the training")
    parser.add_argument("--episodes", type=int, default=100, help="levels of evaluation")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, help="JSON file that the result goes to")
    parser.add_argument("--played", type=Path, metavar="FOLDER", help="of `neurosym solve --suite --out`")
    options = parser.parse_args(words)
    if min(options.levels, options.episodes, options.jobs) < 1:
        parser.error("--levels, --episodes and --jobs must be at least 1")
    try:
        practised = TrainingConfig(levels=options.levels).level_seeds(options.seed)
        judged = range(EVALUATION_SEED, EVALUATION_SEED + options.episodes)
        results = measure(choose(options.tasks), practised, judged, options.jobs)
        apart = tell_apart(results, options.played) if options.played else None
        if options.out:
            record = {**provenance(words, "python -m benchmarks.repeated"), "apart": apart, "tasks": results}
            write_whole(options.out, (json.dumps(record, indent=1) + "\n").encode())
        print(describe(results, apart))
    except NeurosymError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
