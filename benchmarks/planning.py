"""The embedded planner beside Fast Downward on lock-and-key worlds, as ratios within one run.

    python -m benchmarks.planning [--json] [--rooms 4,9,25,100] [--seeds 3] [--engine fast-downward]

Fresh plans include grounding. The other engine's time is without the conversion to unified-planning's
objects; one that runs past the limit counts as the limit, which flatters it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.lockkey import make_world
from neurosym.errors import NeurosymError
from neurosym.planning import EmbeddedPlanner, PlanCache, engines, validate
from neurosym.planning import planner as named_planner
from neurosym.planning.interop import to_unified_planning
from neurosym.provenance import provenance
from neurosym.symbols import PlanResult, PlanStatus, Problem

# What a fresh plan may take at most, as a share of the other engine's time, and a cached one in seconds.
WANTED = {9: 1 / 100, 25: 1 / 50, 100: 1 / 5}
WANTED_CACHED_S = 50e-6


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rooms", default="4,9,25,100")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--engine", default="fast-downward")
    parser.add_argument("--limit", type=float, default=30.0, help="seconds for the other engine")
    options = parser.parse_args()
    missing = {engine.name: engine.reason for engine in engines() if not engine.available}
    other = None if options.engine in missing else options.engine
    rows = []
    for rooms in (int(word) for word in options.rooms.split(",")):
        worlds = [make_world(rooms, seed) for seed in range(options.seeds)]
        rows.append(measure(rooms, worlds, other, options.limit))
        print(describe(rows[-1]), file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        made = provenance(sys.argv[1:], "python -m benchmarks.planning")
        print(json.dumps({**made, "engine": other, "missing": missing.get(options.engine), "rows": rows}))


def measure(rooms: int, worlds: list[Problem], other: str | None, limit: float) -> dict[str, Any]:
    """Medians over worlds, in seconds, and the median of each world's ratio."""
    planner, greedy = EmbeddedPlanner(), EmbeddedPlanner("gbfs")
    fresh = [best_of(lambda world=world: fresh_plan(planner, world)) for world in worlds]
    quick = [best_of(lambda world=world: fresh_plan(greedy, world)) for world in worlds]
    theirs = [time_other(world, other, limit) for world in worlds] if other else []
    ratios = [ours / them for ours, them in zip(fresh, theirs, strict=False)]
    cached = [time_cached(world) for world in worlds]
    row: dict[str, Any] = {
        "rooms": rooms,
        "cost": [solve(planner, world) for world in worlds],
        "cost_gbfs": [solve(greedy, world) for world in worlds],
        "fresh_s": statistics.median(fresh),
        "fresh_gbfs_s": statistics.median(quick),
        "cached_s": statistics.median(cached),
        "other_s": statistics.median(theirs) if theirs else None,
        "ratio": statistics.median(ratios) if ratios else None,
        "wanted_ratio": WANTED.get(rooms),
    }
    good = row["cached_s"] <= WANTED_CACHED_S
    if row["ratio"] is not None and rooms in WANTED:
        good = good and row["ratio"] <= WANTED[rooms]
    return {**row, "reached": good}


def solve(planner: EmbeddedPlanner, world: Problem) -> float:
    """Plan afresh, replay the plan, and return its cost."""
    result = fresh_plan(planner, world)
    if result.plan is None or not validate(world, result.plan):
        raise SystemExit(f"{world.name}: {result.status.value} {result.reason}")
    return result.plan.cost


def fresh_plan(planner: EmbeddedPlanner, world: Problem) -> PlanResult:
    """A plan, grounding included."""
    return planner.plan(world, time_limit_s=60.0)


def best_of(action: Callable[[], object], least_s: float = 0.2) -> float:
    """The shortest of several runs, the first of which only warms up."""
    action()
    times, until = [], time.perf_counter() + least_s
    while len(times) < 3 or time.perf_counter() < until:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def time_cached(world: Problem) -> float:
    """An answer from the cache for an equal problem built anew, as an agent that replans builds it: a median."""
    cache = PlanCache(EmbeddedPlanner("gbfs"))
    cache.plan(world, time_limit_s=60.0)
    times = []
    for twin in [build_anew(world) for _ in range(50)]:
        start = time.perf_counter()
        cache.plan(twin, time_limit_s=60.0)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def build_anew(world: Problem) -> Problem:
    """An equal problem whose state and costs are new objects; atoms are shared, as the domains here share them."""
    return replace(world, init=frozenset([*world.init]), costs=(*world.costs,))


def time_other(world: Problem, engine: str, limit: float) -> float:
    """One solution by another engine, through unified-planning."""
    to_unified_planning(world)
    start = time.perf_counter()
    to_unified_planning(world)
    conversion = time.perf_counter() - start
    result = named_planner(engine).plan(world, time_limit_s=limit)
    return limit if result.status is PlanStatus.TIMED_OUT else result.seconds - conversion


def describe(row: dict[str, Any]) -> str:
    """One line on one size of world."""
    wanted = f" (wanted 1/{1 / row['wanted_ratio']:.0f})" if row["wanted_ratio"] else ""
    against = (
        f", other {row['other_s'] * 1e3:.0f} ms, ratio 1/{1 / row['ratio']:.0f}{wanted}"
        if row["ratio"]
        else ""
    )
    return (
        f"{row['rooms']:4d} rooms: fresh {row['fresh_s'] * 1e3:.2f} ms, greedy {row['fresh_gbfs_s'] * 1e3:.2f} ms, "
        f"cached {row['cached_s'] * 1e6:.0f} µs{against}, cost {row['cost']}, greedy {row['cost_gbfs']}"
        f"{'' if row['reached'] else '  MISSED'}"
    )


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks/planning.py: {error}") from None
