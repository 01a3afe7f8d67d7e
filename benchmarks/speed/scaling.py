"""What size costs: more worlds, larger grids, more tasks at once."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from benchmarks.speed.belief import measure_belief
from benchmarks.speed.clock import apart
from benchmarks.speed.engine import measure_engine
from benchmarks.speed.jobs import Job, Settings
from benchmarks.speed.training import frames_per_second_of
from benchmarks.speed.worlds import door_key_domain, start_worlds
from neurosym.domain import Domain, load_domain
from neurosym.training import TrainingConfig

__all__ = ["scaling_jobs"]

ENGINE_STEPS = 500_000  # in a round, all worlds together
UPDATES = 10  # of a training run, at least
LEVELS = 200  # of each task


def scaling_jobs(settings: Settings) -> list[Job]:
    small = replace(settings, levels=LEVELS)
    worlds = [
        Job(f"scaling/worlds/{count}", lambda count=count: apart(scale_worlds, count, small))
        for count in settings.world_counts
    ]
    grids = [
        Job(f"scaling/grid/{size}", lambda size=size: apart(scale_grid, size, small))
        for size in settings.grid_sizes
    ]
    tasks = [
        Job(f"scaling/tasks/{count}", lambda count=count: apart(scale_tasks, count, small))
        for count in settings.task_counts
    ]
    return worlds + grids + tasks


def scale_worlds(count: int, settings: Settings) -> dict[str, Any]:
    config = TrainingConfig(worlds=count, levels=settings.levels)
    return measure(load_domain("minigrid"), (settings.practice_task,), count, config, settings)


def scale_grid(size: int, settings: Settings) -> dict[str, Any]:
    config = TrainingConfig(levels=settings.levels)
    return measure(door_key_domain(size), (settings.practice_task,), settings.worlds, config, settings)


def scale_tasks(count: int, settings: Settings) -> dict[str, Any]:
    domain, config = load_domain("minigrid"), TrainingConfig(levels=settings.levels)
    return measure(
        domain, some_tasks(domain, count, settings.practice_task), settings.worlds, config, settings
    )


def some_tasks(domain: Domain, count: int, first: str) -> tuple[str, ...]:
    """So many tasks; fewer are part of more, and which come first is drawn once and for all."""
    others = [task.id for task in domain.tasks() if task.available and task.id != first]
    random.Random(0).shuffle(others)
    return (first, *others)[:count]


def measure(
    domain: Domain, tasks: tuple[str, ...], count: int, config: TrainingConfig, settings: Settings
) -> dict[str, Any]:
    """Engine steps/s, believed worlds/s in random play, and the training loop's frames/s."""
    worlds = start_worlds(domain, tasks, count, settings.levels)
    steps = max(8, min(settings.steps or ENGINE_STEPS, ENGINE_STEPS) // count)
    engine = measure_engine(worlds, steps, settings.repeats)
    belief = measure_belief(domain, tasks, count, settings, skilled=False)
    frames = max(settings.frames // 3, UPDATES * count * config.steps)
    training = frames_per_second_of(domain, tasks, frames, config)
    return {
        "engine": engine,
        "belief": belief["worlds_per_second"],
        "training": training["frames_per_second"],
        "planning_share": training["planning_share"],
    }
