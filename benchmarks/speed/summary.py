"""What the results come to: the figures asked for, and where they were measured."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.speed.jobs import Store

__all__ = ["PARTS", "machine", "summarise"]

PARTS = ("engine", "belief", "training", "start", "scaling", "time-to-success")
PACKAGES = ("numpy", "numba", "torch", "gymnasium", "minigrid", "envpool", "stable_baselines3")


def summarise(store: Store) -> dict[str, Any]:
    """The figures, None where a part was not measured, and the details below them."""
    engine, belief = store.results("engine"), store.results("belief")
    ours, peer = store.results("training/ours"), store.results("training/sb3")
    frames = median_of(ours.values(), "frames_per_second")
    peer_frames = median_of(peer.values(), "frames_per_second")
    return {
        "engine_vs_minigrid": least_of(engine.values(), "vs_minigrid"),
        "engine_vs_envpool": least_of(engine.values(), "vs_envpool"),
        "belief_worlds_per_second": least_of(belief.values(), "worlds_per_second"),
        "training_vs_sb3": frames / peer_frames if frames and peer_frames else None,
        "planner_share": median_of(ours.values(), "planning_share"),
        "training_frames_per_second": frames,
        "sb3_frames_per_second": peer_frames,
        "details": {part: store.results(part) for part in PARTS if store.results(part)},
        "commits": {part: store.commits(part) for part in PARTS if store.results(part)},
        "machine": machine(),
    }


def least_of(results: Iterable[dict[str, Any]], key: str) -> float | None:
    """The worst of the tasks; None if none has it."""
    found = [result[key] for result in results if result.get(key) is not None]
    return min(found, default=None)


def median_of(results: Iterable[dict[str, Any]], key: str) -> float | None:
    found = [result[key] for result in results if result.get(key) is not None]
    return statistics.median(found) if found else None


def machine() -> dict[str, Any]:
    """The processor, how many of its cores may be used, and versions; None for what is not installed."""
    return {
        "processor": processor(),
        "cpu_count": available_cores(),
        "python": platform.python_version(),
        "versions": {name: version_of(name) for name in PACKAGES},
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
