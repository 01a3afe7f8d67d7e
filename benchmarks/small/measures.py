"""What is measured of one learner with one seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.small.learners import Learner, play
from benchmarks.small.office import curve, optimum
from benchmarks.small.qlearning import Episode
from benchmarks.small.worlds import WORLDS, World
from neurosym.seeds import EVALUATION_SEED

__all__ = ["measure", "seeds_of"]

LAST = 100  # episodes of each task that tell how it went in the end


def measure(name: str, who: str, seed: int) -> dict[str, Any]:
    """Learn in one world; the figures of each way of playing by what was learned."""
    world = WORLDS[name]
    learner = world.learner(who, seed)
    return measure_rates(world, who, learner) if not world.episodes else measure_returns(world, learner)


def seeds_of(world: World) -> range:
    """Of the episodes that are played to measure; learners never meet them."""
    return range(EVALUATION_SEED, EVALUATION_SEED + world.episodes)


def measure_returns(world: World, learner: Learner) -> dict[str, Any]:
    """The mean return at each checkpoint."""
    env = world.domain.make_env(world.played[0])
    found: dict[str, list[float]] = defaultdict(list)
    for checkpoint in world.checkpoints:
        for _ in learner.learn(checkpoint):
            pass
        for player_name, player in learner.players().items():
            returns = [play(env, player, seed)[0] for seed in seeds_of(world)]
            found[player_name].append(float(np.mean(returns)))
    return {player_name: {"curve": means} for player_name, means in found.items()}


def measure_rates(world: World, who: str, learner: Learner) -> dict[str, Any]:
    """Reward per step while learning, and how each task went in the end."""
    steps, every = world.checkpoints[-1], world.checkpoints[0]
    episodes = list(learner.learn(steps))
    player = learner.players()[who]
    greedy = {task: play(world.domain.make_env(task), player, EVALUATION_SEED) for task in world.played}
    tasks = {
        task: {**in_the_end(task, episodes), "greedy_steps": length if reward > 0 else None}
        for task, (reward, length) in greedy.items()
    }
    return {who: {"curve": curve(episodes, steps, every), "tasks": tasks}}


def in_the_end(task: str, episodes: Sequence[Episode]) -> dict[str, float]:
    """Success, and reward per step over the optimum's, in the last episodes of a task."""
    last = [episode for episode in episodes if episode.task == task][-LAST:]
    rate = float(np.mean([episode.reward / episode.length for episode in last]))
    return {
        "rate": rate / optimum(task).rate,
        "success": float(np.mean([episode.reward > 0 for episode in last])),
        "best_success": optimum(task).reward,
    }
