"""Levels for training: made by `minigrid`'s own generators, in several processes, and kept in the cache folder."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from neurosym.domain import load_domain
from neurosym.processes import cores, in_processes
from neurosym.seeds import EVALUATION_SEED

from .bank import Levels
from .shards import Content, Shard, decode, obtain, read, shards

HERE = Path(__file__).parent

_log = logging.getLogger("neurosym.levels")


def levels_folder() -> Path:
    """Where levels are kept, unless told otherwise. It may be deleted at any time."""
    return load_domain(HERE).cache / "levels"


def load_levels(
    task_ids: Sequence[str], seeds: range, workers: int | None = None, folder: Path | None = None
) -> Levels:
    """The level of each seed of each task, in this order; see `gather_levels`, which tells how far it is."""
    gathering = gather_levels(task_ids, seeds, workers, folder)
    while True:
        try:
            next(gathering)
        except StopIteration as finished:
            return finished.value


def gather_levels(
    task_ids: Sequence[str], seeds: range, workers: int | None = None, folder: Path | None = None
) -> Generator[tuple[int, int, str], None, Levels]:
    """Read the levels that are kept, make and keep the others; returns the level of each seed of each task, in order.

    Yields how many levels are there, of how many, and the task that the last of them belong to; twice a second at
    least. A seed whose level takes too long to make has none. What cannot be kept is made all the same.

    Args:
        seeds: consecutive, below 1,000,000.
        workers: processes that make levels; as many as there are cores, if None.
        folder: where levels are kept; the platform's cache folder if None.

    Raises:
        ValueError: a seed that belongs to evaluation, or no level at all.
        RuntimeError: a process that made levels has ended by itself.
    """
    if seeds.step != 1 or seeds.start < 0:
        raise ValueError(f"level seeds are consecutive and not negative, got {seeds}")
    if seeds.stop > EVALUATION_SEED:
        raise ValueError(f"training levels have seeds below {EVALUATION_SEED}, got {seeds.stop - 1}")
    wanted = shards(tuple(dict.fromkeys(task_ids)), seeds)
    found: dict[Shard, Content] = {}
    done, total, task = 0, sum(len(shard.seeds) for shard in wanted), task_ids[0] if task_ids else ""
    with closing(_contents(wanted, folder or levels_folder(), workers or cores())) as contents:
        for news in contents:
            if news is not None:
                shard, found[shard] = news
                done, task = done + len(shard.seeds), shard.task
            yield done, total, task
    levels = [content.levels for content in map(found.get, wanted) if content and content.levels]
    if not levels:
        raise ValueError(f"there are no levels with the seeds {seeds} of {', '.join(task_ids) or 'no task'}")
    return Levels.join(levels)


def _contents(
    wanted: Sequence[Shard], folder: Path, workers: int
) -> Generator[tuple[Shard, Content] | None, None, None]:
    """Each shard with what it holds, first those that are kept; None now and then while others are made."""
    missing = []
    for shard in wanted:
        content = read(shard, folder)
        if content is None:
            missing.append(shard)
        else:
            yield shard, content
    if missing:
        yield from _made(missing, folder, workers)


def _made(
    missing: Sequence[Shard], folder: Path, workers: int
) -> Generator[tuple[Shard, Content] | None, None, None]:
    homeless = False
    jobs = [partial(obtain, shard, folder) for shard in missing]
    with closing(in_processes(jobs, workers, partial(load_domain, HERE))) as outcomes:
        for outcome in outcomes:
            if outcome is None:
                yield None
                continue
            number, (data, hindrance) = outcome
            if hindrance and not homeless:
                homeless = True
                _log.warning("levels cannot be kept and are made for this run only: %s", hindrance)
            content = decode(missing[number], data)
            if content.skipped:
                seeds = ", ".join(map(str, content.skipped))
                _log.warning(
                    "%s: no level with seed %s, making it takes too long", missing[number].task, seeds
                )
            yield missing[number], content


__all__ = ["gather_levels", "levels_folder", "load_levels"]
