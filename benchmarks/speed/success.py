"""Wall time until nine of ten episodes succeed: plan-guided options, and stable-baselines3's PPO."""

from __future__ import annotations

import importlib
import tempfile
import time
from collections import deque
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.clock import apart
from benchmarks.speed.jobs import Job, Settings
from benchmarks.speed.training import NO_PEER, peer_is_installed, peer_model
from neurosym.domain import Domain, load_domain
from neurosym.evaluation import TaskResult, evaluate
from neurosym.training import TrainingConfig, TrainingEvent, train

__all__ = ["success_jobs"]

WANTED = 0.9
RECENT = 100  # episodes of the peer that its rate is taken over, as stable-baselines3 reports them
NO_END = 100_000_000  # frames; the clock ends a run


def success_jobs(settings: Settings) -> list[Job]:
    """Ours on every task, then theirs."""
    ways = {"ours": run_ours, "sb3": run_peer}
    return [
        Job(
            f"time-to-success/{name}/{task}",
            lambda task=task, way=way: apart(way, task, settings.cap_s, settings.confirming),
        )
        for name, way in ways.items()
        for task in settings.goals
    ]


def run_ours(task: str, cap_s: float, episodes: int) -> dict[str, Any]:
    """Train until the recent rate is as wanted, then play unseen levels of the original; if fewer succeed, train on.

    Making levels and playing the original are not counted; starting the learner's process is.
    """
    domain = load_domain("minigrid")
    seconds, frames, tries = 0.0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        while seconds < cap_s and not (tries and tries[-1] >= WANTED):
            spent, frames, reached = train_until(domain, task, folder, frames, cap_s - seconds)
            seconds += spent
            if reached or not tries:
                tries.append(confirm(domain, task, folder, episodes))
    return {
        "reached": tries[-1] >= WANTED,
        "seconds": seconds,
        "frames": frames,
        "success_rate_on_unseen_levels": tries[-1],
        "unseen_levels": episodes,
        "rates_of_earlier_tries": tries[:-1],
    }


def train_until(
    domain: Domain, task: str, folder: str, frames: int, limit_s: float
) -> tuple[float, int, bool]:
    """Train, or go on, until the recent rate is as wanted; seconds spent, frames in all, and whether it was."""
    config = TrainingConfig()
    judged_from = (
        frames + config.worlds * config.episode_limit
    )  # short episodes end first, and may be the lucky ones
    start, reached = time.perf_counter(), False
    events = train(domain, (task,), frames=NO_END, out=folder, resume=frames > 0, config=config)
    for event in events:
        if event.status:
            start = time.perf_counter()
            continue
        frames, reached = event.frames, event.frames >= judged_from and is_good(event)
        if reached or time.perf_counter() - start >= limit_s:
            break
    spent = time.perf_counter() - start
    if isinstance(events, Generator):
        events.close()  # which saves the run
    return spent, frames, reached


def is_good(event: TrainingEvent) -> bool:
    return event.metrics["success_rate"] >= WANTED


def confirm(domain: Domain, task: str, folder: str, episodes: int) -> float:
    """The share of unseen levels of the original that the weights in this run's folder solve."""
    import neurosym

    agent = neurosym.load(domain, folder)
    results = evaluate(agent, domain, [task], episodes)
    return next(result.success_rate for result in results if isinstance(result, TaskResult))


class RecentEpisodes:
    """Whether each of the last hundred episodes ended with a reward."""

    def __init__(self) -> None:
        self._won: deque[bool] = deque(maxlen=RECENT)

    def take(self, rewards: NDArray[np.float32], dones: NDArray[np.bool_]) -> None:
        """Take in a step of several worlds, float32[N] and bool[N]."""
        self._won.extend((rewards[dones] > 0).tolist())

    @property
    def rate(self) -> float:
        return sum(self._won) / max(1, len(self._won))

    @property
    def good(self) -> bool:
        return len(self._won) == RECENT and self.rate >= WANTED


def run_peer(task: str, cap_s: float, episodes: int) -> dict[str, Any]:
    """PPO until nine of ten of its last hundred training episodes end with a reward; it plays no unseen levels."""
    if not peer_is_installed():
        return {"reached": None, "reason": NO_PEER}
    importlib.import_module("stable_baselines3")  # importing is not counted
    start, recent = time.perf_counter(), RecentEpisodes()
    model = peer_model(task, seed=0)

    def go_on(found: dict[str, Any], _: Any) -> bool:
        recent.take(found["rewards"], found["dones"])
        return not recent.good and time.perf_counter() - start < cap_s

    model.learn(NO_END, callback=go_on)
    return {
        "reached": recent.good,
        "seconds": time.perf_counter() - start,
        "frames": int(model.num_timesteps),
        "success_rate_of_recent_episodes": recent.rate,
    }
