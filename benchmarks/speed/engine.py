"""Stepping: the compiled engine beside the original and beside EnvPool, one core each, random actions drawn before."""

from __future__ import annotations

from typing import Any

from benchmarks.speed.clock import Contender, rates_in_turn
from benchmarks.speed.jobs import Job, Settings
from benchmarks.speed.worlds import (
    EngineWorlds,
    OriginalWorld,
    PoolWorlds,
    VectorOfWorlds,
    pool_is_installed,
    start_worlds,
    step_limit,
)
from neurosym.domain import load_domain

__all__ = ["engine_jobs", "measure_engine"]

POOL_SIZES = (64, 256)  # whichever is faster counts
VECTOR_STEPS = 200  # at most: it makes a tuple of texts at each
NO_POOL = "EnvPool is not installed: pip install -c constraints.txt -e '.[bench]'"


def engine_jobs(settings: Settings) -> list[Job]:
    return [Job(f"engine/{task}", lambda task=task: compare(task, settings)) for task in settings.tasks]


def compare(task: str, settings: Settings) -> dict[str, Any]:
    """Steps/s of each contender and the engine's ratios to the others; None where there is no other."""
    worlds = start_worlds(load_domain("minigrid"), [task], settings.worlds, settings.levels)
    steps = settings.steps or step_limit(worlds)
    contenders: dict[str, Contender] = {
        "engine": EngineWorlds(worlds, steps),
        "engine, vector API": VectorOfWorlds(worlds.levels, settings.worlds, min(steps, VECTOR_STEPS)),
        "minigrid": OriginalWorld(task, steps),
    }
    if pool_is_installed():
        contenders.update({f"envpool {size}": PoolWorlds(task, size, steps) for size in POOL_SIZES})
    rates = rates_in_turn(contenders, settings.repeats)
    pools = [rate["median"] for name, rate in rates.items() if name.startswith("envpool")]
    ours = rates["engine"]["median"]
    return {
        "worlds": settings.worlds,
        "steps_of_a_round": steps,
        "steps_per_second": rates,
        "vs_minigrid": ours / rates["minigrid"]["median"],
        "vs_envpool": ours / max(pools) if pools else None,
        "without_envpool": "" if pools else NO_POOL,
    }


def measure_engine(worlds: Any, steps: int, repeats: int) -> float:
    """Steps/s of these worlds, a median."""
    return rates_in_turn({"engine": EngineWorlds(worlds, steps)}, repeats)["engine"]["median"]
