"""Writes docs/results.md and its plots from what `neurosym solve --json` printed.

    neurosym solve --suite minigrid --episodes 100 --out runs/suite
    python -m benchmarks.results runs/suite/results.json
        [--bot benchmarks/results/bot.json] [--curve curve.json] [--out docs]

--bot adds BabyAI's own bot (`python -m benchmarks.bot`) on the same seeds. --curve adds how results grow with training:
a JSON list of {"frames": N, "results": R}, where R is a results.json, or its path from that list's folder.

Published figures and known ceilings come from benchmarks/published.toml. Drawing needs matplotlib:
pip install -c constraints.txt -e ".[bench]"
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Mapping, Set
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.report.page import Evidence, Point, write_page
from benchmarks.report.plots import draw_curve, draw_steps, draw_success
from neurosym.errors import NeurosymError
from neurosym.evaluation import TaskResult

PUBLISHED = Path(__file__).parent / "published.toml"
KEYS = {field.name for field in fields(TaskResult)}
BOT_KEYS = {"task", "seeds", "successes", "steps"}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, metavar="RESULTS_JSON")
    parser.add_argument("--bot", type=Path)
    parser.add_argument("--curve", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args(words)
    published = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    evidence = Evidence(
        results=read_record(options.results),
        bot=read_record(options.bot, BOT_KEYS) if options.bot else None,
        curve=read_curve(options.curve) if options.curve else (),
        figures=published["figure"],
        ceilings=published["ceiling"],
    )
    write(evidence, options.out)


def write(evidence: Evidence, out: Path) -> None:
    """The page and its plots; figures that have nothing to show are not drawn."""
    images = out / "images"
    try:
        images.mkdir(parents=True, exist_ok=True)
        draw_success(evidence, images / "results-success.svg")
        if evidence.bot_tasks:
            draw_steps(evidence, images / "results-steps.svg")
        if evidence.curve:
            draw_curve(evidence, images / "results-curve.svg")
        write_page(evidence, out / "results.md")
    except OSError as error:
        raise NeurosymError(f"{error.filename}: {error.strerror}") from error


def read_record(path: Path, keys: Set[str] = KEYS) -> dict[str, Any]:
    """What `neurosym solve --json` or `benchmarks.bot` wrote; each of its tasks has these keys.

    Raises:
        NeurosymError: it cannot be read, or is something else.
    """
    record = read_json(path)
    check_record(record, str(path), keys)
    return record


def read_curve(path: Path) -> tuple[Point, ...]:
    """Points of a training curve, by frames.

    Raises:
        NeurosymError: the list, or a file that it names, cannot be read, or is something else.
    """
    entries = read_json(path)
    if not isinstance(entries, list) or not all(
        isinstance(entry, Mapping) and isinstance(entry.get("frames"), int) and "results" in entry
        for entry in entries
    ):
        raise NeurosymError(f'{path}: not a list of {{"frames": N, "results": …}}')
    points = []
    for entry in entries:
        record = entry["results"]
        if isinstance(record, str):
            record = read_record(path.parent / record)
        check_record(record, f"{path}, {entry['frames']} frames")
        points.append(Point(entry["frames"], record))
    return tuple(sorted(points, key=lambda point: point.frames))


def check_record(record: Any, where: str, keys: Set[str] = KEYS) -> None:
    tasks = record.get("tasks") if isinstance(record, Mapping) else None
    if not isinstance(tasks, list) or not all(
        isinstance(task, Mapping) and keys <= task.keys() for task in tasks
    ):
        maker = "neurosym solve --json" if keys is KEYS else "python -m benchmarks.bot"
        raise NeurosymError(f"{where}: not what `{maker}` writes")
    if not tasks:
        raise NeurosymError(f"{where}: it holds no task")


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise NeurosymError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise NeurosymError(f"{path}: not JSON: {error}") from error


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks.results: {error}") from None
