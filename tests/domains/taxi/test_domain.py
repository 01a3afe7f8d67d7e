"""Taxi with what ships: as good as can be."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest

from neurosym import load
from neurosym.domain import load_domain
from neurosym.evaluation import EpisodeResult, play_seeds

TAXI = load_domain("taxi")
TASK = TAXI.training_tasks[0]
MOST_LINES = 150  # of the smallest complete domain, all files that people write


def shortest(transitions: Any, state: int) -> int:
    """Fewest steps to the end, by breadth-first search over the environment's own table."""
    steps, waiting = {state: 0}, deque([state])
    while waiting:
        here = waiting.popleft()
        for ((_, there, reward, done),) in transitions[here].values():
            if done and reward > 0:
                return steps[here] + 1
            if there not in steps:
                steps[there] = steps[here] + 1
                waiting.append(there)
    raise AssertionError(f"no way from {state}")


@pytest.fixture(scope="module")
def played() -> list[EpisodeResult]:
    return list(play_seeds(load(TAXI), TAXI, TASK, range(1_000_000, 1_000_060)))


def test_every_ride_takes_the_shortest_way(played: list[EpisodeResult]) -> None:
    env: Any = TAXI.make_env(TASK)
    for episode in played:
        start, _ = env.reset(seed=episode.seed)
        best = shortest(env.unwrapped.P, int(start))
        assert episode.success
        assert (episode.seed, episode.steps) == (episode.seed, best)
        assert episode.total == 21 - best, "20 at the end, and -1 for each step before"


def test_it_is_the_smallest() -> None:
    files = [path for path in Path(TAXI.folder).iterdir() if path.is_file()]
    assert {path.name for path in files} >= {
        "domain.py",
        "domain.pddl",
        "missions.toml",
        "p01.pddl",
        "README.md",
    }
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) < MOST_LINES
