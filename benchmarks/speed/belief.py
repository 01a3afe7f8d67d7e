"""Perceiving: the belief's update, its test of subgoals and its features, for a batch of worlds on one core."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.speed.clock import Stopwatch
from benchmarks.speed.jobs import Job, Settings
from benchmarks.speed.worlds import start_worlds
from neurosym.agent import Executive
from neurosym.belief import Belief
from neurosym.domain import Domain, load_domain
from neurosym.options import NetworkController, load_checkpoint

__all__ = ["belief_jobs", "measure_belief"]

STEPS_OF_A_ROUND = 8
CLOCKED = ("update", "achieved", "features")


class ClockedBelief:
    """A belief, with a stopwatch on each of three methods."""

    def __init__(self, belief: Belief) -> None:
        self._belief = belief
        self.watches = {name: Stopwatch() for name in CLOCKED}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._belief, name)
        if name not in CLOCKED:
            return found

        def clocked(*arguments: Any, **options: Any) -> Any:
            with self.watches[name]:
                return found(*arguments, **options)

        return clocked


def belief_jobs(settings: Settings) -> list[Job]:
    """Every task twice: acting at random, and with the weights that ship, which see more of a world."""
    return [
        Job(
            f"belief/{play}/{task}",
            lambda task=task, skilled=play == "skilled": measure(task, settings, skilled),
        )
        for task in settings.tasks
        for play in ("random", "skilled")
    ]


def measure(task: str, settings: Settings, skilled: bool) -> dict[str, Any]:
    return measure_belief(load_domain("minigrid"), [task], settings.worlds, settings, skilled)


def measure_belief(
    domain: Domain, tasks: Sequence[str], count: int, settings: Settings, skilled: bool
) -> dict[str, Any]:
    """Worlds/s of all three methods together, and seconds of each by itself; medians over rounds of steps.

    An executive sets the subgoals, as in training, so that features have targets and tests something to test. Some
    steps are played first, so that there is something to believe, and ended episodes begin anew.
    """
    worlds = start_worlds(domain, tasks, count, settings.levels)
    play = _Play(domain, worlds, count, skilled)
    for _ in range(settings.warm_up):
        play.step()
    rounds = []
    for _ in range(settings.repeats):
        before = play.seconds()
        for _ in range(STEPS_OF_A_ROUND):
            play.step()
        rounds.append({name: play.seconds()[name] - before[name] for name in CLOCKED})
    each = {
        name: statistics.median(found[name] for found in rounds) / STEPS_OF_A_ROUND / count
        for name in CLOCKED
    }
    rates = [STEPS_OF_A_ROUND * count / sum(found.values()) for found in rounds]
    return {
        "worlds": count,
        "worlds_per_second": statistics.median(rates),
        "microseconds_of_a_world": {name: 1e6 * seconds for name, seconds in each.items()},
        "rows_named_in_a_state": play.rows_named(),
    }


class _Play:
    """Worlds under an executive whose belief is clocked."""

    def __init__(self, domain: Domain, worlds: Any, count: int, skilled: bool) -> None:
        self.worlds, self.count = worlds, count
        self.executive = Executive(domain, count)
        self.clocked = ClockedBelief(self.executive.belief)
        self.executive.belief = self.clocked  # type: ignore[assignment]
        self.idle_actions = np.array(domain.idle_actions)
        self.rng = np.random.default_rng(0)
        self.controller = None
        torch.set_num_threads(1)  # a second one would be waiting on our clock
        if skilled:
            self.controller = NetworkController(load_checkpoint(domain.weights, domain.feature_spec).network)
        self.executive.begin(np.ones(count, dtype=np.bool_), worlds.observation())
        self.features = self.executive.features()

    def step(self) -> None:
        _, terminated, truncated = self.worlds.step(self._choose())
        outcome = self.executive.update(self.actions, self.worlds.observation())
        over = terminated | truncated | outcome.finished
        if over.any():
            self.worlds.start(np.flatnonzero(over))
            self.executive.begin(over, self.worlds.observation())
        self.features = self.executive.features()

    def _choose(self) -> NDArray[np.int64]:
        if self.controller is None:
            self.actions = self.rng.integers(7, size=self.count)
        else:
            self.actions = self.controller.act(self.features, self.rng)
            idle = np.flatnonzero(~self.executive.subgoals.any(axis=1))
            self.actions[idle] = self.rng.choice(self.idle_actions, size=len(idle))
        return self.actions

    def seconds(self) -> dict[str, float]:
        return {name: watch.seconds for name, watch in self.clocked.watches.items()}

    def rows_named(self) -> float:
        return float(np.count_nonzero(self.features.sparse) / self.count)
